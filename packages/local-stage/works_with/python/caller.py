"""What each framework's application returns, and where both kinds of API put the caller's claims."""

BYTES = bytes(range(256))
ORIGIN = "http://localhost:5173"


def find_username(event):
    """Return the caller's name from an event of a REST API or of an HTTP API."""
    authorizer = event["requestContext"]["authorizer"]
    return authorizer.get("jwt", authorizer)["claims"]["cognito:username"]


def describe(event, path, tags):
    """Return what `GET /NAME/caller` responds with: who calls, the path and the query as the framework has them."""
    return {"caller": find_username(event), "path": path, "tags": list(tags)}
