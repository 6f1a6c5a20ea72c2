"""A rule for Lambda authorizers: a policy that is kept has to suit every method that asks for it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Final

from cfn_lint_cognito.api import find_apis, first_text, members
from cfn_lint_cognito.api_method import find_methods
from cfn_lint_cognito.http_api import find_http_apis, find_http_routes
from cfn_lint_cognito.intrinsics import Intrinsics, referenced_id
from cfn_lint_cognito.possible_value import ABSENT, PossibleValue, read_number
from cfn_lint_cognito.rule import Finding, Rule
from cfn_lint_cognito.template import Resource, Template

_METHOD_ARN: Final = re.compile(
    r"""\bevent(?:\[\s*["'](?:methodArn|routeArn)["']\s*\]|\??\.(?:methodArn|routeArn))(?!\s*[\w.\[(?])"""
)
"""The ARN of the very call, taken whole."""
_WIDENED: Final = re.compile(r"""\.split\(|\.replace\(|\.sub\(|\.slice\(|[:/]\*["'`]|["'`]\*["'`]""")
"""What code does to make a wider resource of it."""
_ENDINGS: Final = (".py", ".js", ".mjs", ".cjs", ".ts", ".mts")
_LARGEST: Final = 200_000
"""Bytes of code that are read."""


def find_narrow_policies(template: Template) -> Iterator[Finding]:
    """Find Lambda authorizers whose result is kept for other methods than the one that it is for."""
    narrow = {
        resource.logical_id
        for resource in template.resources("AWS::Serverless::Function", "AWS::Lambda::Function")
        if _is_narrow(_read_code(resource, template.folder))
    }
    for name, authorizer, methods, intrinsics, is_kept in _find_authorizers(template) if narrow else ():
        for function in intrinsics.at(authorizer, "FunctionArn"):
            is_shared = len(methods) > 1 or any("{" in one or one.startswith("ANY") for one in methods)
            written = authorizer.value.get("FunctionArn")
            if is_kept and is_shared and referenced_id(written) in narrow:
                yield Finding(
                    function.path,
                    f"{name} keeps its result for every method, and its function allows the method of the "
                    "first call alone: allow them all in the policy, or set ReauthorizeEvery to 0",
                )


def _find_authorizers(
    template: Template,
) -> Iterator[tuple[str, PossibleValue, list[str], Intrinsics, bool]]:
    """Yield Lambda authorizers with the methods that they judge, and whether their results are kept."""
    for api in find_apis(template):
        if api.is_sam:
            for name, authorizer in _lambda_authorizers(api.place, api.intrinsics):
                methods = [
                    method.name
                    for method in find_methods(template, api)
                    if any(one.value == name for one in method.authorizers) and not method.is_preflight
                ]
                yield name, authorizer, methods, api.intrinsics, _is_kept(authorizer, api.intrinsics, 300)
    for http_api in find_http_apis(template):
        for name, authorizer in _lambda_authorizers(http_api.place, http_api.intrinsics):
            routes = [
                route.name
                for route in find_http_routes(template, http_api)
                if any(one.value == name for one in route.authorizers)
            ]
            kept = _is_kept(authorizer, http_api.intrinsics, 0)
            yield name, authorizer, routes, http_api.intrinsics, kept


def _lambda_authorizers(place: PossibleValue, intrinsics: Intrinsics) -> Iterator[tuple[str, PossibleValue]]:
    for name, authorizer in members(place, intrinsics, "Auth", "Authorizers"):
        for found in intrinsics.possible_values(authorizer):
            if isinstance(found.value, Mapping) and "FunctionArn" in found.value:
                yield name, found


def _is_kept(authorizer: PossibleValue, intrinsics: Intrinsics, default: int) -> bool:
    """Say whether results are kept for sure: what only the deployment tells is not judged."""
    lifetimes = [found.value for found in intrinsics.at(authorizer, "Identity", "ReauthorizeEvery")]
    return all((default if one is ABSENT else read_number(one) or 0) > 0 for one in lifetimes)


def _is_narrow(code: str) -> bool:
    return _METHOD_ARN.search(code) is not None and _WIDENED.search(code) is None


def _read_code(function: Resource, folder: Path | None) -> str:
    """Return the source of a function's handler: of its template, or of a file beside it; else nothing."""
    inline, handler, uri = (
        first_text(function.place, function.intrinsics, "Properties", name)
        for name in ("InlineCode", "Handler", "CodeUri")
    )
    if inline or folder is None or "://" in uri or not handler:
        return inline or first_text(function.place, function.intrinsics, "Properties", "Code", "ZipFile")
    module = PurePosixPath(uri or ".") / handler.rpartition(".")[0]
    for ending in _ENDINGS:
        try:
            file = folder / f"{module}{ending}"
            if file.is_file() and file.stat().st_size <= _LARGEST:
                return file.read_text(encoding="utf-8", errors="replace")
        except (OSError, ValueError):
            return ""
    return ""


RULES: Final = (
    Rule(
        id="W9553",
        title="A Lambda authorizer's policy is as wide as its cache",
        why=(
            "The result is kept by the caller's token and not by the method: a policy for the first method "
            "alone refuses the same caller's next one with 403, until it expires."
        ),
        looks_at=(
            "Identity.ReauthorizeEvery (300 seconds by default in AWS::Serverless::Api, 0 in "
            "AWS::Serverless::HttpApi) of authorizers with FunctionArn that judge several methods, and the "
            "code of their functions, in the template or beside it: whether it allows event.methodArn as it "
            "stands"
        ),
        source="https://docs.aws.amazon.com/apigateway/latest/developerguide/configure-api-gateway-lambda-authorization.html",
        find=find_narrow_policies,
    ),
)
