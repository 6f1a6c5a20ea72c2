"""Who may call an operation of an HTTP API: its `security`, and the authorizer that this names.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-authorizer.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from local_stage.api_gateway.authorizers.iam import IamAuthorizerSettings
from local_stage.api_gateway.authorizers.jwt import JwtAuthorizerSettings
from local_stage.api_gateway.http.authorizer_reader import (
    HttpAuthorizerSettings,
    close_authorizer,
    find_kind,
    find_lambda_not_run,
    read_jwt_scheme,
    read_lambda_scheme,
)
from local_stage.api_gateway.http.lambda_authorizer import HttpLambdaAuthorizerSettings
from local_stage.api_gateway.security_schemes import AUTHORIZER, describe, find_place, read_scopes
from local_stage.api_gateway.template_part import TemplatePart
from local_stage.api_gateway.unplaced_route import find_hidden, find_unplaced_in
from local_stage.cloudformation.unknown import Unknown, find_unknown
from local_stage.errors import NotRun

OPERATION_AUTH: Final = "x-amazon-apigateway-auth"
_IAM: Final = "AWS_IAM"


class SecuritySchemes:
    """The security schemes of a document; `authorizers` holds those that the stage enforces, by name.

    A scheme that cannot be enforced is refused where an operation asks for it; one that no operation asks for
    decides nothing. Lambda authorizers and IAM are among them as soon as an operation asks for them. What
    depends on a value that is not known closes the operations: their authorizer has an issuer that does not
    exist.
    """

    def __init__(self, document: TemplatePart) -> None:
        self._unplaced = [*document.api.unplaced, *find_unplaced_in(document.mapping())]
        self._schemes = dict(document["components"]["securitySchemes"].items())
        self.authorizers: dict[str, HttpAuthorizerSettings] = {
            name: read_jwt_scheme(name, scheme)
            for name, scheme in self._schemes.items()
            if find_kind(scheme) == "jwt"
        }

    def find_not_run(self) -> Iterator[NotRun]:
        """Yield what of the authorizers has no effect here, or lets nobody in."""
        for name, settings in self.authorizers.items():
            if isinstance(settings, HttpLambdaAuthorizerSettings) and name in self._schemes:
                yield from find_lambda_not_run(name, self._schemes[name][AUTHORIZER])

    def read_security(self, operation: TemplatePart) -> tuple[str | None, tuple[str, ...]]:
        """Return the authorizer's name and the scopes of an operation, None and () if anybody may call it.

        Raises TemplateError for whatever of it the stage cannot enforce: several requirements, schemes that
        are not defined, and kinds of authorizer that are not read here.
        """
        authorizer, scopes = self._read_written(operation)
        if authorizer is None and (unknown := find_hidden(self._unplaced, *find_place(operation))):
            authorizer = self._close(operation, unknown)
        return authorizer, scopes

    def _read_written(self, operation: TemplatePart) -> tuple[str | None, tuple[str, ...]]:
        auth = operation[OPERATION_AUTH]["type"]
        if "security" in operation.mapping() and not operation["security"]:
            raise operation["security"].refusal("is empty; write [] where anybody may call")
        if unknown := find_unknown([operation["security"].value, auth.value]):
            return self._close(operation, unknown), ()
        if auth and auth.text().upper() != "NONE":
            return self._read_operation_auth(auth, operation), ()
        requirements = list(operation["security"].elements())
        # SAM writes a scheme that does not exist for `Authorizer: NONE` on an event.
        is_opt_out = "NONE" not in self._schemes and [part.value for part in requirements] == [{"NONE": []}]
        if not requirements or is_opt_out:
            return None, ()
        names = list(requirements[0].mapping())
        if len(requirements) > 1 or len(names) != 1:
            why = (
                "several requirements at once, or none of them, cannot be enforced; name one security scheme"
            )
            raise operation["security"].refusal(why)
        name = str(names[0])
        settings = self.authorizers.get(name) or self._read_scheme(name, requirements[0], operation)
        self.authorizers[name] = settings
        # Scopes mean nothing to the other authorizers, and SAM lets them through.
        is_jwt = isinstance(settings, JwtAuthorizerSettings)
        return name, read_scopes(requirements[0][name]) if is_jwt else ()

    def _close(self, operation: TemplatePart, unknown: Unknown) -> str:
        """Return the name of an authorizer that lets nobody call an operation."""
        caller = describe(operation)
        self.authorizers[caller] = close_authorizer(caller, unknown)
        return caller

    def _read_scheme(
        self, name: str, requirement: TemplatePart, operation: TemplatePart
    ) -> HttpAuthorizerSettings:
        caller, where = describe(operation), ("Auth", "Authorizers", name)
        if name not in self._schemes:
            why = f"{caller} asks for the security scheme {name}, which is not defined"
            raise requirement.refusal(why, where)
        scheme = self._schemes[name]
        match find_kind(scheme):
            case "request":
                return read_lambda_scheme(name, scheme)
            case "awssigv4":
                return IamAuthorizerSettings(name)
        why = f"{caller} asks for it, and it is no authorizer of an HTTP API: it cannot be enforced locally"
        raise scheme.refusal(why, where)

    def _read_operation_auth(self, auth: TemplatePart, operation: TemplatePart) -> str:
        if auth.text().upper() != _IAM or operation["security"].value:
            raise auth.refusal(f"{auth.text()} cannot be enforced locally; name one security scheme")
        caller = f"{_IAM} of {describe(operation)}"
        self.authorizers[caller] = IamAuthorizerSettings(caller)
        return caller
