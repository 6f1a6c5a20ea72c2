"""Reads the resource policy of a REST API.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from local_stage.api_gateway.policy.condition import PolicyError
from local_stage.api_gateway.policy.keys import KNOWN_KEYS
from local_stage.api_gateway.policy.policy import Policy
from local_stage.api_gateway.template_part import TemplatePart
from local_stage.cloudformation.unknown import find_unknown

_SHORT: Final = "execute-api:/"
_CLOSED: Final = {
    "Version": "2012-10-17",
    "Statement": {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"},
}


def read_resource_policy(part: TemplatePart, api_id: str) -> Policy | None:
    """Return the policy, None where there is none.

    An empty one, which SAM writes for lists of nothing, is none (unverified). One of which anything is not
    known denies everybody. Raises StartError for what IAM would not take, and for a condition that nobody
    here can evaluate.
    """
    document = _read_document(part)
    if not document:
        return None
    if find_unknown(document):
        return Policy.parse(_CLOSED, has_principals=True)
    try:
        policy = Policy.parse(_expand(document, api_id), has_principals=True)
    except PolicyError as error:
        raise part.refusal(f"cannot be enforced: {error}", _find_sam_property(part)) from None
    unknown = sorted(key for key in policy.condition_keys if key.lower() not in KNOWN_KEYS)
    if unknown:
        why = (
            f"asks for the condition key {unknown[0]}, of which nothing is known here; it cannot be enforced"
        )
        raise part.refusal(why, _find_sam_property(part))
    return policy


def _read_document(part: TemplatePart) -> Any:
    """Return the policy, which a `RestApi`'s property may hold as a text of JSON as well."""
    if not isinstance(part.value, str):
        return part.value
    try:
        return json.loads(part.value)
    except ValueError:
        raise part.refusal("is no JSON", _find_sam_property(part)) from None


def _find_sam_property(part: TemplatePart) -> tuple[str, ...] | None:
    """Return the property that SAM makes a part of the definition of; that of the resource names itself."""
    return None if part.path == ("Policy",) else ("Auth", "ResourcePolicy")


def _expand(document: Any, api_id: str) -> Any:
    """Return the document with whole ARNs for `execute-api:/dev/GET/hello`, as the import makes them.

    Account and Region are left open: a policy is asked about its own API alone.
    """
    if not isinstance(document, Mapping):
        return document
    statements = document.get("Statement")
    listed = statements if isinstance(statements, list) else [statements]
    return {**document, "Statement": [_expand_statement(one, api_id) for one in listed]}


def _expand_statement(statement: Any, api_id: str) -> Any:
    if not isinstance(statement, Mapping):
        return statement
    expanded = dict(statement)
    for element in ("Resource", "NotResource"):
        value = expanded.get(element)
        if isinstance(value, list):
            expanded[element] = [_expand_resource(one, api_id) for one in value]
        elif value is not None:
            expanded[element] = _expand_resource(value, api_id)
    return expanded


def _expand_resource(resource: Any, api_id: str) -> Any:
    if isinstance(resource, str) and resource.startswith(_SHORT):
        return f"arn:aws:execute-api:*:*:{api_id}/{resource.removeprefix(_SHORT)}"
    return resource
