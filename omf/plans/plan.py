"""A plan of orders: what is ordered when, in whose name, and what became of it so far."""

from datetime import datetime, time
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict

from omf.analysis.shifts import Weekday
from omf.commands.forms import Colour
from omf.commands.schemas import RoleName, ShownBy
from omf.texts import Text

MAX_PLAN_HISTORY = 50
PlanEvent = Literal["set", "paused", "resumed", "removed", "given", "skipped", "asked"]


class _PlanModel(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class PlanNote(_PlanModel):
    """What happened to a plan, and when (store clock, Unix seconds)."""

    at: float
    event: PlanEvent
    by: str = ""
    due: float | None = None
    """When it was to happen."""
    run_id: str = ""
    """The sequence that gives its orders."""
    said: Text | None = None


class OrderPlan(_PlanModel):
    """A plan as orders keeps it; `name` is unique."""

    name: str
    id: str
    """Of the command that set it: runs of another plan of the same name are others."""
    colours: tuple[Colour, ...]
    amount: int = 1
    """Pieces of each colour."""
    at: datetime | None = None
    """Once, by the clock on the wall of the site."""
    times: tuple[time, ...] = ()
    """Each day of `days`, by the same clock."""
    days: tuple[Weekday, ...] = ()
    keep: int | None = None
    """So many free pieces of each colour are to lie in the warehouse."""
    operator: str
    """In whose name its orders go out: who set or resumed it last."""
    role: RoleName
    known_by: ShownBy = ""
    """How the door knew `operator`; "": the name is only claimed."""
    paused_by: str = ""
    looked_until: float
    """What was due until then was dealt with."""
    given_until: float = 0.0
    """The latest due time that was given: never given again, whatever the clock does."""
    given: int = 0
    tried_at: float = 0.0
    """When a plan that keeps a stock last did something."""
    why: Text | None = None
    """Why the last one was skipped, or what it waits for."""
    history: tuple[PlanNote, ...] = ()
    revision: int = 0
    ended: bool = False

    def but(self, **changes: Any) -> Self:
        """The same with some fields changed."""
        return self.model_copy(update=changes)

    def noted(self, note: PlanNote) -> Self:
        """The same with one more note."""
        return self.but(history=(*self.history, note)[-MAX_PLAN_HISTORY:])
