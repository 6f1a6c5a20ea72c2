"""Codes of an authenticator app are those of RFC 6238, and those of RFC 4226 below it."""

from __future__ import annotations

import base64

import pytest

from local_stage.cloudformation.pool_front.totp import STEP, find_step, make_code, make_secret

SECRET = base64.b32encode(b"12345678901234567890").decode()
"""That of the vectors of RFC 4226, appendix D, and RFC 6238, appendix B, whose last six digits are used."""


@pytest.mark.parametrize(
    ("counter", "code"), [(0, "755224"), (1, "287082"), (2, "359152"), (3, "969429"), (9, "520489")]
)
def test_a_counter_has_the_code_of_rfc_4226(counter: int, code: str) -> None:
    assert make_code(SECRET, counter) == code


@pytest.mark.parametrize(
    ("moment", "code"),
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_a_moment_has_the_code_of_rfc_6238(moment: int, code: str) -> None:
    assert make_code(SECRET, moment // STEP) == code


def test_a_code_is_good_a_step_before_and_after_and_no_longer() -> None:
    secret, now = make_secret(), 1_700_000_000
    step = now // STEP
    near = [step - 1, step, step + 1]
    assert [find_step(secret, make_code(secret, one), now) for one in near] == near
    codes = {make_code(secret, one) for one in near}
    far = [code for code in map(str, range(100_000, 100_010)) if code not in codes]
    assert {find_step(secret, code, now) for code in [*far, ""]} == {None}
