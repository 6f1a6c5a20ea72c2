"""What cases are run against: an API and its user pools, wherever they are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest

from conformance.case import Api, Case, Headers, Request
from conformance.tokens import Tokens
from conformance.verdict import Verdict, judge
from conformance.wire import Address, NoResponseError, Received, exchange

_TOKEN: Final = re.compile(r"\{(\w+)\}")


class TokenMissingError(Exception):
    """This target has no such token; the message is the token's name."""


@dataclass(frozen=True, slots=True)
class Stack:
    """One deployed template: where its API is, its outputs, its tokens, and who signs requests to it."""

    address: Address
    outputs: Mapping[str, str]
    tokens: Tokens
    signer: SigV4Auth

    def send(self, case: Case) -> Received:
        """Send a case's request and return the response. Raises TokenMissingError or NoResponseError."""
        headers = self._fill_in(case)
        return exchange(
            self.address, case.request, self._sign(case.request, headers) if case.request.signed else headers
        )

    def _sign(self, request: Request, headers: Headers) -> Headers:
        url = f"https://{self.address.host}/{request.stage}{request.target}"
        signed: Any = AWSRequest(request.method, url, headers={"Host": self.address.host, **dict(headers)})
        self.signer.add_auth(signed)
        return tuple(signed.headers.items())

    def _fill_in(self, case: Case) -> Headers:
        def find(match: re.Match[str]) -> str:
            token = self.tokens.find(match[1], case.claims)
            if token is None:
                raise TokenMissingError(match[1])
            return token

        return tuple((name, _TOKEN.sub(find, value)) for name, value in case.request.headers)


@dataclass(frozen=True, slots=True)
class Target:
    """Somebody who answers: the local stage, MiniStack or AWS."""

    name: str
    version: str
    stacks: Mapping[Api, Stack]

    def run(self, case: Case) -> tuple[Verdict, Received | None]:
        """Return how a case's response compares with AWS's, and itself, None where there was none.

        Raises TokenMissingError where the case cannot be run here.
        """
        stack = self.stacks[case.api]
        try:
            received = stack.send(case)
        except NoResponseError as error:
            return Verdict((str(error),), (str(error),), (str(error),)), None
        return judge(case.response, received, stack.outputs), received
