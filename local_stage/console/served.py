"""What the stage serves at the moment, for the console: another one after each save of the template."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from local_stage.api_gateway.authorizer import Authorizer
from local_stage.deployment import Deployment
from local_stage.state import RunningStage


@dataclass(slots=True)
class Served:
    """The stage that answers now, as other commands know it, its deployment and its authorizers by name."""

    running: RunningStage
    deployment: Deployment
    authorizers: Mapping[str, Authorizer]

    def replace(
        self, running: RunningStage, deployment: Deployment, authorizers: Mapping[str, Authorizer]
    ) -> None:
        """Take another stage in its place."""
        self.running, self.deployment, self.authorizers = running, deployment, authorizers
