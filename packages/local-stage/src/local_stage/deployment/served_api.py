"""An API as it is served: what the template says of it, where it is on this machine, and its authorizers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from local_stage.api_gateway.authorizers.authorizer import Authorizer
from local_stage.api_gateway.authorizers.cognito import CognitoAuthorizer
from local_stage.api_gateway.authorizers.jwt import JwtAuthorizer
from local_stage.api_gateway.http.http_api import HttpApi
from local_stage.api_gateway.rest.rest_api import RestApi

type DefinedApi = RestApi | HttpApi
"""What the template says of an API, of either kind."""


@dataclass(frozen=True, slots=True)
class ServedApi:
    """An API of the template with its port, the origin there, and its authorizers by name."""

    definition: DefinedApi
    port: int
    origin: str
    authorizers: Mapping[str, Authorizer]

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
