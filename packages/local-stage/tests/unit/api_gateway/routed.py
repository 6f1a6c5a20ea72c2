"""Resources that answer nothing in particular, and which of them a request reaches."""

from __future__ import annotations

from local_stage.api_gateway.integrations.mock import MockIntegration
from local_stage.api_gateway.rest.rest_api import Method, Resource
from local_stage.api_gateway.rest.router import Router


def resource(path: str, *verbs: str) -> Resource:
    """Return a resource whose methods answer nothing in particular."""
    return Resource(path, path, {verb: Method(verb, MockIntegration(200)) for verb in verbs})


def reach(router: Router, http_method: str, path: str) -> str | None:
    """Return the path of the resource that a request reaches and its method's verb, or None."""
    match = router.match(http_method, path)
    return None if match is None else f"{match.method.http_method} {match.resource.path}"
