"""A token that is judged by the checks of a Cognito authorizer, without a request around it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest

from local_stage.cognito.token_checks import CHECKS, CognitoEvidence
from local_stage.jwt.judgement import Claims, Failure, FailureKind, Judgement, UnverifiedToken, judge
from local_stage.jwt.jwks import JsonWebKeySet, SignatureVerifier
from tests.key_server import KeyServer
from tests.manual_clock import NOW
from tests.tokens import TokenSigner


def judge_token(
    token: str,
    signer: TokenSigner,
    scopes: Sequence[str] = (),
    *,
    audience: str | None = None,
    now: float = NOW,
    verifier: SignatureVerifier | None = None,
) -> Judgement:
    """Return what comes of a token where `signer` is the one accepted issuer."""
    keys = JsonWebKeySet(f"{signer.issuer}/keys", KeyServer(signer.jwks()), lambda: now)
    evidence = CognitoEvidence(
        sent=[token],
        header_name="Authorization",
        wanted="token",
        key_sets={signer.issuer: keys},
        now=now,
        scopes=scopes,
        verifier=verifier or SignatureVerifier(limit=0),
        audience=None if audience is None else re.compile(audience),
    )
    return asyncio.run(judge(CHECKS, evidence))


class FailedTokenError(Exception):
    """A token that has failed a check."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(str(failure))
        self.failure = failure


def parse(token: str, signer: TokenSigner) -> UnverifiedToken:
    """Return a token in its parts. Raises FailedTokenError for one that has none."""
    judgement = judge_token(token, signer)
    if judgement.failed in {"header", "form", "algorithm", "contents"} and judgement.failure:
        raise FailedTokenError(judgement.failure)
    return judgement.token


def claims_of(judgement: Judgement) -> Claims:
    """Return the claims of a token that is good. Raises FailedTokenError for one that is not."""
    if judgement.failure is not None:
        assert judgement.claims is None
        assert judgement.failed is not None
        assert (*judgement.passed, judgement.failed, *judgement.not_reached) == judgement.names
        raise FailedTokenError(judgement.failure)
    assert judgement.claims is not None
    assert (judgement.passed, judgement.not_reached) == (judgement.names, ())
    return judgement.claims


@contextmanager
def failing(kind: FailureKind, match: str | None = None) -> Iterator[None]:
    """Expect that a token fails for this reason, and that the reason and the remedy match."""
    with pytest.raises(FailedTokenError, match=match) as caught:
        yield
    assert caught.value.failure.kind is kind
