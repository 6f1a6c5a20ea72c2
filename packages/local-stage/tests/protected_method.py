"""A method behind a Cognito authorizer, with everything that it takes and no socket."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from local_stage.api_gateway.authorizers.authorizer import AuthorizationRequest
from local_stage.api_gateway.authorizers.cognito import CognitoAuthorizer, CognitoAuthorizerSettings
from local_stage.api_gateway.http_message import HttpRequest
from local_stage.api_gateway.rest.gateway_response import GatewayError
from local_stage.cognito.user_pool import UserPool
from local_stage.jwt.judgement import Claims
from tests.judged_token import claims_of
from tests.key_server import KeyServer
from tests.manual_clock import ManualClock
from tests.tokens import POOL_ARN, TokenSigner

type Headers = Sequence[tuple[str, str]]


class ProtectedMethod:
    """Asks for an ID token, or with `scopes` for an access token, of the pool behind `signer`.

    `claims()` are those that a request is let through with, `refusal()` is the error that keeps it out; both
    take a token, sent as `Authorization`, or all headers. `pools` are more pools, each an ARN and its signer.
    """

    def __init__(
        self,
        signer: TokenSigner,
        *,
        scopes: Sequence[str] = (),
        pools: Sequence[tuple[str, TokenSigner]] = (),
        arn: str = POOL_ARN,
        identity_source: str = "Authorization",
        validation_expression: str | None = None,
        clock: ManualClock | None = None,
    ) -> None:
        self.signer = signer
        self.scopes = scopes
        self.clock = clock or ManualClock()
        self.key_server = KeyServer(signer.jwks())
        accepted = [(arn, self.key_server), *((other, KeyServer(pool.jwks())) for other, pool in pools)]
        settings = CognitoAuthorizerSettings(
            "PoolAuthorizer",
            user_pool_arns=tuple(arn for arn, _ in accepted),
            identity_source=identity_source,
            validation_expression=validation_expression,
        )
        user_pools = [UserPool.on_aws(arn, server, self.clock) for arn, server in accepted]
        self.authorizer = CognitoAuthorizer(settings, user_pools, self.clock)

    def claims(self, sent: str | Headers) -> Claims:
        headers = [("Authorization", sent)] if isinstance(sent, str) else sent
        request = HttpRequest("GET", "/dev/hello", headers=tuple(headers))
        return asyncio.run(self._authorize(AuthorizationRequest(request, self.scopes)))

    async def _authorize(self, asked: AuthorizationRequest) -> Claims:
        await self.authorizer.authorize(asked)
        return claims_of(await self.authorizer.judge(asked))

    def refusal(self, sent: str | Headers) -> GatewayError:
        with pytest.raises(GatewayError) as caught:
            self.claims(sent)
        return caught.value
