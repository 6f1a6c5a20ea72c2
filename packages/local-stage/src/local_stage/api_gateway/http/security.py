"""Who may call an operation of an HTTP API: its `security`, and the authorizer that this names.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-authorizer.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from local_stage.api_gateway.authorizers.jwt import JwtAuthorizerSettings
from local_stage.api_gateway.authorizers.jwt_checks import TokenSource
from local_stage.api_gateway.template_part import TemplatePart
from local_stage.cloudformation.unknown import Unknown, find_unknown
from local_stage.errors import TemplateError

AUTHORIZER: Final = "x-amazon-apigateway-authorizer"
AUTHTYPE: Final = "x-amazon-apigateway-authtype"
OPERATION_AUTH: Final = "x-amazon-apigateway-auth"

_MOST_AUDIENCES: Final = 50
"""https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html"""
_JWT_KEYS: Final = frozenset({"type", "jwtConfiguration", "identitySource"})
_SCHEME_KEYS: Final = frozenset(
    {"type", "name", "in", "description", "flows", "openIdConnectUrl", AUTHORIZER, AUTHTYPE}
)


class SecuritySchemes:
    """The security schemes of a document; `authorizers` holds those that the stage enforces, by name.

    A scheme that cannot be enforced is refused where an operation asks for it; one that no operation asks for
    decides nothing. What depends on a value that is not known closes the operations: their authorizer has an
    issuer that does not exist.
    """

    def __init__(self, document: TemplatePart) -> None:
        self._schemes = dict(document["components"]["securitySchemes"].items())
        self.authorizers = {
            name: READERS[kind](name, scheme)
            for name, scheme in self._schemes.items()
            if (kind := _find_kind(scheme)) in READERS
        }

    def read_security(self, operation: TemplatePart) -> tuple[str | None, tuple[str, ...]]:
        """Return the authorizer's name and the scopes of an operation, None and () if anybody may call it.

        Raises TemplateError for whatever of it the stage cannot enforce: several requirements, schemes that
        are not defined, and kinds of authorizer that are not read here.
        """
        auth = operation[OPERATION_AUTH]["type"]
        if auth and not isinstance(auth.value, Unknown) and auth.text().upper() != "NONE":
            raise auth.refusal(f"{auth.text()} cannot be enforced locally; use a JWT authorizer")
        if "security" in operation.mapping() and not operation["security"]:
            raise operation["security"].refusal("is empty; write [] where anybody may call")
        if unknown := find_unknown([operation["security"].value, auth.value]):
            caller = _describe(operation)
            self.authorizers[caller] = _close(caller, unknown)
            return caller, ()
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
        self._check_enforced(str(names[0]), requirements[0], operation)
        return names[0], _read_scopes(requirements[0][names[0]])

    def _check_enforced(self, name: str, requirement: TemplatePart, operation: TemplatePart) -> None:
        if name in self.authorizers:
            return
        caller = _describe(operation)
        if name not in self._schemes:
            why = f"{caller} asks for the security scheme {name}, which is not defined"
            raise requirement.refusal(why, ("Auth", "Authorizers", name))
        raise _refuse_scheme(name, self._schemes[name], caller)


def _describe(operation: TemplatePart) -> str:
    path, verb = operation.path[-2:]
    return f"{'ANY' if verb.startswith('x-') else verb.upper()} {path}"


def _close(name: str, unknown: Unknown) -> JwtAuthorizerSettings:
    """Return an authorizer that lets nobody in: no issuer's URL has brackets."""
    return JwtAuthorizerSettings(name, f"<{unknown.reason}>", ())


def _refuse_scheme(name: str, scheme: TemplatePart, caller: str) -> TemplateError:
    kind = _find_kind(scheme)
    if kind == "request":
        why = f"a Lambda authorizer ({caller}) cannot be enforced locally; use a JWT authorizer"
        return scheme.refusal(why, ("Auth", "Authorizers", name))
    if kind == "awssigv4":
        why = f"IAM authorization ({caller}) cannot be enforced locally; use a JWT authorizer"
        return scheme.refusal(why, ("Auth", "EnableIamAuthorizer"))
    why = f"{caller} asks for it, and it is no JWT authorizer: it cannot be enforced locally"
    return scheme.refusal(why, ("Auth", "Authorizers", name))


def _find_kind(scheme: TemplatePart) -> str:
    """Return the kind of a scheme in lower case: `jwt`, `request`, `awssigv4`, or nothing."""
    kind = scheme[AUTHORIZER]["type"] or scheme[AUTHTYPE]
    return kind.text().lower() if kind else ""


def _read_jwt_authorizer(name: str, scheme: TemplatePart) -> JwtAuthorizerSettings:
    where = ("Auth", "Authorizers", name)
    if unknown := find_unknown(scheme.value):
        return _close(name, unknown)
    scheme.refuse_unknown(_SCHEME_KEYS, "a JWT authorizer's security scheme")
    authorizer = scheme[AUTHORIZER]
    authorizer.refuse_unknown(_JWT_KEYS, "a JWT authorizer")
    configuration = authorizer["jwtConfiguration"]
    configuration.refuse_unknown({"issuer", "audience"}, "a JwtConfiguration")
    issuer = configuration["issuer"]
    if not issuer or not issuer.text():
        raise issuer.refusal("names no issuer", (*where, "JwtConfiguration", "issuer"))
    audience = _read_list(configuration["audience"])
    if not audience or len(audience) > _MOST_AUDIENCES:
        why = f"has to name 1 to {_MOST_AUDIENCES} audiences, such as the ids of app clients"
        raise configuration["audience"].refusal(why, (*where, "JwtConfiguration", "audience"))
    return JwtAuthorizerSettings(
        name, issuer.text(), audience, _read_token_source(authorizer["identitySource"], where)
    )


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


def _read_scopes(part: TemplatePart) -> tuple[str, ...]:
    if not part:
        raise part.refusal("has to be a list of scopes; write [] for none")
    for scope in part.elements():
        if not isinstance(scope.value, str) or scope.value.split() != [scope.value]:
            raise scope.refusal(f"{scope.value!r} is no scope")
    return tuple(scope.text() for scope in part.elements())


type ReadAuthorizer = Callable[[str, TemplatePart], JwtAuthorizerSettings]

READERS: Final[Mapping[str, ReadAuthorizer]] = {"jwt": _read_jwt_authorizer}
"""What reads each kind of authorizer, by the scheme's type in lower case; all other kinds are refused."""
