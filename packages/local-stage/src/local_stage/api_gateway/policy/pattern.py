"""A text of a policy with wildcards and variables, and whether it matches.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from local_stage.api_gateway.policy.keys import Absence, Keys

_VARIABLE: Final = re.compile(r"\$\{([^{}]*)\}")
_LITERALS: Final[Mapping[str, str]] = {"*": "*", "?": "?", "$": "$"}
"""`${*}` is an asterisk that is no wildcard."""

_WILDCARD: Final = re.compile(r"([*?])")


@dataclass(frozen=True, slots=True)
class Pattern:
    """Literal text, wildcards and variables, as `text` has them.

    In a policy of the version 2012-10-17 `${aws:SourceIp}` is a variable; in an older one it is text.
    """

    text: str
    has_variables: bool = False

    @property
    def variables(self) -> tuple[str, ...]:
        """The names of the condition keys that the pattern asks for."""
        if not self.has_variables:
            return ()
        return tuple(name for name in _VARIABLE.findall(self.text) if name not in _LITERALS)

    def matches(self, value: str, keys: Keys, *, ignores_case: bool = False) -> bool | None:
        """Say whether the whole value matches; None where a variable has no value: nobody can tell."""
        if not (self.has_variables and "${" in self.text):
            return _compile_text(self.text, ignores_case=ignores_case).fullmatch(value) is not None
        parts = self._resolve(keys)
        if parts is None:
            return None
        return _compile(parts, ignores_case=ignores_case).fullmatch(value) is not None

    def resolve(self, keys: Keys) -> str | None:
        """Return the text with its variables in place; None where one has no value."""
        if not self.has_variables:
            return self.text
        parts = self._resolve(keys)
        return None if parts is None else "".join(text for text, _ in parts)

    def _resolve(self, keys: Keys) -> list[tuple[str, bool]] | None:
        """Return the texts that the pattern is made of, and of each whether its wildcards are any."""
        parts = []
        # The expression has one group, so that texts and names of variables take turns.
        for position, part in enumerate(_VARIABLE.split(self.text)):
            if position % 2 == 0:
                parts.append((part, True))
            elif part in _LITERALS:
                parts.append((part, False))
            elif not isinstance(value := keys.find(part), Absence):
                parts.append((value, False))
            else:
                return None
        return parts


@lru_cache(maxsize=2048)
def _compile_text(text: str, *, ignores_case: bool) -> re.Pattern[str]:
    return _compile([(text, True)], ignores_case=ignores_case)


def _compile(parts: Iterable[tuple[str, bool]], *, ignores_case: bool) -> re.Pattern[str]:
    """Return an expression that takes time in proportion to the text, whatever the wildcards.

    After an asterisk the leftmost place that fits is as good as any later one, so that none of them is tried
    again: the groups are atomic. Only what follows the last asterisk has to stand at the end.
    """
    runs = [""]
    for text, is_wildcard in _split(parts):
        if text == "*" and is_wildcard:
            runs.append("")
        else:
            runs[-1] += "." if is_wildcard else re.escape(text)
    first, *inner = runs
    expression = first
    if inner:
        expression += "".join(f"(?>.*?{run})" for run in inner[:-1]) + f".*{inner[-1]}"
    return re.compile(expression, re.DOTALL | (re.IGNORECASE if ignores_case else re.NOFLAG))


def _split(parts: Iterable[tuple[str, bool]]) -> Iterator[tuple[str, bool]]:
    """Yield texts and wildcards, and of each whether it is a wildcard."""
    for text, has_wildcards in parts:
        if not has_wildcards:
            yield text, False
            continue
        yield from ((part, part in {"*", "?"}) for part in _WILDCARD.split(text) if part)
