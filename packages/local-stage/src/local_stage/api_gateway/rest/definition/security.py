"""Who may call an operation: its `security`, and the authorizer that this names.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-authorizer.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, Final, NamedTuple

from local_stage.api_gateway.authorizers.cognito import CognitoAuthorizerSettings
from local_stage.api_gateway.authorizers.iam import IamAuthorizerSettings
from local_stage.api_gateway.authorizers.lambda_authorizer import LambdaAuthorizerSettings
from local_stage.api_gateway.rest.definition.lambda_authorizer import (
    KINDS,
    find_lambda_authorizer_not_run,
    read_header_source,
    read_lambda_authorizer,
)
from local_stage.api_gateway.rest.rest_api import AuthorizerSettings
from local_stage.api_gateway.security_schemes import AUTHORIZER, AUTHTYPE, describe, find_place, read_scopes
from local_stage.api_gateway.template_part import TemplatePart
from local_stage.api_gateway.unplaced_route import find_hidden, find_unplaced_in
from local_stage.cloudformation.unknown import Unknown, find_unknown
from local_stage.errors import NotRun, StartError

API_KEY_HEADER: Final = "x-api-key"
_COGNITO: Final = "cognito_user_pools"
_SCHEME_KEYS: Final = frozenset({"type", "name", "in", "description", AUTHORIZER, AUTHTYPE})
_AUTHORIZER_KEYS: Final = frozenset(
    {"type", "providerARNs", "identitySource", "identityValidationExpression", "authorizerResultTtlInSeconds"}
)


class Security(NamedTuple):
    """What opens an operation: the authorizer's name, None for none, and the scopes that it asks for."""

    authorizer: str | None = None
    scopes: tuple[str, ...] = ()
    api_key_required: bool = False


class SecuritySchemes:
    """The security schemes of a document; `authorizers` holds those that the stage enforces, by name.

    A scheme that cannot be enforced is refused where an operation asks for it; one that no operation asks for
    decides nothing. A Lambda authorizer is among the authorizers as soon as an operation asks for it. What
    depends on a value that is not known closes the operations, whatever pool is named at start. A user pool
    that is not known itself is one that does not exist.
    """

    def __init__(self, document: TemplatePart) -> None:
        self._unplaced = [*document.api.unplaced, *find_unplaced_in(document.mapping())]
        self._schemes = dict(document["securityDefinitions"].items())
        self._schemes.update(document["components"]["securitySchemes"].items())
        self.authorizers: dict[str, AuthorizerSettings] = {
            name: _read_authorizer(name, scheme)
            for name, scheme in self._schemes.items()
            if _authorizer_type(scheme) == _COGNITO
        }

    def find_not_run(self) -> Iterator[NotRun]:
        """Yield the settings of the authorizers that have no effect here."""
        for name in self.authorizers.keys() & self._schemes.keys():
            scheme = self._schemes[name]
            if isinstance(self.authorizers[name], LambdaAuthorizerSettings):
                yield from find_lambda_authorizer_not_run(scheme)
                continue
            if isinstance(self.authorizers[name], IamAuthorizerSettings):
                continue
            lifetime = scheme[AUTHORIZER]["authorizerResultTtlInSeconds"]
            if lifetime and lifetime.number():
                yield lifetime.not_run("every request is authorized anew; results are not kept")

    def read_security(self, operation: TemplatePart) -> Security:
        """Return what opens an operation, which is nothing if anybody may call it.

        Raises StartError for whatever of it the stage cannot enforce: several authorizers, IAM, and schemes
        that are not defined.
        """
        security = self._read_written(operation)
        if security.authorizer is None and (unknown := find_hidden(self._unplaced, *find_place(operation))):
            return self._close(operation, unknown)
        return security

    def _read_written(self, operation: TemplatePart) -> Security:
        if "security" in operation.mapping() and not operation["security"]:
            raise operation["security"].refusal("is empty; write [] where anybody may call")
        if unknown := find_unknown(operation["security"].value):
            return self._close(operation, unknown)
        requirements = self._take_opt_out([*_find_distinct(operation["security"].elements())])
        if not requirements:
            return Security()
        # API Gateway asks for all that are listed, though OpenAPI means any one of them.
        named = [(str(name), requirement) for requirement in requirements for name in requirement.mapping()]
        others = [(name, requirement) for name, requirement in named if not self._is_api_key(name)]
        for name, requirement in others:
            self._check_enforced(name, requirement, operation)
        if len(others) > 1 or not all(requirement.mapping() for requirement in requirements):
            why = "several authorizers at once, or none of them, cannot be enforced; name one security scheme"
            raise operation["security"].refusal(why)
        asks_for_key = len(others) < len(named)
        if not others:
            return Security(api_key_required=asks_for_key)
        ((name, requirement),) = others
        scopes = read_scopes(requirement[name])
        # Scopes mean nothing to a Lambda authorizer, and SAM lets them through.
        is_cognito = isinstance(self.authorizers[name], CognitoAuthorizerSettings)
        return Security(name, scopes if is_cognito else (), asks_for_key)

    def _is_api_key(self, name: str) -> bool:
        """Say whether a scheme is that of API keys, which API Gateway knows by the header x-api-key."""
        scheme = self._schemes.get(name)
        if scheme is None or scheme[AUTHORIZER] or scheme[AUTHTYPE] or scheme["type"].value != "apiKey":
            return False
        header = scheme["name"].value
        return scheme["in"].value == "header" and isinstance(header, str) and header.lower() == API_KEY_HEADER

    def _close(self, operation: TemplatePart, unknown: Unknown) -> Security:
        """Return the name of an authorizer that lets nobody call an operation, and no scopes."""
        caller = describe(operation)
        self.authorizers[caller] = _close_authorizer(caller, unknown)
        return Security(caller)

    def _take_opt_out(self, requirements: list[TemplatePart]) -> list[TemplatePart]:
        """Return the requirements of `Authorizer: NONE` on an event: that of an API key, or none.

        SAM writes a scheme that does not exist for it.
        """
        others = [one for one in requirements if one.value != {"NONE": []}]
        names = [str(name) for one in others for name in one.mapping()]
        return requirements if "NONE" in self._schemes or not all(map(self._is_api_key, names)) else others

    def _check_enforced(self, name: str, requirement: TemplatePart, operation: TemplatePart) -> None:
        if name in self.authorizers:
            return
        if name not in self._schemes:
            why = f"{describe(operation)} asks for the security scheme {name}, which is not defined"
            raise requirement.refusal(why, ("Auth", "Authorizers", name))
        if _authorizer_type(self._schemes[name]) in KINDS:
            self.authorizers[name] = read_lambda_authorizer(name, self._schemes[name])
            return
        if _authtype(self._schemes[name]) == "awssigv4":
            self.authorizers[name] = IamAuthorizerSettings(name)
            return
        raise _refuse_scheme(name, self._schemes[name], describe(operation))


