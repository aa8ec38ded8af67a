"""What a sequence says: commands one after the other, conditions to wait for, and branches.

Old files hold commands only; everything else is an addition to them (docs/sequences.md).
"""

from collections.abc import Iterable, Iterator
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from omf.commands import KINDS, CommandError, kind_of, parameters_of
from omf.commands.command_types.sequences import FactoryKinds
from omf.commands.forms import Colour, Id
from omf.texts import Text, text, verbatim

MAX_STEPS = 50
"""Commands, waits, branches and stops of a sequence, nested ones included."""
MAX_NESTED = 5
"""Levels of steps within steps."""
MAX_CONDITIONS = 10
MAX_TIMEOUT_S = 86_400.0

Seconds = Annotated[float, Field(gt=0, le=MAX_TIMEOUT_S)]


def _spoken(value: Any) -> Any:
    """A plain text as the same words in every language."""
    return verbatim(value) if isinstance(value, str) else value


Words = Annotated[Text, BeforeValidator(_spoken)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


def _fault(key: str, **values: object) -> PydanticCustomError:
    return PydanticCustomError("sequence", "wrong", {"text": text(key, **values)})


def _known_kind(name: str) -> str:
    if name not in KINDS:
        raise _fault("sequence_file.unknown_kind", kind=name)
    return name


class WantedCommand(_Strict):
    """A command by kind and parameters; the parameters are those of `omf send`."""

    kind: str
    parameters: dict[str, Any] = Field(default_factory=dict)

    @field_validator("kind")
    @classmethod
    def _known(cls, kind: str) -> str:
        return _known_kind(kind)

    @model_validator(mode="after")
    def _accepted(self) -> Self:
        try:
            parameters_of(kind_of(self.kind), self.parameters)
        except CommandError as error:
            raise _fault("sequence_file.parameter", what=error.told) from None
        return self


class Condition(_Strict):
    """Something about the factory that is so, is not so, or is not known; one subject each."""

    orders: Literal["open", "running", "waiting"] | None = None
    """How many orders the CCU lists, with `at_least` or `at_most`."""
    stock: Colour | Literal["any"] | None = None
    """How many free pieces of a colour lie in the warehouse, with `at_least` or `at_most`."""
    module: Id | None = None
    """Type or serial of a module, with `state`."""
    state: Literal["ready", "busy", "blocked", "offline"] | None = None
    vehicle: Id | None = None
    """Serial of a vehicle or `any`, with `at` or with `battery_at_least`."""
    at: Id | None = None
    """A node of the layout: a crossing, or the type or serial of a module."""
    battery_at_least: Annotated[float, Field(ge=0, le=100)] | None = None
    possible: WantedCommand | None = None
    """Nothing stands against this command."""
    all_of: tuple["Condition", ...] = Field(default=(), max_length=MAX_CONDITIONS)
    any_of: tuple["Condition", ...] = Field(default=(), max_length=MAX_CONDITIONS)
    none_of: tuple["Condition", ...] = Field(default=(), max_length=MAX_CONDITIONS)
    at_least: Annotated[int, Field(ge=0)] | None = None
    at_most: Annotated[int, Field(ge=0)] | None = None

    @property
    def subject(self) -> str:
        """The field that says what it is about."""
        return next(name for name in SUBJECTS if getattr(self, name))

    @model_validator(mode="after")
    def _complete(self) -> Self:
        named = [name for name in SUBJECTS if getattr(self, name)]
        if len(named) != 1:
            raise _fault("sequence_file.one_subject", names=", ".join(SUBJECTS))
        given = {name for name in _DETAILS if getattr(self, name) is not None}
        allowed = SUBJECTS[named[0]]
        if (allowed and not given) or not given <= set(allowed):
            details = ", ".join(allowed) or text("sequence_file.nothing_else")
            raise _fault("sequence_file.details", subject=named[0], names=details)
        if self.at_least is not None and self.at_most is not None and self.at_least > self.at_most:
            raise _fault("sequence_file.empty_range")
        return self


SUBJECTS: dict[str, tuple[str, ...]] = {
    "orders": ("at_least", "at_most"),
    "stock": ("at_least", "at_most"),
    "module": ("state",),
    "vehicle": ("at", "battery_at_least"),
    "possible": (),
    "all_of": (),
    "any_of": (),
    "none_of": (),
}
"""What a condition may be about, and what is said of it."""
_DETAILS = tuple(dict.fromkeys(name for names in SUBJECTS.values() for name in names))


class SequenceStep(_Strict):
    """A command, a wait, a branch or a stop: exactly one of `kind`, `wait`, `if` and `stop`."""

    kind: str | None = None
    parameters: dict[str, Any] = Field(default_factory=dict)
    patient: bool = False
    """The command waits until nothing stands against it."""
    optional: bool = False
    """Whatever comes of the command, the next step follows."""
    read: Annotated[str, Field(max_length=200)] = ""
    """Fingerprint of the preview that was read; the run holds if it would be another."""
    wait: Condition | None = None
    timeout_s: Seconds | None = None
    """How long a wait, or a patient command, waits at most."""
    on_timeout: Literal["stop", "go-on"] = "stop"
    """What follows then, unless steps under `else` do."""
    condition: Condition | None = Field(default=None, alias="if")
    then: tuple["SequenceStep", ...] = ()
    otherwise: tuple["SequenceStep", ...] = Field(default=(), alias="else")
    """What is done if the condition is not met, or was not in time; then the next step follows."""
    stop: Words | None = None
    """Ends the run here with these words."""

    @field_validator("kind")
    @classmethod
    def _known(cls, kind: str | None) -> str | None:
        if kind is None:
            return None
        if KINDS[_known_kind(kind)].typed_word:
            raise _fault("sequence_file.typed_word", kind=kind)
        return kind

    @model_validator(mode="after")
    def _one_of_four(self) -> Self:
        told = [name for name in _STEPS if getattr(self, name) is not None]
        if len(told) != 1:
            raise _fault("sequence_file.one_of_four")
        for name in sorted(self.model_fields_set - {told[0], *_STEPS[told[0]]}):
            raise _fault("sequence_file.not_here", name=_WRITTEN.get(name, name))
        if self.timeout_s is None and (self.wait or "on_timeout" in self.model_fields_set):
            raise _fault("sequence_file.timeout_missing")
        if self.kind and not self.patient and (self.timeout_s is not None or self.otherwise):
            raise _fault("sequence_file.only_patient")
        if self.otherwise and (self.kind or self.wait) and self.timeout_s is None:
            raise _fault("sequence_file.timeout_missing")
        if self.otherwise and "on_timeout" in self.model_fields_set:
            raise _fault("sequence_file.two_endings")
        return self


_STEPS = {
    "kind": (
        *("parameters", "patient", "optional", "read"),
        *("timeout_s", "on_timeout", "otherwise"),
    ),
    "wait": ("timeout_s", "on_timeout", "otherwise"),
    "condition": ("then", "otherwise"),
    "stop": (),
}
_WRITTEN = {"condition": "if", "otherwise": "else"}


class WrittenSequence(_Strict):
    """The content of a file, or of a `sequence-start`."""

    title: Words
    only: Annotated[FactoryKinds, Field(min_length=1)] = ()
    """Kinds of factories where it may run: one written for the mock is no good for a real one."""
    steps: tuple[SequenceStep, ...]

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        if not self.steps:
            raise _fault("sequence_file.empty")
        if sum(1 for _ in every_step(self.steps)) > MAX_STEPS:
            raise _fault("sequence_file.too_many", most=MAX_STEPS)
        if _depth(self.steps) > MAX_NESTED:
            raise _fault("sequence_file.too_deep", most=MAX_NESTED)
        return self


Place = tuple[str | int, ...]
"""Where a step stands in its file: `("steps", 2, "then", 0)`."""


def every_step(
    steps: Iterable[SequenceStep], place: Place = ("steps",)
) -> Iterator[tuple[Place, SequenceStep]]:
    """All steps in the order they are written, nested ones behind the one they stand in."""
    for number, step in enumerate(steps):
        own = (*place, number)
        yield own, step
        yield from every_step(step.then, (*own, "then"))
        yield from every_step(step.otherwise, (*own, "else"))


def number_of(place: Place) -> str:
    """The place of a step as people count: `3.then.1`."""
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in place[1:])


def parameter_faults(steps: Iterable[SequenceStep]) -> Iterator[tuple[Place, Text]]:
    """The first wrong parameter of each command, with its place and what is wrong with it."""
    for place, step in every_step(steps):
        if step.kind is None:
            continue
        try:
            parameters_of(kind_of(step.kind), step.parameters)
        except CommandError as error:
            yield (*place, "parameters", *error.field.split(".")), error.text


def _depth(steps: Iterable[SequenceStep]) -> int:
    return max((1 + _depth((*one.then, *one.otherwise)) for one in steps), default=0)
