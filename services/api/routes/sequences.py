"""`/api/v1/sequences`: sequences of commands that run or ran, read-only.

They are started, held, continued and cancelled by the commands `sequence-*`.
"""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from omf.sequences.run import RunNote, RunState, SequenceRun
from omf.texts import Text
from services.api import reasons
from services.api.access import EnvironmentDep
from services.api.description import PREFIX, refusals
from services.api.problems import RefusalError
from services.api.schemas import CommandId
from services.common.store import sequence_runs

router = APIRouter(prefix=f"{PREFIX}/sequences", tags=["commands"])


class RunView(BaseModel):
    """A run; times in Unix seconds."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    id: str
    """Of the command that started it."""
    name: str
    """Of its file; "" for commands put together on a page."""
    version: str
    title: Text
    state: RunState
    why: Text | None
    """What it waits for, why it is held, or why it ended as it did."""
    step: str
    """Number of the present step, `3.then.1`; "" at the end."""
    steps: int
    command_id: str
    """The command whose outcome is awaited; "" for none."""
    started_by: str
    started_at: float
    operator: str
    """In whose name its commands go out."""
    since: float
    """Since when the state lasts."""
    history: tuple[RunNote, ...]

    @classmethod
    def of(cls, run: SequenceRun) -> "RunView":
        """The view of a run."""
        told: dict[str, Any] = {name: getattr(run, name) for name in _SAME}
        return cls(step=run.place, steps=run.steps, **told)


_SAME: Sequence[str] = (
    *("id", "name", "version", "title", "state", "why", "command_id", "started_by"),
    *("started_at", "operator", "since", "history"),
)


class RunList(BaseModel):
    """The runs."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    runs: tuple[RunView, ...]
    """The open ones, the oldest first; then the last that ended, the newest first."""


@router.get("", responses=refusals())
async def runs(served: EnvironmentDep) -> RunList:
    """The sequences of commands that run, and the last that ended."""
    found = await sequence_runs.every_run(served.bus)
    return RunList(runs=tuple(map(RunView.of, found)))


@router.get("/{run}", responses=refusals(reasons.UNKNOWN_SUBJECT))
async def one_run(served: EnvironmentDep, run: CommandId) -> RunView:
    """One run, by the id of the command that started it."""
    found = await sequence_runs.every_run(served.bus)
    if one := next((one for one in found if one.id == run), None):
        return RunView.of(one)
    raise RefusalError(reasons.UNKNOWN_SUBJECT)
