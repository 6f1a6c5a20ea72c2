"""What MiniStack's gateway lets pass although API Gateway would not, the function refuses by itself."""

from __future__ import annotations

import pytest

from tests.api.api_caller import ApiCaller
from tests.api.bad_authorizations import MAKE
from tests.api.callers import Callers
from tests.api.routes import ROUTES, Route
from tests.deploy.api.ministack_differences import TOKENS_LET_PASS


@pytest.mark.parametrize("token", TOKENS_LET_PASS)
@pytest.mark.parametrize("route", [route for route in ROUTES if route.kind == "id"], ids=str)
def test_the_function_refuses_the_wrong_kind_of_token(
    api: ApiCaller, callers: Callers, route: Route, token: str
) -> None:
    response = api.send(route.method, route.path, MAKE[token](callers, route))
    assert (response.status_code, response.json()) == (401, {"statusCode": 401, "message": "Unauthorized"})
