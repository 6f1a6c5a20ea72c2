"""The conditions of a policy's statement.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
"""

from __future__ import annotations

import ipaddress
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from local_stage.api_gateway.policy.keys import Absence, Keys
from local_stage.api_gateway.policy.pattern import Pattern

type Verdict = bool | None
"""Whether it holds; None where nobody here can tell."""

type _Compare = Callable[[str, Pattern, Keys], Verdict]
"""Compares a request's value with one of a policy's. Raises ValueError where the request's is malformed."""

_OPERATOR: Final = re.compile(r"(?:(ForAllValues|ForAnyValue):)?([A-Za-z]+?)(IfExists)?")
_ARN_PARTS: Final = 6


class PolicyError(Exception):
    """A policy that AWS could not make sense of, or whose meaning nobody here can tell; the text says why."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One key with the values that the policy has for it, and how they are compared."""

    operator: str
    key: str
    values: tuple[Pattern, ...]

    @property
    def keys(self) -> Iterator[str]:
        """The names of all keys that it asks for."""
        yield self.key
        for value in self.values:
            yield from value.variables

    def holds(self, keys: Keys) -> Verdict:
        """Say whether the condition holds for a request with these keys."""
        quantifier, name, if_exists = _split(self.operator)
        value = keys.find(self.key)
        if value is Absence.UNKNOWN:
            return None
        if name == "Null":
            wanted = [pattern.text.lower() == "true" for pattern in self.values]
            return (value is Absence.ABSENT) in wanted
        is_negated = name in _NEGATED
        if isinstance(value, Absence):
            return bool(if_exists) or quantifier == "ForAllValues" or (is_negated and quantifier is None)
        matched = self._match(_NEGATED.get(name, name), value, keys)
        if matched is None:
            return None
        return not matched if is_negated else matched

    def _match(self, name: str, value: str, keys: Keys) -> Verdict:
        """Say whether the value matches any of the policy's; every key here has one value at most."""
        compare = _COMPARISONS[name]
        try:
            verdicts = [compare(value, pattern, keys) for pattern in self.values]
        except ValueError:
            return None
        return True if True in verdicts else None if None in verdicts else False


def read_conditions(block: Any, *, has_variables: bool) -> tuple[Condition, ...]:
    """Read the Condition of a statement. Raises PolicyError for an operator or a value that is none."""
    if block is None:
        return ()
    if not isinstance(block, Mapping):
        raise PolicyError("Condition has to be a mapping of operators")
    return tuple(
        condition
        for name, keys in block.items()
        for condition in _read_operator(name, keys, has_variables=has_variables)
    )


def _read_operator(name: Any, keys: Any, *, has_variables: bool) -> Iterator[Condition]:
    if not isinstance(name, str) or not _is_known(name):
        raise PolicyError(f"{name!a} is no condition operator that is known here")
    if not isinstance(keys, Mapping) or not keys:
        raise PolicyError(f"{name} has to be a mapping of condition keys")
    for key, value in keys.items():
        values = tuple(Pattern(text, has_variables) for text in _read_values(value, f"{name} of {key}"))
        for pattern in values:
            if not pattern.variables:
                _check_value(name, pattern)
        yield Condition(name, str(key), values)


def _is_known(name: str) -> bool:
    match = _OPERATOR.fullmatch(name)
    if match is None:
        return False
    _, base, if_exists = match.groups()
    return (base == "Null" and not if_exists) or base in _COMPARISONS or base in _NEGATED


def _split(name: str) -> tuple[str | None, str, str | None]:
    match = _OPERATOR.fullmatch(name)
    if match is None:
        raise PolicyError(f"{name!a} is no condition operator")
    quantifier, base, if_exists = match.groups()
    return quantifier, base, if_exists


def _read_values(value: Any, where: str) -> Iterator[str]:
    values = value if isinstance(value, list) else [value]
    if not values:
        raise PolicyError(f"{where} has no value to compare with")
    for one in values:
        if isinstance(one, bool):
            yield "true" if one else "false"
        elif isinstance(one, str | int | float):
            yield str(one)
        else:
            raise PolicyError(f"{where} has {one!a}, which is no text")


def _check_value(name: str, pattern: Pattern) -> None:
    _, base, _ = _split(name)
    read = _READERS.get(_NEGATED.get(base, base))
    try:
        if read is not None:
            read(pattern.text)
    except ValueError:
        raise PolicyError(f"{name} cannot compare with {pattern.text!a}") from None


