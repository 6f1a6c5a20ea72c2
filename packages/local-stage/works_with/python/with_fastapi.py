from typing import Annotated

from fastapi import APIRouter, FastAPI, Query, Request, Response
from fastapi.middleware.cors import CORSMiddleware
from mangum import Mangum

from caller import BYTES, ORIGIN, describe

router = APIRouter(prefix="/fastapi")


@router.get("/caller")
def caller(request: Request, tag: Annotated[list[str], Query()]):
    return describe(request.scope["aws.event"], request.url.path, tag)


@router.get("/cookies")
def cookies(request: Request, response: Response):
    response.set_cookie("first", "1")
    response.set_cookie("second", "2")
    return request.cookies


@router.get("/binary")
def binary():
    return Response(BYTES, media_type="application/octet-stream")


@router.post("/length")
async def length(request: Request):
    return len(await request.body())


app = FastAPI()
app.include_router(router)
app.add_middleware(CORSMiddleware, allow_origins=[ORIGIN], allow_headers=["Authorization"])
handler = Mangum(app, lifespan="off")
