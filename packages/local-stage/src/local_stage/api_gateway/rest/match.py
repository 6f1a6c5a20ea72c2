"""The outcome of routing: the method that a request reaches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from local_stage.api_gateway.rest.rest_api import Method, Resource


@dataclass(frozen=True, slots=True)
class Match:
    """The method that a request reaches, and the path parameters as sent, percent-encoding included."""

    resource: Resource
    method: Method
    path_parameters: Mapping[str, str]