def _literal(pattern: Pattern, keys: Keys) -> str | None:
    return pattern.resolve(keys)


def _equals(value: str, pattern: Pattern, keys: Keys) -> Verdict:
    wanted = _literal(pattern, keys)
    return None if wanted is None else value == wanted


def _equals_ignoring_case(value: str, pattern: Pattern, keys: Keys) -> Verdict:
    wanted = _literal(pattern, keys)
    return None if wanted is None else value.lower() == wanted.lower()


def _like(value: str, pattern: Pattern, keys: Keys) -> Verdict:
    return pattern.matches(value, keys)


def _arn_like(value: str, pattern: Pattern, keys: Keys) -> Verdict:
    """Compare the six parts of an ARN each by itself, as ArnEquals does as well."""
    parts, wanted = value.split(":", _ARN_PARTS - 1), _split_arn(pattern.text)
    if len(parts) != _ARN_PARTS:
        return False
    verdicts = [
        Pattern(one, pattern.has_variables).matches(part, keys)
        for part, one in zip(parts, wanted, strict=True)
    ]
    return False if False in verdicts else None if None in verdicts else True


def _split_arn(text: str) -> list[str]:
    """Return the six parts of an ARN, in which a variable's colons are no separators."""
    parts = re.split(r":(?![^{}]*\})", text, maxsplit=_ARN_PARTS - 1)
    if text == "*":
        return ["*"] * _ARN_PARTS
    if len(parts) != _ARN_PARTS:
        raise ValueError
    return parts


def _bool(value: str, pattern: Pattern, keys: Keys) -> Verdict:
    wanted = _literal(pattern, keys)
    return None if wanted is None else value.lower() == wanted.lower()


def _in_network(value: str, pattern: Pattern, keys: Keys) -> Verdict:
    wanted = _literal(pattern, keys)
    return None if wanted is None else _read_address(value) in _read_network(wanted)


def _ordered(read: Callable[[str], float], compare: Callable[[float, float], bool]) -> _Compare:
    def ordered(value: str, pattern: Pattern, keys: Keys) -> Verdict:
        wanted = _literal(pattern, keys)
        return None if wanted is None else compare(read(value), read(wanted))

    return ordered


def _read_address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Return an address; an IPv4 address in IPv6 form is what it is (RFC 4291, 2.5.5.2)."""
    address = ipaddress.ip_address(text)
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _read_network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    return ipaddress.ip_network(text, strict=False)


def _read_number(text: str) -> float:
    number = float(text)
    if number != number:  # noqa: PLR0124 - a NaN alone is not itself
        raise ValueError
    return number


def _read_date(text: str) -> float:
    """Return Unix seconds of a date of ISO 8601, or of a number of seconds."""
    if re.fullmatch(r"\d+(\.\d+)?", text, re.ASCII):
        return float(text)
    at = datetime.fromisoformat(text)
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


def _read_boolean(text: str) -> bool:
    if text.lower() not in {"true", "false"}:
        raise ValueError
    return text.lower() == "true"


_ORDERS: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "Equals": operator.eq,
    "GreaterThan": operator.gt,
    "GreaterThanEquals": operator.ge,
    "LessThan": operator.lt,
    "LessThanEquals": operator.le,
}

_COMPARISONS: Final[Mapping[str, _Compare]] = {
    "ArnEquals": _arn_like,
    "ArnLike": _arn_like,
    "Bool": _bool,
    "IpAddress": _in_network,
    "StringEquals": _equals,
    "StringEqualsIgnoreCase": _equals_ignoring_case,
    "StringLike": _like,
    **{f"Date{name}": _ordered(_read_date, compare) for name, compare in _ORDERS.items()},
    **{f"Numeric{name}": _ordered(_read_number, compare) for name, compare in _ORDERS.items()},
}

_NEGATED: Final[Mapping[str, str]] = {
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
    "DateNotEquals": "DateEquals",
    "NotIpAddress": "IpAddress",
    "NumericNotEquals": "NumericEquals",
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
}
"""Operators that hold where another one does not, for none of the policy's values."""

_READERS: Final[Mapping[str, Callable[[str], object]]] = {
    "ArnEquals": _split_arn,
    "ArnLike": _split_arn,
    "Bool": _read_boolean,
    "IpAddress": _read_network,
    "Null": _read_boolean,
    **{f"Date{name}": _read_date for name in _ORDERS},
    **{f"Numeric{name}": _read_number for name in _ORDERS},
}
"""What each operator reads a policy's value with; ValueError where it is none."""
