"""A condition on a field of a payload (omf/messages/field_condition.py) as conditions in SQL."""

import json
from collections.abc import Callable
from typing import Any

from omf.messages.field_condition import COMPARISONS, ConditionError, FieldCondition
from services.history.questions import WrongQuestionError

Placed = Callable[[Any], str]


def condition_sql(where: str, text: str, placed: Placed) -> list[str]:
    """Conditions on the payload, given as an expression of its text; the cheap one first.

    `placed` takes a value and returns its place among the parameters. WrongQuestionError says how
    a condition is written.
    """
    try:
        condition = FieldCondition.parse(where)
    except ConditionError as error:
        raise WrongQuestionError(str(error)) from error
    levels = (f'.."{one.name}"{one.places}' if one.name else one.places for one in condition.levels)
    found = f"TRY_CAST({text} AS JSON), {placed('$' + ''.join(levels))}"
    return [
        f"contains({text}, {placed(condition.levels[-1].name)})",
        _of_values(condition, found, placed),
    ]


def _of_values(condition: FieldCondition, found: str, placed: Placed) -> str:
    if not condition.sign:
        return f"len(json_extract({found})) > 0"
    number = condition.number
    if condition.sign in COMPARISONS:
        test = f"TRY_CAST(x::VARCHAR AS DOUBLE) {condition.sign} {placed(number)}::DOUBLE"
        return f"len(list_filter(json_extract({found}), lambda x: {test})) > 0"
    wanted = condition.value.strip('"').lower()
    # JSON as it stands: a text is in quotes, so that "1" is no number and null no text.
    same = f"lower(x::VARCHAR) IN ({placed(wanted)}, {placed(json.dumps(wanted))},"
    same += f" {placed(json.dumps(wanted, ensure_ascii=False))})"
    if number is not None:
        same = f"({same} OR TRY_CAST(x::VARCHAR AS DOUBLE) IS NOT DISTINCT FROM"
        same += f" {placed(number)}::DOUBLE)"
    test = same if condition.sign == "=" else f"NOT {same}"
    return f"len(list_filter(json_extract({found}), lambda x: {test})) > 0"
