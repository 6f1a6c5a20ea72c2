"""What the stage serves at the moment, for the console: another one after each save of the template."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from local_stage.api_gateway.authorizers.cognito import CognitoAuthorizer
from local_stage.deployment.deployment import Deployment
from local_stage.state import RunningStage


class Served(Protocol):
    """The stage that answers now, as other commands know it, its deployment and its authorizers by name."""

    @property
    def running(self) -> RunningStage:
        """As `running.json` tells of it."""

    @property
    def deployment(self) -> Deployment:
        """What runs of the template."""

    @property
    def authorizers(self) -> Mapping[str, CognitoAuthorizer]:
        """What lets in, by name."""


type FindServed = Callable[[], Served]
"""Returns the stage that answers at the time of the call."""
