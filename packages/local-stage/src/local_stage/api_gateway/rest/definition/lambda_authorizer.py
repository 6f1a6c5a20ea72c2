"""Reads a Lambda authorizer of a REST API.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-authorizer.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from local_stage.api_gateway.authorizers.identity_source import IdentitySource, compile_expression
from local_stage.api_gateway.authorizers.lambda_authorizer import DEFAULT_LIFETIME, LambdaAuthorizerSettings
from local_stage.api_gateway.integrations.lambda_proxy import read_function_arn
from local_stage.api_gateway.security_schemes import AUTHORIZER, AUTHTYPE, read_lifetime
from local_stage.api_gateway.template_part import TemplatePart
from local_stage.cloudformation.unknown import find_unknown
from local_stage.errors import NotRun

KINDS: Final = frozenset({"request", "token"})
"""The types of Lambda authorizers, in lower case."""

_SCHEME_KEYS: Final = frozenset({"type", "name", "in", "description", AUTHORIZER, AUTHTYPE})
_AUTHORIZER_KEYS: Final = frozenset(
    {
        "authorizerCredentials", "authorizerResultTtlInSeconds", "authorizerUri", "identitySource",
        "identityValidationExpression", "type",
    }
)  # fmt: skip
_HEADER_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


def read_lambda_authorizer(name: str, scheme: TemplatePart) -> LambdaAuthorizerSettings:
    """Read the security scheme of a Lambda authorizer. Raises StartError for what cannot be enforced.

    One of which anything is not known has a function that does not exist: nobody is let in.
    """
    if unknown := find_unknown(scheme.value):
        nowhere = f"<{unknown.reason}>"
        source = IdentitySource("header", "Authorization")
        return LambdaAuthorizerSettings(name, nowhere, "TOKEN", (source,), lifetime=0)
    scheme.refuse_unknown(_SCHEME_KEYS, "a Lambda authorizer's security scheme")
    authorizer = scheme[AUTHORIZER]
    authorizer.refuse_unknown(_AUTHORIZER_KEYS, "a Lambda authorizer")
    if scheme[AUTHTYPE] and scheme[AUTHTYPE].text().lower() != "custom":
        raise scheme[AUTHTYPE].refusal(f"contradicts {AUTHORIZER}, which is that of a Lambda authorizer")
    is_token = authorizer["type"].text().lower() == "token"
    if is_token:
        sources: tuple[IdentitySource, ...] = (
            IdentitySource("header", read_header_source(name, scheme, "TOKEN")),
        )
    else:
        sources = tuple(_read_sources(name, authorizer))
    lifetime = read_lifetime(name, authorizer["authorizerResultTtlInSeconds"], DEFAULT_LIFETIME)
    if lifetime and not sources:
        why = "without an identity source one caller's result would be kept for all; name one, or set 0"
        raise authorizer.refusal(why, ("Auth", "Authorizers", name, "Identity", "ReauthorizeEvery"))
    return LambdaAuthorizerSettings(
        name=name,
        function_arn=read_function_arn(authorizer["authorizerUri"]),
        kind="TOKEN" if is_token else "REQUEST",
        sources=sources,
        lifetime=lifetime,
        validation_expression=_read_expression(name, authorizer, is_token=is_token),
    )


def find_lambda_authorizer_not_run(scheme: TemplatePart) -> Iterator[NotRun]:
    """Yield what of a Lambda authorizer has no effect, or lets nobody in; nothing of one that is closed."""
    if find_unknown(scheme.value):
        return
    if credentials := scheme[AUTHORIZER]["authorizerCredentials"]:
        yield credentials.not_run("the function is invoked without assuming a role")
    if scheme[AUTHORIZER]["type"].text().lower() == "token":
        return
    for source in _read_sources("", scheme[AUTHORIZER]):
        if not source.is_ever_there:
            why = f"no request has $context.{source.name} before it is authorized, so that nobody is let in"
            yield scheme[AUTHORIZER]["identitySource"].not_run(why)


def read_header_source(name: str, scheme: TemplatePart, kind: str) -> str:
    """Return the header that carries the token of an authorizer of this kind: the scheme's name is its own.

    Raises StartError for a token that would come from anywhere else.
    """
    property_path = ("Auth", "Authorizers", name, "Identity", "Header")
    if scheme["type"].value != "apiKey" or scheme["in"].value != "header":
        raise scheme.refusal(f"the token of a {kind} authorizer has to come in a header", property_path)
    header = scheme["name"].text()
    if not _HEADER_NAME.fullmatch(header):
        raise scheme["name"].refusal(f"{header!r} is no header name", property_path)
    source = scheme[AUTHORIZER]["identitySource"]
    if source and source.text().lower() != f"method.request.header.{header.lower()}":
        raise source.refusal(f"contradicts the scheme's name, which is {header}")
    return header


def _read_sources(name: str, authorizer: TemplatePart) -> Iterator[IdentitySource]:
    part = authorizer["identitySource"]
    if not part or not part.text().strip():
        return
    for expression in part.text().split(","):
        try:
            yield IdentitySource.parse(expression)
        except ValueError:
            raise part.refusal(
                f"{expression.strip()!a} is no identity source that is known here",
                ("Auth", "Authorizers", name, "Identity"),
            ) from None


def _read_expression(name: str, authorizer: TemplatePart, *, is_token: bool) -> re.Pattern[str] | None:
    """Return the expression that the whole token has to match; a part would let others in (unverified)."""
    part = authorizer["identityValidationExpression"]
    if not part:
        return None
    property_path = ("Auth", "Authorizers", name, "Identity", "ValidationExpression")
    if not is_token:
        raise part.refusal("only a TOKEN authorizer has a validation expression", property_path)
    try:
        return compile_expression(part.text())
    except ValueError as error:
        raise part.refusal(str(error), property_path) from None
