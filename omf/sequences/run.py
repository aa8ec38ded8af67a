"""A sequence that runs, or ran: where it stands, what it waits for, and what became of it."""

from enum import StrEnum
from typing import Any, Self

from pydantic import BaseModel, ConfigDict

from omf.commands.schemas import RoleName, ShownBy
from omf.sequences.program import Instruction
from omf.texts import Text

MAX_HISTORY = 300
"""Notes kept of a run; beyond, the oldest is let go."""


class RunState(StrEnum):
    """Where a run stands."""

    READY = "ready"
    """The next step is to be taken."""
    WAITING = "waiting"
    """For a condition, or until nothing stands against a command."""
    GIVEN = "given"
    """A command is under way and its outcome is awaited."""
    HELD = "held"
    HOLDING = "holding"
    """Held while a command is under way: it goes on to its end, and nothing after it."""
    DONE = "done"
    STOPPED = "stopped"
    CANCELLED = "cancelled"


ENDED_STATES = frozenset({RunState.DONE, RunState.STOPPED, RunState.CANCELLED})
OPEN_RUN_STATES = tuple(state for state in RunState if state not in ENDED_STATES)
HELD_STATES = frozenset({RunState.HELD, RunState.HOLDING})


class _RunModel(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class RunNote(_RunModel):
    """One passage of a run, as its history shows it."""

    at: float
    """Store clock, Unix seconds."""
    passage: str
    """Name in the table of passages."""
    place: str = ""
    """Number of the step it is about."""
    by: str = ""
    """The person who did it; "" where nobody did."""
    command_id: str = ""
    kind: str = ""
    said: Text | None = None
    """Why, or what was found."""


class SequenceRun(_RunModel):
    """A run, kept by orders; `id` is the id of the command that started it."""

    id: str
    name: str
    """Of the file; "" for commands that were put together on a page."""
    version: str = ""
    title: Text
    program: tuple[Instruction, ...]
    started_by: str
    operator: str
    """In whose name its commands go out: who started it, or continued it last."""
    role: RoleName
    known_by: ShownBy = ""
    """How the door knew `operator`; "": the name is only claimed."""
    source: str = ""
    trace: str = ""
    started_at: float
    state: RunState = RunState.READY
    at: int = 0
    """Place of the present instruction."""
    since: float
    """Since when the present state lasts; store clock."""
    given: int = 0
    """Commands given so far."""
    command_id: str = ""
    """The command whose outcome is awaited."""
    refusals: int = 0
    """How often in a row the patient command of this step was refused."""
    waited_from: float = 0.0
    """Since when the present step waits, refusals included; 0: it does not."""
    accepted: int = -1
    """Step that goes out although its preview changed: a person continued the run after that."""
    why: Text | None = None
    """What it waits for, why it is held, or why it ended as it did."""
    history: tuple[RunNote, ...] = ()
    revision: int = 0
    """Counts the writes: who decided on another one has to look again."""

    @property
    def ended(self) -> bool:
        """True once nothing more goes out."""
        return self.state in ENDED_STATES

    @property
    def instruction(self) -> Instruction | None:
        """What is to be done now; None behind the last one."""
        return self.program[self.at] if self.at < len(self.program) else None

    @property
    def steps(self) -> int:
        """Steps it has, nested ones included."""
        return sum(bool(one.place) for one in self.program)

    @property
    def place(self) -> str:
        """Number of the present step; "" at the end."""
        return self.instruction.place if self.instruction else ""

    def but(self, **changes: Any) -> Self:
        """The same with some fields changed."""
        return self.model_copy(update=changes)

    def at_step(self, place: int) -> Self:
        """The same at another instruction, which has waited for nothing yet."""
        return self.but(at=place, refusals=0, waited_from=0.0)

    def shifted(self, by_s: float) -> Self:
        """The same with what it waits from moved: the store's clock was set meanwhile."""
        waited = self.waited_from and self.waited_from + by_s
        return self.but(since=self.since + by_s, waited_from=waited)

    def noted(self, note: RunNote) -> Self:
        """The same with one more note."""
        return self.but(history=(*self.history, note)[-MAX_HISTORY:])
