"""A rule of the pack, and what it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from cfn_lint_cognito.possible_value import Path
from cfn_lint_cognito.template import Template


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault. `path` leads to it; `subject` is what an allow list calls it, as `GET /health`."""

    path: Path
    message: str
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule. An id that starts with E is an error of the template, one with W a weakness.

    `title` says what is right, `why` in one sentence what happens otherwise, `looks_at` which properties are
    read; `source` is the page that says so. `allow_list` names the setting, if there is one, with the
    subjects that may be at fault.
    """

    id: str
    title: str
    why: str
    looks_at: str
    source: str
    find: Callable[[Template], Iterator[Finding]]
    allow_list: str = ""
