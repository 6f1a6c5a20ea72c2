"""An API as it is served: what the template says of it, where it is on this machine, and its authorizers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from local_stage.api_gateway.api import Route
from local_stage.api_gateway.authorizers.authorizer import Authorizer
from local_stage.api_gateway.authorizers.cognito import CognitoAuthorizer
from local_stage.api_gateway.authorizers.jwt import JwtAuthorizer
from local_stage.api_gateway.http.http_api import HttpApi
from local_stage.api_gateway.rest.rest_api import RestApi
from local_stage.cognito.directory.sign_in_offer import SignInOffer
from local_stage.cognito.user_pool import find_user_pool_id
from local_stage.errors import UsageError

type DefinedApi = RestApi | HttpApi
"""What the template says of an API, of either kind."""


@dataclass(frozen=True, slots=True)
class ServedApi:
    """An API of the template with its port, the origin there, and its authorizers by name."""

    definition: DefinedApi
    port: int
    origin: str
    authorizers: Mapping[str, Authorizer]
    sign_in: SignInOffer | None = None
    """How people sign in for it, if they can on this machine."""

    @property
    def logical_id(self) -> str:
        """The API's name in the template."""
        return self.definition.logical_id

    @property
    def stage_name(self) -> str:
        """The name of its stage."""
        return self.definition.stage_name

    @property
    def pool_notes(self) -> tuple[str, ...]:
        """A sentence on each user pool that is closed, or that another stands in for."""
        return tuple(
            note
            for authorizer in self.authorizers.values()
            if isinstance(authorizer, CognitoAuthorizer | JwtAuthorizer)
            for note in authorizer.pool_notes
        )

    @property
    def url(self) -> str:
        """Where the API's stage answers; a route's path goes right behind it."""
        return self.origin + self.definition.base_path


def check_pool(user_pool_arn: str | None, apis: Iterable[DefinedApi]) -> None:
    """Raise UsageError for a pool that would take the place of several, and open what is not its own."""
    if user_pool_arn and takes_several_pools(apis):
        raise UsageError(
            f"--user-pool-arn {user_pool_arn}: the template's authorizers take tokens of different"
            " user pools, and this one cannot stand for all of them; leave the option out"
        )


def takes_several_pools(apis: Iterable[DefinedApi]) -> bool:
    """Say whether one authorizer takes the tokens of other user pools than another."""
    return len({frozenset(pools) for api in apis for pools in _list_accepted_pools(api)}) > 1


def _list_accepted_pools(api: DefinedApi) -> Iterator[Sequence[str]]:
    """Yield for each authorizer the ids of the user pools whose tokens it takes."""
    for cognito in api.cognito_authorizers:
        if cognito.closed_because is not None:
            continue
        yield [arn.rpartition("/")[2] for arn in cognito.user_pool_arns]
    for jwt in api.jwt_authorizers:
        if pool_id := find_user_pool_id(jwt.issuer):
            yield [pool_id]


def find_first_protected(api: DefinedApi) -> Route | None:
    """Return the route with the shortest path that an ID token opens with GET: the article's is /hello."""
    protected = [
        route
        for route in api.routes
        if route.http_method == "GET"
        and route.identity_source
        and route.authorizer_kind in {"cognito", "jwt"}
        and not route.scopes
        and "{" not in route.path
    ]
    return min(protected, key=lambda route: (route.path.count("/"), route.path), default=None)
