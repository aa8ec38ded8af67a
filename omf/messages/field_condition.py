"""`path op value`: a condition on a field of a JSON payload, as a person types it.

`batteryState.charge < 20`, `actionStates[0].state = RUNNING`, `charge >= 50`, `errors`. The path
may be the end of one, and levels between its names may be left out, so places in lists need not be
named. Text is compared without regard to capitals, numbers as numbers; a path alone: the field is
there. `!=` finds a message in which at least one such field is another one.
"""

import math
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

from omf.messages import exact_json

MAX_LEVELS = 12
COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
"""Signs that compare numbers only."""
_CONDITION = re.compile(r"([^<>=!]+)(?:(<=|>=|!=|=|<|>)(.*))?", re.DOTALL)
"""Each sign is read once; blanks are taken off behind it, for a page of them took minutes."""
_LEVEL = re.compile(r"([^.\[\]\"\\]*)((?:\[(?:\d{1,6}|\*)\])*)")
HOW = "field=value, field!=value, field<number, field>=number, or field alone"


class ConditionError(ValueError):
    """It is no condition; the text says why, and how one is written."""


class PathLevel(NamedTuple):
    """One level of a path; the first may be a place in a list alone."""

    name: str
    places: str
    """`[0]`, `[*]`, `[0][2]`; empty: whichever."""


@dataclass(frozen=True)
class FieldCondition:
    """A condition that was understood."""

    levels: tuple[PathLevel, ...]
    sign: str
    """`=`, `!=`, `<`, `<=`, `>`, `>=`; empty: the field is there."""
    value: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """The condition; ConditionError says how one is written."""
        found = _CONDITION.fullmatch(text)
        if found is None:
            raise ConditionError(f"{text!r} is no condition: {HOW}")
        path, sign, value = (part.strip() for part in found.groups(""))
        parts = path.removeprefix("$.").split(".")
        levels = tuple(PathLevel(*one.groups()) for one in map(_LEVEL.fullmatch, parts) if one)
        nameless = [place for place, level in enumerate(levels) if not level.name]
        whole = len(levels) == len(parts) <= MAX_LEVELS and nameless in ([], [0])
        if not whole or not any(levels[0]):
            raise ConditionError(f"{path!r} is no path of a field, as batteryState.charge is")
        made = cls(levels, sign, value)
        if sign in COMPARISONS and made.number is None:
            raise ConditionError(f"{value!r} is no number: {HOW}")
        return made

    @property
    def number(self) -> float | None:
        """The value as a number; None if it is none."""
        try:
            number = float(self.value)
        except ValueError:
            return None
        return number if math.isfinite(number) else None

    def names(self) -> Callable[[str], bool]:
        """A test for paths of leaves: `actionStates[0].state`, `action.id (2)` of a doubled key."""
        *before, last = [_level(level) for level in self.levels]

        def test(path: str) -> bool:
            levels = iter(path.split("."))
            if not all(any(map(wanted.fullmatch, levels)) for wanted in before):
                return False
            left = list(levels)
            # A field that is an object or a list is there if something of it is.
            return any(map(last.fullmatch, left if not self.sign else left[-1:]))

        return test

    def compares(self) -> Callable[[Any], bool]:
        """A test for the values of leaves, numbers as `exact_json` reads them."""
        if not self.sign:
            return lambda _: True
        number = self.number
        if order := COMPARISONS.get(self.sign):
            return lambda leaf: exact_json.is_number(leaf) and order(leaf, number)
        wanted, exact = self.value.strip('"').casefold(), _exact(self.value)
        same = self.sign == "="
        return lambda leaf: (_word(leaf) == wanted or _equal(leaf, exact)) == same


def _level(wanted: PathLevel) -> re.Pattern[str]:
    places = re.escape(wanted.places).replace(r"\*", r"\d+")
    return re.compile(rf"{re.escape(wanted.name)}(?: \(\d+\))?{places}(?:\[\d+\])*")


def _exact(value: str) -> Any:
    try:
        found = exact_json.read(value)
    except (ValueError, RecursionError):
        return None
    return found if exact_json.is_number(found) else None


def _equal(leaf: Any, number: Any) -> bool:
    """The same number in another spelling: 1.50 is 1.5."""
    return number is not None and exact_json.is_number(leaf) and exact_json.same(leaf, number)


def _word(leaf: Any) -> str:
    if leaf is None or isinstance(leaf, bool):
        return {None: "null", True: "true", False: "false"}[leaf]
    return str(leaf).casefold()
