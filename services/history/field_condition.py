"""`path op value`: a condition on a field of a JSON payload, as a person types it.

`batteryState.charge < 20`, `actionStates[0].state = RUNNING`, `charge >= 50`, `errors`. The path
may be the end of one, and levels between its names may be left out, so places in lists need not be
named. Text is compared without regard to capitals, numbers as numbers; a path alone: the field is
there. `!=` finds a message in which at least one such field is another one.
"""

import json
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

from services.history.questions import WrongQuestionError

MAX_LEVELS = 12
_CONDITION = re.compile(r"\s*([^<>=!]+?)\s*(?:(<=|>=|!=|=|<|>)\s*(.*?)\s*)?", re.DOTALL)
_LEVEL = re.compile(r"([^.\[\]\"\\]+)((?:\[(?:\d{1,6}|\*)\])*)")
HOW = "field=value, field!=value, field<number, field>=number, or field alone"

Placed = Callable[[Any], str]


@dataclass(frozen=True)
class FieldCondition:
    """A condition that was understood."""

    path: str
    sign: str
    """`=`, `!=`, `<`, `<=`, `>`, `>=`; empty: the field is there."""
    value: str
    levels: tuple[str, ...]
    """The names of the path, each with its places in lists."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """The condition; WrongQuestionError says how one is written."""
        found = _CONDITION.fullmatch(text)
        if found is None:
            raise WrongQuestionError(f"{text!r} is no condition: {HOW}")
        path, sign, value = found[1], found[2] or "", found[3] or ""
        levels = tuple(path.removeprefix("$.").split("."))
        wrong = next((level for level in levels if not _LEVEL.fullmatch(level)), None)
        if wrong is not None or len(levels) > MAX_LEVELS:
            raise WrongQuestionError(f"{path!r} is no path of a field, as batteryState.charge is")
        if sign[:1] in {"<", ">"} and _number(value) is None:
            raise WrongQuestionError(f"{value!r} is no number: {HOW}")
        return cls(path, sign, value, levels)

    def sql(self, text: str, placed: Placed) -> list[str]:
        """Conditions on the payload, given as an expression of its text; the cheap one first."""
        named = [_LEVEL.fullmatch(level) for level in self.levels]
        split = [(one[1], one[2]) for one in named if one]
        path = "$" + "".join(f'.."{name}"{places}' for name, places in split)
        found = f"TRY_CAST({text} AS JSON), {placed(path)}"
        return [
            f"contains({text}, {placed(split[-1][0])})",
            self._of_leaves(found, placed),
        ]

    def _of_leaves(self, found: str, placed: Placed) -> str:
        if not self.sign:
            return f"len(json_extract({found})) > 0"
        number = _number(self.value)
        if self.sign not in {"=", "!="}:
            test = f"TRY_CAST(x::VARCHAR AS DOUBLE) {self.sign} {placed(number)}::DOUBLE"
            return f"len(list_filter(json_extract({found}), lambda x: {test})) > 0"
        wanted = self.value.strip('"').lower()
        # JSON as it stands: a text is in quotes, so that "1" is no number and null no text.
        same = f"lower(x::VARCHAR) IN ({placed(wanted)}, {placed(json.dumps(wanted))},"
        same += f" {placed(json.dumps(wanted, ensure_ascii=False))})"
        if number is not None:
            same = f"({same} OR TRY_CAST(x::VARCHAR AS DOUBLE) IS NOT DISTINCT FROM"
            same += f" {placed(number)}::DOUBLE)"
        test = same if self.sign == "=" else f"NOT {same}"
        return f"len(list_filter(json_extract({found}), lambda x: {test})) > 0"


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
