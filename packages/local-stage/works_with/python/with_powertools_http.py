import base64

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, CORSConfig, Response
from aws_lambda_powertools.shared.cookies import Cookie

from caller import BYTES, ORIGIN, describe

app = APIGatewayHttpResolver(cors=CORSConfig(allow_origin=ORIGIN))


@app.get("/powertools-http/caller")
def caller():
    event = app.current_event
    return describe(event.raw_event, event.path, event.resolved_query_string_parameters.get("tag", []))


@app.get("/powertools-http/cookies")
def cookies():
    sent = app.current_event.raw_event.get("cookies") or app.current_event.headers["cookie"].split("; ")
    made = [Cookie("first", "1", secure=False), Cookie("second", "2", secure=False)]
    return Response(200, "application/json", dict(pair.split("=") for pair in sent), cookies=made)


@app.get("/powertools-http/binary")
def binary():
    return Response(200, "application/octet-stream", BYTES)


@app.post("/powertools-http/length")
def length():
    event = app.current_event
    return len(base64.b64decode(event.body)) if event.is_base64_encoded else len(event.body.encode())


handler = app
