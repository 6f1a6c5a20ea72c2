"""The table of cases."""

from __future__ import annotations

from typing import Final

from conformance.case import Case
from conformance.cases import (
    authorizer,
    authorizer_policies,
    callers,
    claims,
    cors,
    customised,
    event_headers,
    events,
    function_responses,
    gateway,
    http_apis,
    http_callers,
    http_events,
    http_results,
    lambda_authorizer,
    limits,
    routing,
)

CASES: Final[tuple[Case, ...]] = (
    *gateway.CASES,
    *authorizer.CASES,
    *lambda_authorizer.CASES,
    *authorizer_policies.CASES,
    *callers.CASES,
    *customised.CASES,
    *cors.CASES,
    *routing.CASES,
    *events.CASES,
    *event_headers.CASES,
    *claims.CASES,
    *function_responses.CASES,
    *limits.CASES,
    *http_apis.CASES,
    *http_callers.CASES,
    *http_events.CASES,
    *http_results.CASES,
)
"""Every case, in the order of a request's way."""
