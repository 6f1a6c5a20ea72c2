"""A token judged without its user pool: by all but issuer, key and signature, which only the pool tells."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from functools import cache
from typing import Final

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from local_stage.api_gateway.authorizers.cognito import CognitoAuthorizer, CognitoAuthorizerSettings
from local_stage.api_gateway.http_message import HttpRequest
from local_stage.api_gateway.rest.rest_api import RestApi
from local_stage.cognito.cognito_token import UnverifiedToken, parse_token
from local_stage.cognito.user_pool import DNS_SUFFIXES, UserPool, UserPoolArn
from local_stage.deployment.required_groups import RequiredGroups
from local_stage.errors import StartError
from local_stage.explanation.decoded_token import name_user_pool
from local_stage.explanation.explain import ExplainedApi, explain_request
from local_stage.explanation.explanation import Explanation, Outcome, Step, StepName, Verdict
from local_stage.jwt.token_error import TokenError
from local_stage.jwt.token_signature import build_key_set, make_key, sign_part

_NOTE: Final = (
    "Issuer, key and signature were not checked: the user pool and its keys are not known here."
    " Start the stage, or name a deployed stack."
)
_NOBODYS_POOL: Final = "arn:aws:cognito-idp:us-east-1:000000000000:userpool/us-east-1_000000000"

_make_key: Final = cache(make_key)


async def explain_without_pool(
    rest_api: RestApi, groups: RequiredGroups, request: HttpRequest, *, now: float
) -> Explanation:
    """Explain what can be told of a request while the keys of the API's user pools are not known.

    The real authorizer judges a copy of the token that is signed with a key made in this process, and
    known to nobody else. What it refuses then, the token's own pool would not save.
    """
    copies = {
        name: _Copy(settings, _make_key(), request, now) for name, settings in rest_api.authorizers.items()
    }
    authorizers = {name: copy.authorizer for name, copy in copies.items()}
    for copy in copies.values():
        request = copy.sign(request)
    api = ExplainedApi(rest_api, authorizers, groups, has_pools=False)
    explanation = await explain_request(api, request, now=now)
    user_pools = {copy.user_pool for copy in copies.values() if copy.user_pool is not None}
    return _take_back(explanation, " or ".join(sorted(user_pools)))


class _Copy:
    """The token in one header, signed anew, and an authorizer that accepts nothing else."""

    def __init__(
        self, settings: CognitoAuthorizerSettings, key: RSAPrivateKey, request: HttpRequest, now: float
    ) -> None:
        self._header = settings.identity_source
        self._key = key
        self._token = _find_token(settings, request)
        arn = _find_pool(self._token.issuer) if self._token else None
        pool = UserPool.on_aws(arn or _NOBODYS_POOL, self._publish, lambda: now)
        self.authorizer = CognitoAuthorizer(settings, [pool], lambda: now)

    def sign(self, request: HttpRequest) -> HttpRequest:
        """Return the request with the copy in place of the token."""
        if self._token is None:
            return request
        signature = sign_part(self._token.signing_input, self._key)
        headers = tuple(
            (name, _replace_signature(value, signature) if name.lower() == self._header.lower() else value)
            for name, value in request.headers
        )
        return replace(request, headers=headers)

    @property
    def user_pool(self) -> str | None:
        """The pool that the token names, None where the header has no token."""
        return name_user_pool(self._token.issuer) if self._token else None

    async def _publish(self, _: str) -> bytes:
        kid = self._token.kid if self._token else "none"
        return build_key_set(kid, self._key.public_key())


def _find_token(settings: CognitoAuthorizerSettings, request: HttpRequest) -> UnverifiedToken | None:
    values = [*request.header_values(settings.identity_source)]
    with suppress(TokenError):
        if len(values) == 1:
            return parse_token(values[0].rpartition(" ")[2])
    return None


def _find_pool(issuer: str) -> str | None:
    """Return the ARN of the pool that an issuer is of, in an account that does not matter."""
    pool_id = issuer.rpartition("/")[2]
    for partition in DNS_SUFFIXES:
        arn = f"arn:{partition}:cognito-idp:{pool_id.partition('_')[0]}:000000000000:userpool/{pool_id}"
        with suppress(StartError):
            if UserPoolArn.parse(arn).issuer == issuer:
                return arn
    return None


def _take_back(explanation: Explanation, user_pool: str) -> Explanation:
    """Take back what was passed only because the copy was made so."""
    details = {
        StepName.ISSUER: f"the token says: user pool {user_pool}; which one is accepted is not known here",
        StepName.KEY: "only the user pool knows",
        StepName.SIGNATURE: "only the user pool's key can tell",
    }
    steps = tuple(
        Step(step.name, Outcome.NOT_CHECKED, details[step.name])
        if step.name in details and step.outcome is Outcome.PASSED
        else step
        for step in explanation.steps
    )
    if Outcome.NOT_CHECKED not in {step.outcome for step in steps}:
        return replace(explanation, steps=steps)
    passes = explanation.verdict is Verdict.PASSES
    return replace(
        explanation,
        verdict=Verdict.UNKNOWN if passes else explanation.verdict,
        steps=steps,
        notes=(*explanation.notes, _NOTE),
    )


def _replace_signature(value: str, signature: str) -> str:
    return f"{value.rpartition('.')[0]}.{signature}"
