"""What API Gateway knows of one request while it travels: the source of `requestContext` and `$context`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(slots=True)
class RequestContext:
    """One request's identity and what has become of it so far.

    `request_id` is `x-amzn-RequestId`, `extended_request_id` is `x-amz-apigw-id`, `trace_id` is the root of
    `X-Amzn-Trace-Id` (`1-<8 hex>-<24 hex>`); `time_epoch` is in milliseconds. `resource_path`, `resource_id` and
    `path_parameters` are empty until the router has found a method. `claims` are the rendered ones, all strings,
    and None until the authorizer has let the request through.
    """

    request_id: str
    extended_request_id: str
    trace_id: str
    time_epoch: int
    http_method: str
    path: str
    protocol: str
    source_ip: str
    user_agent: str | None
    account_id: str
    api_id: str
    stage: str
    deployment_id: str
    domain_name: str
    domain_prefix: str
    resource_id: str = ""
    resource_path: str = ""
    path_parameters: Mapping[str, str] = field(default_factory=dict)
    claims: Mapping[str, str] | None = None
