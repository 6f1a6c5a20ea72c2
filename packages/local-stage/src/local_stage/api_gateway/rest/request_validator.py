"""Request validation: required parameters, and the body against the model of its content type.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-request-validation.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, NoReturn

from local_stage.api_gateway.gateway_error import invalid_request_body, missing_request_parameters
from local_stage.api_gateway.http_message import HttpRequest, decode_query, parse_media_type
from local_stage.api_gateway.rest.router import Match

if TYPE_CHECKING:
    from jsonschema import ValidationError

_JSON: Final = "application/json"
_ANY_CONTENT_TYPE: Final = "$default"
_MOST_VIOLATIONS: Final = 20
"""A body of 10 MB can break a rule a million times; so many of them are told."""

_RECASED_HEADERS: Final = {"authorization": "Authorization", "user-agent": "User-Agent"}


def validate_request(match: Match, request: HttpRequest) -> None:
    """Validate what the method's request validator asks for: first the parameters, then the body.

    Raises:
        GatewayError: BAD_REQUEST_PARAMETERS with the names of the missing parameters, headers first, then
            path, then query, each sorted (recorded); BAD_REQUEST_BODY "Invalid request body".
    """
    if match.method.validator.parameters:
        _validate_parameters(match, request)
    if match.method.validator.body:
        _validate_body(match.method.request_models, request)


def _validate_parameters(match: Match, request: HttpRequest) -> None:
    """Look for each required parameter: it has to be there and not blank; type and format do not count.

    Names are case-sensitive, those of headers too, but for the two that API Gateway itself writes in one way:
    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
    """
    given = set(_given_parameters(match, request))
    missing = [place for place in sorted(match.method.required_parameters) if place not in given]
    if missing:
        places = ", ".join(f"{location} {name}" for location, name in missing)
        raise missing_request_parameters([name for _, name in missing], f"the request has no {places}")


def _given_parameters(match: Match, request: HttpRequest) -> Iterator[tuple[str, str]]:
    for name, value in request.headers:
        if value.strip():
            yield "header", _RECASED_HEADERS.get(name.lower(), name)
    for name, value in match.path_parameters.items():
        if value:
            yield "path", name
    for name, value in decode_query(request.query):
        if value.strip():
            yield "querystring", name


def _validate_body(models: Mapping[str, Mapping[str, Any]], request: HttpRequest) -> None:
    """Validate the body against the model of its content type; without a model for it, nothing is validated.

    A request without Content-Type is taken for JSON (recorded), and an empty body for an empty JSON object
    (unverified).
    """
    content_type = parse_media_type(request.header("Content-Type") or _JSON) or _JSON
    model = models.get(content_type, models.get(_ANY_CONTENT_TYPE))
    if model is None:
        return
    try:
        violations = _find_violations(model, request.body)
    except (ValueError, RecursionError, OverflowError):
        why = f"the body is no JSON that the model of {content_type!a} could be compared with"
        raise invalid_request_body("[]", why) from None
    if violations:
        why = f"the body does not match the model of {content_type!a} at {', '.join(violations)!a}"
        raise invalid_request_body(f"[{', '.join(dict.fromkeys(violations.values()))}]", why)


def _find_violations(model: Mapping[str, Any], body: bytes) -> dict[str, str]:
    """Return what is wrong with a body by place and rule, the first few of it."""
    # Only an API with models waits for the validator.
    from jsonschema import Draft4Validator  # noqa: PLC0415
    from referencing import Registry  # noqa: PLC0415

    # An empty registry fetches nothing: a model holds all that it refers to.
    errors = Draft4Validator(model, registry=Registry()).iter_errors(_parse_json(body))
    return {
        f"{error.json_path} ({error.validator})": describe_violation(error)
        for error in islice(errors, _MOST_VIOLATIONS)
    }


def _parse_json(body: bytes) -> Any:
    """Parse a body as RFC 8259 has it: UTF-8, without the NaN and Infinity that Python would take."""
    return json.loads(body.decode("utf-8") or "{}", parse_constant=_refuse_constant)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


_TYPES: Final = {
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    list: "array",
    dict: "object",
}


def describe_violation(violation: ValidationError) -> str:
    """Return the words of `$context.error.validationErrorString` for one rule that a body breaks.

    They are those of the JSON schema validator for Java that API Gateway uses: seen in public for missing
    properties, unverified for the other rules.
    """
    describe = _WORDS.get(str(violation.validator))
    words = describe(violation) if describe else f"instance does not match {violation.validator}"
    return words.encode("utf-8", "replace").decode()


def _missing_properties(violation: Any) -> str:
    missing = [name for name in violation.validator_value if name not in violation.instance]
    return f"object has missing required properties ({_json(sorted(missing))})"


def _wrong_type(violation: Any) -> str:
    found = _TYPES.get(type(violation.instance), "null")
    allowed = violation.validator_value
    names = {allowed} if isinstance(allowed, str) else set(allowed)
    names |= {"integer"} if "number" in names else set()
    return (
        f"instance type ({found}) does not match any allowed primitive type (allowed: {_json(sorted(names))})"
    )


def _too_low(violation: Any) -> str:
    limits = f"(minimum: {violation.validator_value}, found: {violation.instance})"
    return f"numeric instance is lower than the required minimum {limits}"


def _too_high(violation: Any) -> str:
    limits = f"(maximum: {violation.validator_value}, found: {violation.instance})"
    return f"numeric instance is greater than the required maximum {limits}"


def _not_in_enum(violation: Any) -> str:
    values = f"(possible values: {_json(violation.validator_value)})"
    return f"instance value ({_json(violation.instance)}) not found in enum {values}"


def _too_short(violation: Any) -> str:
    limits = f"(length: {len(violation.instance)}, required minimum: {violation.validator_value})"
    return f"string {_json(violation.instance)} is too short {limits}"


def _too_long(violation: Any) -> str:
    limits = f"(length: {len(violation.instance)}, maximum allowed: {violation.validator_value})"
    return f"string {_json(violation.instance)} is too long {limits}"


def _not_allowed(violation: Any) -> str:
    known = violation.schema.get("properties", {}) if isinstance(violation.schema, Mapping) else {}
    extra = sorted(name for name in violation.instance if name not in known)
    return f"object instance has properties which are not allowed by the schema: {_json(extra)}"


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


_WORDS: Final[Mapping[str, Callable[[Any], str]]] = {
    "additionalProperties": _not_allowed,
    "enum": _not_in_enum,
    "maxLength": _too_long,
    "maximum": _too_high,
    "minLength": _too_short,
    "minimum": _too_low,
    "required": _missing_properties,
    "type": _wrong_type,
}
