"""An API whose calls are explained, with what is known of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from local_stage.api_gateway.api import Surroundings
from local_stage.api_gateway.authorizers.authorizer import AuthorizationRequest, Authorizer
from local_stage.api_gateway.authorizers.cognito import (
    CognitoAuthorizer,
    CognitoAuthorizerSettings,
    judge_without_pools,
)
from local_stage.api_gateway.http_message import HttpRequest
from local_stage.api_gateway.rest.rest_api import Method, RestApi
from local_stage.api_gateway.rest.router import Match
from local_stage.deployment.required_groups import RequiredGroups
from local_stage.jwt.judgement import Judgement

_ANYWHERE: Final = Surroundings(account_id="", region="", domain_name="", port=0)


@dataclass(frozen=True, slots=True)
class ExplainedApi:
    """An API, its authorizers by name, and the groups that its functions ask for by verb and path.

    `authorizers` is None where the keys of the API's user pools are not known. `surroundings` are the stage's
    where one runs.
    """

    rest_api: RestApi
    authorizers: Mapping[str, Authorizer] | None
    groups: RequiredGroups = field(default_factory=dict)
    surroundings: Surroundings = _ANYWHERE

    def find_issuers(self, method: Method) -> Sequence[str]:
        """Return the `iss` of each user pool whose tokens the method takes, none where they are not known."""
        authorizer = (self.authorizers or {}).get(method.authorizer or "")
        return authorizer.issuers if isinstance(authorizer, CognitoAuthorizer) else ()

    def find_pool_notes(self, method: Method) -> tuple[str, ...]:
        """Return a sentence on each of the method's pools that is closed, or that another stands in for."""
        authorizer = (self.authorizers or {}).get(method.authorizer or "")
        return authorizer.pool_notes if isinstance(authorizer, CognitoAuthorizer) else ()

    def find_groups(self, match: Match) -> Sequence[str]:
        """Return the groups of which the method's function asks for one."""
        return self.groups.get((match.method.http_method, match.resource.path), ())

    async def judge(self, request: HttpRequest, method: Method, *, now: float) -> Judgement:
        """Return what came of the checks on the request's token for a method with a Cognito authorizer."""
        asked = AuthorizationRequest(request, method.scopes)
        authorizer = (self.authorizers or {}).get(method.authorizer or "")
        if isinstance(authorizer, CognitoAuthorizer):
            return await authorizer.judge(asked)
        return await judge_without_pools(asked, self.find_settings(method), now)

    def find_settings(self, method: Method) -> CognitoAuthorizerSettings:
        """Return the settings of the method's Cognito authorizer, which it has to have."""
        settings = self.rest_api.find_cognito_authorizer(method)
        if settings is None:
            raise ValueError(method)
        return settings
