"""The steps of a sequence as a list of instructions, each with what follows it."""

from collections.abc import Iterable
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from omf.sequences.written import Condition, SequenceStep, WantedCommand
from omf.texts import Text

Operation = Literal["give", "wait", "branch", "stop", "jump"]


class Instruction(BaseModel):
    """One thing to do; `next` and `other` are places in the list, behind this one.

    Steps are nested and never repeated, so every run comes to an end.
    """

    model_config = ConfigDict(frozen=True)

    operation: Operation
    place: str = ""
    """Number of the step as people count: `3`, `3.then.1`; a jump has none."""
    next: int
    """What follows: a command's effect, a condition that is met."""
    other: int | None = None
    """What follows a condition that is not met, or not in time; None: the run stops."""
    command: WantedCommand | None = None
    patient: bool = False
    optional: bool = False
    read: str = ""
    condition: Condition | None = None
    timeout_s: float | None = None
    words: Text | None = Field(default=None)
    """What a stop says."""


def compiled(steps: Iterable[SequenceStep]) -> tuple[Instruction, ...]:
    """The instructions of these steps; the place behind the last one is the end."""
    program: list[Instruction] = []
    _append(program, steps, "")
    return tuple(program)


def _append(program: list[Instruction], steps: Iterable[SequenceStep], within: str) -> None:
    for number, step in enumerate(steps, 1):
        place = f"{within}{number}"
        at = len(program)
        program.append(_instruction(step, place, at))
        if step.condition is not None:
            _append(program, step.then, f"{place}.then.")
        if step.otherwise:
            _append_else(program, step, place, at)
        elif step.condition is not None:
            program[at] = program[at].model_copy(update={"other": len(program)})


def _append_else(program: list[Instruction], step: SequenceStep, place: str, at: int) -> None:
    """What is done otherwise stands behind a jump over it."""
    jump = len(program)
    program.append(Instruction(operation="jump", next=jump + 1))
    program[at] = program[at].model_copy(update={"other": jump + 1})
    _append(program, step.otherwise, f"{place}.else.")
    program[jump] = program[jump].model_copy(update={"next": len(program)})


def _instruction(step: SequenceStep, place: str, at: int) -> Instruction:
    follows = at + 1
    late = follows if step.on_timeout == "go-on" else None
    if step.kind is not None:
        return Instruction(
            operation="give",
            place=place,
            next=follows,
            other=late,
            command=WantedCommand.model_construct(kind=step.kind, parameters=step.parameters),
            patient=step.patient,
            optional=step.optional,
            read=step.read,
            timeout_s=step.timeout_s,
        )
    if step.wait is not None:
        return Instruction(
            operation="wait",
            place=place,
            next=follows,
            other=late,
            condition=step.wait,
            timeout_s=step.timeout_s,
        )
    if step.condition is not None:
        return Instruction(operation="branch", place=place, next=follows, condition=step.condition)
    return Instruction(operation="stop", place=place, next=follows, words=step.stop)
