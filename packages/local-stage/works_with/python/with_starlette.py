from mangum import Mangum
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from caller import BYTES, ORIGIN, describe


async def caller(request):
    event = request.scope["aws.event"]
    return JSONResponse(describe(event, request.url.path, request.query_params.getlist("tag")))


async def cookies(request):
    response = JSONResponse(request.cookies)
    response.set_cookie("first", "1")
    response.set_cookie("second", "2")
    return response


async def binary(request):
    return Response(BYTES, media_type="application/octet-stream")


async def length(request):
    return JSONResponse(len(await request.body()))


routes = [Route("/caller", caller), Route("/cookies", cookies), Route("/binary", binary)]
routes.append(Route("/length", length, methods=["POST"]))
cors = Middleware(CORSMiddleware, allow_origins=[ORIGIN], allow_headers=["Authorization"])
handler = Mangum(Starlette(routes=[Mount("/starlette", routes=routes)], middleware=[cors]), lifespan="off")
