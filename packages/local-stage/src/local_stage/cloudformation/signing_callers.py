"""Tells the stage whose access keys the local AWS has given out, so that it can verify their signatures.

No call of AWS's API tells a secret twice, nor the policies of a session at once. What MiniStack knows of a
key is asked of MiniStack itself, in its own process, by functions of the pinned version; a test says that
they are there. Who asks has to know a secret that only the stage and that process have.
"""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import quote

from local_stage.cloudformation.browser_guard import Application, Receive, Scope, Send

CALLERS_SECRET: Final = "LOCAL_STAGE_CALLERS_SECRET"  # noqa: S105 - a variable's name
"""The variable that tells the process of the local AWS what the stage asks with."""

_PREFIX: Final = "/_local_stage/callers/"
_ACCESS_KEY: Final = re.compile(r"\w{16,128}", re.ASCII)
"""https://docs.aws.amazon.com/IAM/latest/APIReference/API_AccessKey.html"""


def find_caller_path(secret: str, access_key: str) -> str | None:
    """Return the path under which the local AWS tells whose access key this is, None for what is no key."""
    if not secret or not _ACCESS_KEY.fullmatch(access_key):
        return None
    return f"{_PREFIX}{quote(secret, safe='')}/{access_key}"


class CallersFront:
    """An ASGI application in front of MiniStack; what does not ask for a caller passes it untouched."""

    def __init__(self, application: Application, secret: str, account_id: str) -> None:
        """Tell of the callers of one account to who knows the secret; without one to nobody."""
        self._application = application
        self._secret = secret
        self._account_id = account_id

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or respond with what is known of an access key."""
        if scope["type"] != "http" or not scope["path"].startswith(_PREFIX):
            await self._application(scope, receive, send)
            return
        secret, _, access_key = scope["path"].removeprefix(_PREFIX).partition("/")
        is_known = bool(self._secret) and hmac.compare_digest(secret.encode(), self._secret.encode())
        told = describe_caller(access_key, self._account_id) if is_known else None
        body = json.dumps(told).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200 if is_known else 403, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def describe_caller(access_key: str, account_id: str) -> dict[str, Any] | None:
    """Return who signs with an access key and what their policies are, None where the key is not known.

    Of a session that has ended only `is_expired` is told. The members are those of a JSON object: `policies`
    are documents of which one has to allow, and each of `limits` are documents of which one has to allow as
    well: a permissions boundary, and a session's own policies. `role_arn` is null for a user, and `cognito`
    for who has no credentials of an identity pool. None is also for the root user, and for a session of
    another account or of a role that is gone.
    """
    from ministack.core.iam_evaluator import (  # noqa: PLC0415 - only MiniStack's own process has it loaded
        AuthError,
        CredentialResolutionError,
        resolve_caller_identity,
        resolve_credential,
        resolve_principal,
    )

    credential = resolve_credential(access_key, account_id)
    if isinstance(credential, CredentialResolutionError):
        return {"is_expired": True} if credential.code == "ExpiredTokenException" else None
    principal = resolve_principal(access_key, account_id, credential)
    if isinstance(principal, AuthError) or principal.policies is None or principal.account != account_id:
        return None
    role = _find_role(principal, account_id)
    if role is None and principal.type == "AssumedRole":
        return None
    session = (resolve_caller_identity(access_key) or {}).get("session") or {}
    return {
        "is_expired": False,
        "account_id": account_id,
        "arn": principal.arn,
        "user_id": credential.principal_id,
        "type": principal.type,
        "role_arn": role and role["Arn"],
        "secret_key": credential.secret_access_key,
        "session_token": credential.session_token,
        "policies": _write_policies(principal.policies),
        "limits": [*map(_write_policies, principal.limits), *_find_unknown(principal, role, account_id)],
        "keys": {name: value for name, value in principal.keys.items() if isinstance(value, str)},
        "cognito": _describe_identity(session) if session.get("_identity_id") else None,
    }


def _find_role(principal: Any, account_id: str) -> Mapping[str, Any] | None:
    """Return the role of a session, whose ARN has the path that the session's lacks; None for a user."""
    from ministack.services import iam  # noqa: PLC0415 - as above

    if principal.type != "AssumedRole":
        return None
    name = principal.arn.split("/")[1]
    role: Mapping[str, Any] | None = iam._roles.get_scoped(account_id, None, name)  # noqa: SLF001 - see above
    return role


def _find_unknown(principal: Any, role: Mapping[str, Any] | None, account_id: str) -> list[list[Any]]:
    """Return a limit that allows nothing where a managed policy is attached whose content is not known here.

    MiniStack has some policies of AWS, and leaves the others out of account, denials among them.
    """
    from ministack.services import iam  # noqa: PLC0415 - as above

    name = principal.keys.get("aws:username", "")
    user = iam._users.get_scoped(account_id, None, name)  # noqa: SLF001 - see above
    groups = [group for _, group in iam._groups.items() if name in group.get("Users", ())]  # noqa: SLF001
    attached = {arn for one in (role, user, *groups) if one for arn in one.get("AttachedPolicies", ())}
    return [] if all(iam.policy_known(arn, account_id) for arn in attached) else [[]]


def _describe_identity(session: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "identity_id": session["_identity_id"],
        "identity_pool_id": session.get("_identity_pool_id"),
        "authentication_type": session.get("_cognito_auth_type"),
        "authentication_provider": session.get("_cognito_auth_provider"),
        "amr": list(session.get("_cognito_amr") or ()),
    }


def _write_policies(policies: Iterable[Iterable[Any]]) -> list[dict[str, Any]]:
    return [
        {"Version": "2012-10-17", "Statement": [_write_statement(one) for one in statements]}
        for statements in policies
    ]


def _write_statement(statement: Any) -> dict[str, Any]:
    """Return a statement that MiniStack has read as it was written, without what is empty."""
    written = {
        "Effect": statement.effect,
        "Action": statement.actions,
        "NotAction": statement.not_actions,
        "Resource": statement.resources,
        "NotResource": statement.not_resources,
        "Condition": statement.conditions,
    }
    return {name: value for name, value in written.items() if value}
