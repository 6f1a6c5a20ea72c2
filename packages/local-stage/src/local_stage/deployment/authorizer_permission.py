"""Whether API Gateway may invoke the function of an HTTP API's Lambda authorizer on AWS.

SAM gives the permission for the authorizers of REST APIs only. Without it, and without a role, AWS answers
500: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any, Final

from local_stage.api_gateway.http.http_api import HttpApi
from local_stage.api_gateway.http.lambda_authorizer import HttpLambdaAuthorizerSettings
from local_stage.deployment.target import ACCOUNT_ID, Target
from local_stage.errors import NotRun

PERMISSION: Final = "AWS::Lambda::Permission"
_SERVICE: Final = "apigateway.amazonaws.com"
_WHY: Final = (
    "AWS answers 500 to every call, since nothing lets API Gateway invoke the function; here it is asked:"
    " set EnableFunctionDefaultPermissions: true or FunctionInvokeRole, or add an AWS::Lambda::Permission"
)


def find_not_permitted(
    http_api: HttpApi, permissions: Sequence[Mapping[str, Any]], target: Target
) -> Iterator[NotRun]:
    """Yield the authorizers that work here and not on AWS; `permissions` are the properties of each.

    A permission of which anything is not known counts as one.
    """
    here = f"arn:aws:execute-api:{target.region}:{ACCOUNT_ID}:{http_api.api_id}/authorizers/"
    for settings in http_api.lambda_authorizers:
        if not settings.has_invoke_role and not any(_permits(one, settings, here) for one in permissions):
            yield NotRun(http_api.logical_id, _WHY, f"Auth.Authorizers.{settings.name}")


def _permits(permission: Mapping[str, Any], settings: HttpLambdaAuthorizerSettings, here: str) -> bool:
    function, source = permission.get("FunctionName"), permission.get("SourceArn", "*")
    if permission.get("Principal") != _SERVICE:
        return False
    if isinstance(function, str) and function != settings.function_arn:
        name = function.rpartition(":function:")[2]
        if settings.function_arn.rpartition(":function:")[2].partition(":")[0] != name:
            return False
    # An authorizer's id is another one here: every one of this API counts.
    return not isinstance(source, str) or source.startswith(here) or fnmatchcase(f"{here}a1b2c3", source)
