"""An encrypted refresh token has one spelling alone, by which its use is noted."""

from __future__ import annotations

from pathlib import Path

import pytest

from local_stage.cloudformation.pool_front.accounts import RefusalError
from local_stage.cloudformation.pool_front.front_state import FrontState
from local_stage.cloudformation.pool_front.refresh_tokens import RefreshTokens
from local_stage.jwt.jose import encode_part
from tests.manual_clock import NOW, ManualClock

OF_THE_POOL = f"{encode_part({'alg': 'none'})}.{encode_part({'exp': NOW + 60})}.signature"


@pytest.fixture
def tokens(tmp_path: Path) -> RefreshTokens:
    return RefreshTokens(FrontState(tmp_path), ManualClock())


def test_a_token_is_used_up_by_its_first_use(tokens: RefreshTokens) -> None:
    issued = tokens.issue(OF_THE_POOL)
    assert tokens.use(issued, 0) == (OF_THE_POOL, True)
    with pytest.raises(RefusalError) as caught:
        tokens.use(issued, 0)
    assert caught.value.kind == "RefreshTokenReuseException"


def test_in_another_spelling_it_is_none_of_ours(tokens: RefreshTokens) -> None:
    issued = tokens.issue(OF_THE_POOL)
    header, key, nonce, text, tag = issued.split(".")
    others = (
        (f"{header}A", key, nonce, text, tag),
        (header, "A", nonce, text, tag),
        (header, key, nonce, f"{text}=", tag),
        (header, key, nonce, text[:-4], f"{text[-4:]}{tag}"),
        (header, key, nonce, f"{text}{tag}", ""),
    )
    for other in map(".".join, others):
        assert tokens.use(other, 0) == (other, False)
    assert tokens.use(issued, 0) == (OF_THE_POOL, True)
