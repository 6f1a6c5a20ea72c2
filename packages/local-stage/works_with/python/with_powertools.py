import base64

from aws_lambda_powertools.event_handler import (
    APIGatewayHttpResolver,
    APIGatewayRestResolver,
    CORSConfig,
    Response,
)
from aws_lambda_powertools.event_handler.router import Router
from aws_lambda_powertools.shared.cookies import Cookie

from caller import BYTES, ORIGIN, describe

router = Router()


@router.get("/caller")
def caller():
    event = router.current_event
    return describe(event.raw_event, event.path, event.resolved_query_string_parameters.get("tag", []))


@router.get("/cookies")
def cookies():
    event = router.current_event
    sent = event.raw_event.get("cookies") or event.headers["cookie"].split("; ")
    made = [Cookie("first", "1", secure=False), Cookie("second", "2", secure=False)]
    return Response(200, "application/json", dict(pair.split("=") for pair in sent), cookies=made)


@router.get("/binary")
def binary():
    return Response(200, "application/octet-stream", BYTES)


@router.post("/length")
def length():
    event = router.current_event
    return len(base64.b64decode(event.body)) if event.is_base64_encoded else len(event.body.encode())


rest = APIGatewayRestResolver(cors=CORSConfig(allow_origin=ORIGIN))
rest.include_router(router, prefix="/powertools-rest")
http = APIGatewayHttpResolver(cors=CORSConfig(allow_origin=ORIGIN))
http.include_router(router, prefix="/powertools-http")
