"""Runs of sequences as orders keeps them: those that are open, and the last that ended."""

from omf.sequences.run import SequenceRun
from services.common.store.bus import Bus
from services.common.store.entries import all_readable, readable

OPEN_RUNS = "sequences"
"""Hash: id of a run -> SequenceRun."""
ENDED_RUNS = "sequences:ended"
"""List of SequenceRun, the newest first."""
RUNS_SEEN = "sequences:seen"
"""When orders last looked after the runs, store clock."""
KEPT_ENDED = 50


async def open_runs(bus: Bus) -> list[SequenceRun]:
    """Every run that has not ended, the oldest first."""
    found = await bus.call(bus.client.hvals(bus.key(OPEN_RUNS)))
    runs = all_readable(SequenceRun, found, "a sequence")
    return sorted(runs, key=lambda run: (run.started_at, run.id))


async def open_run(bus: Bus, run_id: str) -> SequenceRun | None:
    """The open run of that id."""
    found = await bus.call(bus.client.hget(bus.key(OPEN_RUNS), run_id))
    return readable(SequenceRun, found, "a sequence")


async def ended_runs(bus: Bus, count: int = KEPT_ENDED) -> list[SequenceRun]:
    """The last runs that ended, the newest first."""
    found = await bus.call(bus.client.lrange(bus.key(ENDED_RUNS), 0, count - 1))
    return all_readable(SequenceRun, found, "a sequence")


async def every_run(bus: Bus) -> list[SequenceRun]:
    """The open ones, then those that ended."""
    return [*await open_runs(bus), *await ended_runs(bus)]
