"""The mark of a test that asserts what AWS does and fails, since MiniStack does otherwise.

It is strict: a MiniStack that mends its difference makes the test pass, which pytest reports as a failure.
Then the mark goes, and with it the row in the documents.
"""

from __future__ import annotations

from typing import Final

import pytest

OTHERWISE: Final = (AssertionError, pytest.fail.Exception)
"""What a difference ends in: an assertion, or an error of AWS's that does not come."""


def differs(
    how: str, *, raises: type[BaseException] | tuple[type[BaseException], ...] = OTHERWISE
) -> pytest.MarkDecorator:
    """Mark a test that has to fail, and in no other way than this, because MiniStack is different."""
    return pytest.mark.xfail(strict=True, raises=raises, reason=f"MiniStack 1.5.33: {how}")
