"""The authenticator apps of users of a local pool: each code is another one, and good when it is given."""

from __future__ import annotations

from pathlib import Path

from local_stage.cloudformation.pool_front.totp import STEP, find_step, make_secret
from local_stage.cognito.directory.authenticators import Authenticators


class Time:
    """A clock that goes on by what is slept."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_each_code_is_of_a_later_step_which_is_waited_for(tmp_path: Path) -> None:
    time, secret = Time(), make_secret()
    apps = Authenticators(tmp_path, time, time.sleep)
    codes = [apps.begin("pool", "alice", secret)]
    steps = [find_step(secret, codes[0], time.now)]
    for _ in range(3):
        code = Authenticators(tmp_path, time, time.sleep).find_code("pool", "alice")
        assert code is not None
        steps.append(find_step(secret, code, time.now))
    first = int(1_700_000_000.0) // STEP
    assert steps == [first, first + 1, first + 2, first + 3]
    assert time.now - 1_700_000_000.0 <= 2 * STEP


def test_of_another_user_no_code_is_known(tmp_path: Path) -> None:
    Authenticators(tmp_path).begin("pool", "alice", make_secret())
    assert Authenticators(tmp_path).find_code("pool", "bob") is None
