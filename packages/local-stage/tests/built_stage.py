"""What a stage is built to, made without a template, a function's process or a local AWS."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from local_stage.api_gateway.api import Api, Gateway, Surroundings
from local_stage.api_gateway.integrations.lambda_proxy import LambdaProxyIntegration
from local_stage.api_gateway.rest.rest_api import Method, Resource, RestApi
from local_stage.api_gateway.rest.stage import Stage
from local_stage.cognito.directory.sign_in_offer import SignInOffer
from local_stage.deployment.deployment import Deployment
from local_stage.deployment.served_api import ServedApi
from local_stage.errors import NotRunLocally
from local_stage.serving.stage_builder import BuiltStage
from local_stage.state import RunningApi, RunningStage

PORT: Final = 3000


def build_stage(
    path: str = "/hello",
    *,
    outputs: Mapping[str, str] | None = None,
    sign_in: SignInOffer | None = None,
    authorizers: Sequence[dict[str, Any]] = (),
    api: Api | None = None,
) -> BuiltStage:
    """Return a stage with one route on port 3000, or with `api` there to respond."""
    method = Method("GET", LambdaProxyIntegration("arn:aws:lambda:eu-west-1:123456789012:function:hello"))
    rest_api = RestApi(
        "HelloApi", "a1b2c3d4e5", "hello", "dev", "dep1", (Resource("r", path, {"GET": method}),)
    )
    surroundings = Surroundings(
        "123456789012", "eu-west-1", "a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com", 3000
    )
    return BuiltStage(
        Gateway({PORT: api or Stage(rest_api, {}, {}, surroundings, record=lambda _: None)}),
        Deployment((rest_api,), {}, outputs or {}, frozenset(), NotRunLocally({})),
        RunningStage(
            pid=1,
            api_url="http://127.0.0.1:3000/dev",
            aws_endpoint_url="http://127.0.0.1:4566",
            region="eu-west-1",
            stack_name="hello",
            template="/project/template.yaml",
            apis=(RunningApi("HelloApi", "dev", "http://127.0.0.1:3000/dev", [*authorizers]),),
        ),
        (ServedApi(rest_api, PORT, "http://127.0.0.1:3000", {}, sign_in),),
    )
