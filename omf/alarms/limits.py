"""A limit that a site puts on a number in messages: which topics, which field, which side."""

import re
from collections.abc import Mapping
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from omf.constants import DAY_S
from omf.texts import LANGUAGES, Language, Text, stored, text
from omf.topics.filters import check_filter, matches

PathStep: TypeAlias = str | int | None
"""A name, a place in a list, or every place."""
MAX_PATH_STEPS = 12
_STEP = re.compile(r"\.?([^.\[\]]+)|\[(\d{1,6})\]|\[(\*)\]")
_Finite: TypeAlias = Annotated[float, Field(allow_inf_nan=False)]
Words: TypeAlias = Annotated[str, Field(min_length=1, max_length=200)]
RuleName: TypeAlias = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
"""What a site calls a limit or a tile."""


def path_steps(path: str) -> tuple[PathStep, ...]:
    """The steps of `batteryState.percentage`, `loads[0].weight`, `loads[*].weight`; () if none."""
    steps = list[PathStep]()
    place = 0
    while place < len(path):
        found = _STEP.match(path, place)
        if found is None:
            return ()
        name, index, _ = found.groups()
        steps.append(int(index) if index else name)
        place = found.end()
    return tuple(steps) if len(steps) <= MAX_PATH_STEPS and not path.startswith(".") else ()


def _check_path(path: str) -> str:
    if not path_steps(path):
        raise PydanticCustomError("where", "no path", {"text": text("alarm_rules.no_path")})
    return path


TopicFilter: TypeAlias = Annotated[str, AfterValidator(check_filter)]
"""An MQTT filter."""
FieldPath: TypeAlias = Annotated[str, AfterValidator(_check_path)]
"""A field in the JSON of a message."""
Unit: TypeAlias = Annotated[str, Field(max_length=20)]
LimitCommand: TypeAlias = Literal[
    "park", "factory-reset", "charge", "fts-dock", "fts-reset", "module-reset"
]
"""Commands that need nothing but the device whose message passed the limit, or no device."""


class LimitBounds(BaseModel):
    """Where a limit lies and what an alarm on it is like; times in seconds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    above: _Finite | None = None
    below: _Finite | None = None
    hysteresis: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0
    """The value has to come back so far before the alarm is over."""
    priority: Annotated[int, Field(ge=1, le=4)] = 3
    respond_s: Annotated[float, Field(gt=0)] = 900.0
    on_delay_s: Annotated[float, Field(ge=0, le=DAY_S)] = 0.0
    off_delay_s: Annotated[float, Field(ge=0, le=DAY_S)] = 0.0
    action: Mapping[Language, Words] = {}
    """What to do, by language."""
    command: LimitCommand | None = None
    """What does it: the alarm offers this command, filled in; a person reads and sends it."""

    @model_validator(mode="after")
    def _one_side(self) -> Self:
        if (self.above is None) == (self.below is None):
            raise PydanticCustomError("where", "sides", {"text": text("alarm_rules.one_side")})
        return self

    @property
    def limit(self) -> float:
        """Where it lies."""
        return (self.above if self.above is not None else self.below) or 0.0

    def beyond(self, value: float, *, was: bool) -> bool:
        """True if the value is beyond, or `was` and has not come back by the hysteresis."""
        back = self.hysteresis if was else 0.0
        if self.above is not None:
            return value > self.above - back
        return value < self.limit + back


class LimitRule(LimitBounds):
    """One limit on a field of the messages of a topic."""

    topic: TopicFilter
    path: FieldPath
    unit: Unit = ""
    title: Mapping[Language, Words] = {}
    """What the value is called, by language; else its path."""

    @property
    def steps(self) -> tuple[PathStep, ...]:
        """The path, step by step."""
        return path_steps(self.path)

    def watches(self, topic: str) -> bool:
        """True of a topic that its filter matches."""
        return matches(self.topic, topic)


def in_every_language(given: Mapping[Language, str]) -> Text | None:
    """What a site wrote; in a language it left out as it is in another. None: it wrote nothing."""
    if not given:
        return None
    usual = given.get("en") or next(iter(given.values()))
    return stored(**{language: given.get(language, usual) for language in LANGUAGES})
