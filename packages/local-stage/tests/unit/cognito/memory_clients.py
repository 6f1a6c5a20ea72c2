"""The app clients of a user pool in memory, as boto3's client of Cognito tells them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Self


class MemoryClients:
    """Lists and describes the clients that it was given, and keeps those that are made."""

    def __init__(self, *clients: Mapping[str, Any]) -> None:
        self.clients = [dict(client) for client in clients]

    def get_paginator(self, operation: str) -> Self:
        assert operation == "list_user_pool_clients"
        return self

    def paginate(self, **_: Any) -> Iterator[Mapping[str, Any]]:
        yield {"UserPoolClients": self.clients}

    def describe_user_pool_client(self, *, ClientId: str, **_: Any) -> Mapping[str, Any]:  # noqa: N803 - AWS's
        (found,) = (client for client in self.clients if client["ClientId"] == ClientId)
        return {"UserPoolClient": found}

    def create_user_pool_client(self, **properties: Any) -> Mapping[str, Any]:
        self.clients.append({"ClientId": "made", **properties})
        return {"UserPoolClient": self.clients[-1]}
