from litestar import Litestar, Request, Response, get, post
from litestar.config.cors import CORSConfig
from litestar.datastructures import Cookie
from mangum import Mangum

from caller import BYTES, ORIGIN, describe


@get("/litestar/caller")
async def caller(request: Request) -> dict:
    return describe(request.scope["aws.event"], request.url.path, request.query_params.getall("tag"))


@get("/litestar/cookies")
async def cookies(request: Request) -> Response[dict]:
    return Response(request.cookies, cookies=[Cookie("first", value="1"), Cookie("second", value="2")])


@get("/litestar/binary", media_type="application/octet-stream")
async def binary() -> bytes:
    return BYTES


@post("/litestar/length", status_code=200)
async def length(request: Request) -> Response[int]:
    return Response(len(await request.body()))


app = Litestar([caller, cookies, binary, length], cors_config=CORSConfig(allow_origins=[ORIGIN]))
handler = Mangum(app, lifespan="off")
