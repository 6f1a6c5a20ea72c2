"""Why the stage lets a token in or not, over HTTP: the explanation of `local-stage explain`."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from local_stage.api_gateway.http_message import HttpRequest, HttpResponse
from local_stage.console.console import Endpoints, answer_json, read_json
from local_stage.console.console_error import ConsoleError
from local_stage.console.served import FindServed
from local_stage.errors import StartError
from local_stage.explanation.call import explain_call
from local_stage.explanation.explain import ExplainedApi, explain_request
from local_stage.explanation.explanation import Explanation
from local_stage.explanation.pasted import read_pasted

PATH: Final = "/explain"


def explain_endpoints(find_served: FindServed, clock: Callable[[], float]) -> Endpoints:
    """Return what explains `{"token": "eyJ…", "route": "GET /hello"}`; the token may be null for none.

    The very authorizers of the stage decide, by its clock; no function is asked, and the token is kept
    nowhere.
    """

    async def explain(request: HttpRequest) -> HttpResponse:
        body = read_json(request)
        token, route = body.get("token"), body.get("route")
        if not isinstance(route, str) or not isinstance(token, str | None):
            raise ConsoleError(HTTPStatus.BAD_REQUEST, "send a route as GET /hello, and a token or null")
        served = find_served()
        deployment = served.deployment
        api = ExplainedApi(deployment.rest_api, served.authorizers, deployment.required_groups)

        async def explain_now(call: HttpRequest) -> Explanation:
            return await explain_request(api, call, now=clock())

        pasted = None if token is None else read_pasted(token)
        try:
            explanation = await explain_call(deployment.rest_api, route, pasted, explain_now)
        except StartError as error:
            raise ConsoleError(HTTPStatus.BAD_REQUEST, str(error)) from None
        return answer_json(explanation.to_json())

    return {("POST", PATH): explain}