def _find_distinct(requirements: Iterable[TemplatePart]) -> Iterator[TemplatePart]:
    """Yield each requirement once: SAM writes that of an event with OverrideApiAuth twice."""
    found: list[Any] = []
    for requirement in requirements:
        if requirement.value not in found:
            found.append(requirement.value)
            yield requirement


def find_ignored_security(document: TemplatePart, operations: Iterable[TemplatePart]) -> Iterator[NotRun]:
    """Yield that security of the whole document counts for nothing where an operation has none.

    A developer of AWS: https://github.com/amazon-archives/aws-apigateway-importer/issues/204
    """
    for operation in operations if document["security"].value else ():
        if "security" not in operation.mapping():
            why = (
                "API Gateway ignores security that stands for the whole document, so that anybody may"
                f" call {describe(operation)}, here and on AWS; write it for the operation"
            )
            yield replace(document["security"].not_run(why), is_warned_of=True)


def _refuse_scheme(name: str, scheme: TemplatePart, caller: str) -> StartError:
    why = f"{caller} asks for it, and it is no authorizer that is known here: it cannot be enforced locally"
    return scheme.refusal(why, ("Auth", "Authorizers", name))


def _authorizer_type(scheme: TemplatePart) -> str:
    kind = scheme[AUTHORIZER]["type"]
    return kind.text().lower() if kind else ""


def _authtype(scheme: TemplatePart) -> str:
    return scheme[AUTHTYPE].text().lower() if scheme[AUTHTYPE] else ""


def _name_unknown_pool(unknown: Unknown) -> str:
    """Return what stands for a user pool that is not known: no pool's ARN has brackets."""
    return f"<{unknown.reason}>"


def _close_authorizer(name: str, unknown: Unknown) -> CognitoAuthorizerSettings:
    """Return an authorizer that lets nobody in, also where a pool is named to stand in for another."""
    return CognitoAuthorizerSettings(
        name,
        (_name_unknown_pool(unknown),),
        closed_because=f"it depends on what is not known: {unknown.reason}",
    )


def _read_authorizer(name: str, scheme: TemplatePart) -> CognitoAuthorizerSettings:
    if unknown := find_unknown({key: part.value for key, part in scheme.items() if key != AUTHORIZER}):
        return _close_authorizer(name, unknown)
    for key, part in scheme[AUTHORIZER].items():
        if key not in {"providerARNs", "authorizerResultTtlInSeconds"} and (
            unknown := find_unknown(part.value)
        ):
            return _close_authorizer(name, unknown)
    scheme.refuse_unknown(_SCHEME_KEYS, "a Cognito authorizer's security scheme")
    scheme[AUTHORIZER].refuse_unknown(_AUTHORIZER_KEYS, "a Cognito authorizer")
    if _authtype(scheme) not in {"", _COGNITO}:
        raise scheme[AUTHTYPE].refusal(f"contradicts {AUTHORIZER}, which is of type {_COGNITO}")
    return CognitoAuthorizerSettings(
        name=name,
        user_pool_arns=_read_user_pool_arns(name, scheme[AUTHORIZER]["providerARNs"]),
        identity_source=read_header_source(name, scheme, "Cognito"),
        validation_expression=_read_validation_expression(name, scheme[AUTHORIZER]),
    )


def _read_user_pool_arns(name: str, part: TemplatePart) -> tuple[str, ...]:
    property_path = ("Auth", "Authorizers", name, "UserPoolArn")
    if isinstance(part.value, Unknown):
        return (_name_unknown_pool(part.value),)
    arns = tuple(
        _name_unknown_pool(arn.value) if isinstance(arn.value, Unknown) else arn.value
        for arn in part.elements()
    )
    if not arns:
        raise part.refusal("names no user pool", property_path)
    for arn in arns:
        # A text that is no ARN closes the authorizer: CognitoAuthorizer.closed.
        if not isinstance(arn, str):
            raise part.refusal(f"{arn!r} is no user pool's ARN", property_path)
    return arns


def _read_validation_expression(name: str, authorizer: TemplatePart) -> str | None:
    part = authorizer["identityValidationExpression"]
    if not part:
        return None
    try:
        re.compile(part.text())
    except re.error as error:
        property_path = ("Auth", "Authorizers", name, "Identity", "ValidationExpression")
        raise part.refusal(f"{part.text()!r} is no regular expression: {error}", property_path) from None
    return part.text()
