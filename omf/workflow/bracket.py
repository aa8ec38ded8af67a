"""The data of a bracket: its steps, where it stands, and what is told about it."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from omf.commands import Effect, PlannedStep, Text

Phase = Literal["waiting", "released", "watching"]
"""For a person's release; for the broker's PUBACK; for the factory's proof."""
EventType = Literal[
    "opened",
    "step_waiting",
    "step_released",
    "step_begun",
    "step_finished",
    "finished",
    "failed",
    "timed_out",
    "not_sent",
    "cancelled",
    "foreign_order",
    "reset",
    "resumed",
]
"""`finished` and all after it but `resumed` end the bracket."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Reason(_Frozen):
    """Why a bracket stopped, and what a person can do about it."""

    why: Text
    advice: Text


class Bracket(_Frozen):
    """A plan under way on one device; it has at most one step on its way."""

    id: str
    """The command's id."""
    kind: str
    device: str
    order_id: str
    """"" for a bracket of instant actions only."""
    steps: tuple[PlannedStep, ...]
    automatic: bool
    phase: Phase
    awaiting: Effect
    """The link of the step's chain of effects that is watched now."""
    since: float
    """When this phase, or this link of the chain, began."""
    index: int = 0
    """The present step, from 0."""

    @property
    def step(self) -> PlannedStep:
        """The present step."""
        return self.steps[self.index]

    @property
    def last(self) -> bool:
        """True if no step follows."""
        return self.index + 1 == len(self.steps)

    @property
    def deadline(self) -> float | None:
        """When silence becomes a result; None while nothing is expected of the factory."""
        return self.since + self.awaiting.window_s if self.phase == "watching" else None


class Event(_Frozen):
    """One thing that happened to a bracket, past tense."""

    type: EventType
    bracket_id: str
    device: str
    at: float
    index: int
    step: PlannedStep | None = None
    """`step_released`: what has to be sent now."""
    reason: Reason | None = None
    evidence: str = ""
    """Id of the message that shows it."""
