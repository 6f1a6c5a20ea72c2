from chalice import Chalice, CORSConfig, Response

from caller import BYTES, ORIGIN, describe

app = handler = Chalice(app_name="works-with")
app.api.binary_types = ["application/octet-stream"]
CORS = CORSConfig(allow_origin=ORIGIN)


# A request without a content type counts as JSON, a GET too.
@app.route(
    "/chalice/{proxy+}",
    methods=["GET", "POST"],
    content_types=["application/json", "application/octet-stream"],
    cors=CORS,
)
def every(proxy=None):
    """Chalice names its routes as API Gateway does, and so has the one that the template has."""
    request = app.current_request
    match app.current_request.uri_params["proxy"]:
        case "caller":
            event = request.to_original_event()
            return describe(event, event["path"], request.query_params.getlist("tag"))
        case "cookies":
            sent = dict(pair.split("=") for pair in request.headers.get("cookie", "").split("; "))
            return Response(sent, headers={"Set-Cookie": ["first=1", "second=2"]})
        case "binary":
            return Response(BYTES, headers={"Content-Type": "application/octet-stream"})
        case _:
            return len(request.raw_body)
