"""The console of a stage: all that it answers, put together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from local_stage.console.clock import AdjustableClock
from local_stage.console.clock_endpoint import clock_endpoints
from local_stage.console.console import Console
from local_stage.console.explain_endpoint import explain_endpoints
from local_stage.console.page_endpoint import PAGES, page_endpoints
from local_stage.console.recent_requests import RecentRequests
from local_stage.console.requests_endpoint import requests_endpoints
from local_stage.console.served import FindServed
from local_stage.console.sign_in_endpoint import sign_in_endpoints
from local_stage.console.stage_endpoint import stage_endpoints


def build_console(
    find_served: FindServed,
    recent: RecentRequests,
    clock: AdjustableClock,
    *,
    new_client: Callable[[str], Any],
    user_pool_arn: str | None,
) -> Console:
    """Return the console of the stage that is served; `new_client` makes boto3 clients of the local AWS.

    `find_served` is asked for each request, so that the console never shows a stage that is gone.
    `user_pool_arn` is the pool in AWS whose tokens the stage takes instead of the local one's.
    """
    endpoints = {
        **page_endpoints(find_served),
        **stage_endpoints(find_served, user_pool_arn=user_pool_arn),
        **sign_in_endpoints(find_served, new_client),
        **explain_endpoints(find_served, clock),
        **requests_endpoints(recent),
        **clock_endpoints(clock),
    }
    return Console(endpoints, PAGES)
