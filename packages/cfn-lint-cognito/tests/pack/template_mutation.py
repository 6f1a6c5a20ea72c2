"""Templates that nobody would write: a good one, with parts taken out, bent or put elsewhere."""

from __future__ import annotations

import copy
from random import Random
from typing import Any


def mutate(template: dict[str, Any], random: Random) -> dict[str, Any]:
    """Return a copy of the template with one to six of its parts changed."""
    mutant = copy.deepcopy(template)
    for _ in range(random.randint(1, 6)):
        parts = _parts(mutant)
        if not parts:
            break
        holder, key = random.choice(parts)
        kind = random.randrange(4)
        if kind == 0:
            del holder[key]
        elif kind == 1 and isinstance(holder, dict):
            holder[random.choice([7, None, True, "", "Ref", "Fn::If", "Properties"])] = holder.pop(key)
        else:
            holder[key] = _bent(holder[key], mutant, random)
    return mutant


def _bent(value: Any, template: dict[str, Any], random: Random) -> Any:
    holder, key = random.choice(_parts(template) or [([None], 0)])
    elsewhere = copy.deepcopy(holder[key])
    simple: list[Any] = [
        None,
        "",
        "x",
        "'*'",
        0,
        -1,
        1.5,
        10**400,
        float("nan"),
        True,
        False,
        [],
        {},
        [[]],
        [None],
        {"": {}},
    ]
    calls = [
        {"Ref": random.choice(["Nowhere", "AWS::NoValue", "AWS::Region", "UserPool", 7, None, ["a"], {}])},
        {
            "Fn::If": random.choice(
                [["C", value, elsewhere], ["C", elsewhere], "C", [], None, [["C"], value, value]]
            )
        },
        {"Fn::Sub": random.choice(["${A}${B.C}", [], ["${A}", {"A": elsewhere}], ["${A}", []], 7, None])},
        {"Fn::Join": random.choice([["", [value, elsewhere]], ["", value], [7, [7]], "x", []])},
        {"Fn::FindInMap": random.choice([["M", "a", "b"], ["M", value, elsewhere], [value], "M", None])},
        {"Fn::GetAtt": random.choice(["A", "A.B.C", ["A"], ["A", elsewhere], 7, []])},
        {"Fn::Transform": elsewhere, "Fn::If": value},
        {"Fn::Unheard": elsewhere},
    ]
    return random.choice([*simple, *calls, *calls, elsewhere, [value], [value, elsewhere], {"Ref": value}])


def _parts(value: Any) -> list[tuple[Any, Any]]:
    """Return every (mapping or list, key) in the value."""
    keys: list[Any] = (
        list(value) if isinstance(value, dict) else list(range(len(value))) if isinstance(value, list) else []
    )
    return [(value, key) for key in keys] + [part for key in keys for part in _parts(value[key])]
