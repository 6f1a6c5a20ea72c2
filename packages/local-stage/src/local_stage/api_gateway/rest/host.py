"""The Host header: whether a request is for this API at all."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from local_stage.api_gateway import gateway_error
from local_stage.api_gateway.http_message import HttpRequest

LOOPBACK_NAMES: Final = frozenset({"127.0.0.1", "localhost", "[::1]"})
"""What this machine calls itself; no other name can be trusted to mean it."""

# RFC 9110, 7.2: Host = uri-host [ ":" port ]
_HOST: Final = re.compile(r"(?P<name>\[[^]]*\]|[^:\[\]]*)(:[0-9]*)?")


def check_host(request: HttpRequest, domain_name: str) -> None:
    """Raise GatewayError unless the request names this machine or the API's `domain_name` on AWS.

    A web page can have its own host name resolve to 127.0.0.1 (DNS rebinding) and would then read the answers
    as its own. AWS answers 403 to a host that is no API's. Only HTTP/1.0 comes without a Host, and no browser
    speaks it.
    """
    for host in request.header_values("Host"):
        if not _is_own(host, domain_name):
            reason = f"the Host {host!a} is not this API's; call it by 127.0.0.1 or localhost"
            raise gateway_error.unknown_stage(reason)


@lru_cache(maxsize=8)
def _is_own(host: str, domain_name: str) -> bool:
    match = _HOST.fullmatch(host)
    return match is not None and match["name"].lower() in LOOPBACK_NAMES | {domain_name}
