"""Orders by plan: a plan is set, paused, resumed and removed; orders gives what it says.

Nothing of this goes to the factory by itself: what is due goes out as a sequence of commands.
"""

from datetime import datetime, time
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from omf.analysis.shifts import WEEKDAYS, Weekday
from omf.commands.command_types.brackets import act_of_orders
from omf.commands.forms import Colour, Form, field, split_list
from omf.texts import text

PLAN_SET = "plan-set"
PLAN_PAUSE = "plan-pause"
PLAN_RESUME = "plan-resume"
PLAN_REMOVE = "plan-remove"
PLAN_EXPIRY_S = 60.0
MAX_PLAN_TIMES = 24


def _empty(value: object) -> object:
    return None if value == "" else value


def _colours(value: object) -> object:
    """Names as people write them, however large."""
    return split_list(value.upper()) if isinstance(value, str) else value


PlanName = Annotated[str, StringConstraints(pattern=r"^[\w .:-]{1,40}$")]
Colours = Annotated[
    tuple[Colour, ...], BeforeValidator(_colours), Field(min_length=1, max_length=3)
]
Times = Annotated[tuple[time, ...], BeforeValidator(split_list), Field(max_length=MAX_PLAN_TIMES)]
Days = Annotated[tuple[Weekday, ...], BeforeValidator(split_list), Field(max_length=7)]


class PlannedOrders(Form):
    """What is ordered, and when: exactly one of a moment, times of the day, and a stock to keep."""

    name: PlanName = field("field.plan_name", hint="hint.plan_name")
    colours: Colours = field("field.plan_colours", hint="hint.plan_colours")
    amount: Annotated[int, Field(ge=1, le=9)] = field("field.plan_amount", 1)
    at: Annotated[datetime | None, BeforeValidator(_empty)] = field(
        "field.plan_at", None, hint="hint.plan_at"
    )
    times: Times = field("field.plan_times", (), hint="hint.plan_times")
    days: Days = field("field.plan_days", WEEKDAYS, hint="hint.plan_days")
    keep: Annotated[int | None, BeforeValidator(_empty), Field(ge=1, le=3)] = field(
        "field.plan_keep", None, hint="hint.plan_keep"
    )

    @model_validator(mode="after")
    def _one_occasion(self) -> Self:
        given = [bool(self.at), bool(self.times), self.keep is not None]
        if sum(given) != 1:
            said = text("plan.one_occasion")
            raise PydanticCustomError("plan", "one occasion", {"text": said})
        if self.at is not None and self.at.tzinfo is not None:
            said = text("plan.wall_clock")
            raise PydanticCustomError("plan", "wall clock", {"text": said})
        return self


class OnePlan(Form):
    """A plan by its name."""

    name: PlanName = field("field.plan_name", hint="hint.see_omf_plans")


KINDS = (
    act_of_orders(PLAN_SET, PlannedOrders, PLAN_EXPIRY_S),
    act_of_orders(PLAN_PAUSE, OnePlan, PLAN_EXPIRY_S, holds_back=True),
    act_of_orders(PLAN_RESUME, OnePlan, PLAN_EXPIRY_S),
    act_of_orders(PLAN_REMOVE, OnePlan, PLAN_EXPIRY_S, holds_back=True),
)
