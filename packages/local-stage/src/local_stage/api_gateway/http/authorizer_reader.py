"""Reads the authorizers of an HTTP API from the security schemes of its document.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-authorizer.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from local_stage.api_gateway.authorizers.iam import IamAuthorizerSettings
from local_stage.api_gateway.authorizers.jwt import JwtAuthorizerSettings
from local_stage.api_gateway.authorizers.jwt_checks import TokenSource
from local_stage.api_gateway.http.event import FORMAT_1, FORMAT_2
from local_stage.api_gateway.http.identity_source import HttpIdentitySource
from local_stage.api_gateway.http.lambda_authorizer import HttpLambdaAuthorizerSettings
from local_stage.api_gateway.http.lambda_integration import find_function_arn
from local_stage.api_gateway.security_schemes import AUTHORIZER, AUTHTYPE, read_lifetime
from local_stage.api_gateway.template_part import TemplatePart
from local_stage.cloudformation.unknown import Unknown, find_unknown
from local_stage.errors import NotRun

type HttpAuthorizerSettings = JwtAuthorizerSettings | HttpLambdaAuthorizerSettings | IamAuthorizerSettings

_MOST_AUDIENCES: Final = 50
"""https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html"""
_SCHEME_KEYS: Final = frozenset(
    {"type", "name", "in", "description", "flows", "openIdConnectUrl", AUTHORIZER, AUTHTYPE}
)
_JWT_KEYS: Final = frozenset({"type", "jwtConfiguration", "identitySource"})
_LAMBDA_KEYS: Final = frozenset(
    {
        "type", "authorizerCredentials", "authorizerPayloadFormatVersion", "authorizerResultTtlInSeconds",
        "authorizerUri", "enableSimpleResponses", "identitySource",
    }
)  # fmt: skip


def find_kind(scheme: TemplatePart) -> str:
    """Return the kind of a security scheme in lower case: `jwt`, `request`, `awssigv4`, or nothing."""
    kind = scheme[AUTHORIZER]["type"] or scheme[AUTHTYPE]
    return kind.text().lower() if kind else ""


def close_authorizer(name: str, unknown: Unknown) -> JwtAuthorizerSettings:
    """Return an authorizer that lets nobody in, also where a pool stands in for an issuer."""
    why = f"it depends on what is not known: {unknown.reason}"
    return JwtAuthorizerSettings(name, f"<{unknown.reason}>", (), closed_because=why)


def read_jwt_scheme(name: str, scheme: TemplatePart) -> JwtAuthorizerSettings:
    """Read the security scheme of a JWT authorizer. Raises TemplateError for what cannot be enforced.

    A local pool may stand in for an issuer that is not known, and its app client for the audience then. What
    else is not known closes the authorizer.
    """
    authorizer = scheme[AUTHORIZER]
    configuration = authorizer["jwtConfiguration"]
    issuer = configuration.value.get("issuer") if isinstance(configuration.value, Mapping) else None
    decisive = [
        {key: value for key, value in scheme.mapping().items() if key != AUTHORIZER},
        {key: value for key, value in authorizer.mapping().items() if key != "jwtConfiguration"},
        None if isinstance(issuer, Unknown) else configuration.value,
    ]
    if unknown := find_unknown(decisive):
        return close_authorizer(name, unknown)
    scheme.refuse_unknown(_SCHEME_KEYS, "a JWT authorizer's security scheme")
    authorizer.refuse_unknown(_JWT_KEYS, "a JWT authorizer")
    if isinstance(issuer, Unknown):
        source = _read_token_source(authorizer["identitySource"], ("Auth", "Authorizers", name))
        return JwtAuthorizerSettings(name, f"<{issuer.reason}>", (), source)
    configuration.refuse_unknown({"issuer", "audience"}, "a JwtConfiguration")
    return _read_jwt_authorizer(name, authorizer)


def read_lambda_scheme(name: str, scheme: TemplatePart) -> HttpLambdaAuthorizerSettings:
    """Read the security scheme of a Lambda authorizer. Raises TemplateError for what AWS does not take.

    One of which anything is not known has a function that does not exist: nobody is let in.
    """
    if unknown := find_unknown(scheme.value):
        return HttpLambdaAuthorizerSettings(name, f"<{unknown.reason}>")
    scheme.refuse_unknown(_SCHEME_KEYS, "a Lambda authorizer's security scheme")
    scheme[AUTHORIZER].refuse_unknown(_LAMBDA_KEYS, "a Lambda authorizer")
    return _read_lambda_authorizer(name, scheme[AUTHORIZER])


def _read_jwt_authorizer(name: str, authorizer: TemplatePart) -> JwtAuthorizerSettings:
    where = ("Auth", "Authorizers", name)
    issuer, audience = (authorizer["jwtConfiguration"][key] for key in ("issuer", "audience"))
    if not issuer or not issuer.text():
        raise issuer.refusal("names no issuer", (*where, "JwtConfiguration", "issuer"))
    audiences = _read_list(audience)
    if not audiences or len(audiences) > _MOST_AUDIENCES:
        why = f"has to name 1 to {_MOST_AUDIENCES} audiences, such as the ids of app clients"
        raise audience.refusal(why, (*where, "JwtConfiguration", "audience"))
    source = _read_token_source(authorizer["identitySource"], where)
    return JwtAuthorizerSettings(name, issuer.text(), audiences, source)


def _read_lambda_authorizer(name: str, authorizer: TemplatePart) -> HttpLambdaAuthorizerSettings:
    """Read a Lambda authorizer. Raises TemplateError for what AWS does not take.

    Without a lifetime nothing is kept (unverified), nor without an identity source: AWS asks for one. Simple
    responses are of format 2.0 alone: with format 1.0 the function has to return a policy.
    """
    where = ("Auth", "Authorizers", name)
    uri = authorizer["authorizerUri"]
    if not uri:
        raise uri.refusal("names no function", (*where, "FunctionArn"))
    sources = tuple(_read_sources(authorizer["identitySource"], where))
    payload_format = _read_format(authorizer["authorizerPayloadFormatVersion"], where)
    return HttpLambdaAuthorizerSettings(
        name,
        find_function_arn(uri.text()) or uri.text(),
        sources,
        read_lifetime(name, authorizer["authorizerResultTtlInSeconds"], 0) if sources else 0,
        payload_format,
        payload_format == FORMAT_2 and authorizer["enableSimpleResponses"].boolean(),
        bool(authorizer["authorizerCredentials"]),
    )


def find_lambda_not_run(name: str, authorizer: TemplatePart) -> Iterator[NotRun]:
    """Yield what of a Lambda authorizer has no effect, or lets nobody in; nothing of one that is closed."""
    if find_unknown(authorizer.value):
        return
    where = ("Auth", "Authorizers", name)
    if credentials := authorizer["authorizerCredentials"]:
        yield credentials.not_run("the function is invoked without assuming a role")
    identity, lifetime = authorizer["identitySource"], authorizer["authorizerResultTtlInSeconds"]
    sources = tuple(_read_sources(identity, where))
    for source in sources:
        if not source.is_ever_there:
            why = f"no request has $context.{source.name} before it is authorized, so that nobody is let in"
            yield identity.not_run(why, (*where, "Identity", "Context"))
    if not sources and read_lifetime(name, lifetime, 0):
        why = "nothing is kept without an identity source, and AWS would not take it: name one, or set 0"
        yield lifetime.not_run(why, (*where, "Identity", "ReauthorizeEvery"))
    simple, payload_format = authorizer["enableSimpleResponses"], authorizer["authorizerPayloadFormatVersion"]
    if simple.boolean() and _read_format(payload_format, where) == FORMAT_1:
        why = "format 1.0 has no simple responses, and a policy is asked for; take format 2.0"
        yield simple.not_run(why, (*where, "EnableSimpleResponses"))


def _read_sources(part: TemplatePart, where: tuple[str, ...]) -> Iterator[HttpIdentitySource]:
    for expression in _read_list(part):
        try:
            yield HttpIdentitySource.parse(expression)
        except ValueError:
            why = f"{expression!a} is no identity source of an HTTP API, such as $request.header.NAME"
            raise part.refusal(why, (*where, "Identity")) from None


def _read_format(part: TemplatePart, where: tuple[str, ...]) -> str:
    """Return the format, which SAM leaves a number where the template has one."""
    text = part.text() if part else ""
    if text not in {FORMAT_1, FORMAT_2}:
        why = f"has to be '{FORMAT_1}' or '{FORMAT_2}'"
        raise part.refusal(why, (*where, "AuthorizerPayloadFormatVersion"))
    return text


def _read_token_source(part: TemplatePart, where: tuple[str, ...]) -> TokenSource:
    expressions = _read_list(part)
    source = TokenSource.parse(expressions[0]) if len(expressions) == 1 else None
    if source is None:
        why = "has to be one $request.header.NAME or $request.querystring.NAME"
        raise part.refusal(why, (*where, "IdentitySource"))
    return source


def _read_list(part: TemplatePart) -> tuple[str, ...]:
    """Return what the document has as a text or as a list of texts; a text may hold several, by commas."""
    if isinstance(part.value, str):
        return tuple(text for one in part.value.split(",") if (text := one.strip()))
    return tuple(element.text() for element in part.elements())
