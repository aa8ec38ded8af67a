"""Runs of sequences as orders keeps them: those that are open, and the last that ended."""

import logging
from collections.abc import Iterable

from pydantic import ValidationError

from omf.sequences.run import SequenceRun
from services.common.store.bus import Bus

OPEN_RUNS = "sequences"
"""Hash: id of a run -> SequenceRun."""
ENDED_RUNS = "sequences:ended"
"""List of SequenceRun, the newest first."""
RUNS_SEEN = "sequences:seen"
"""When orders last looked after the runs, store clock."""
KEPT_ENDED = 50

_log = logging.getLogger(__name__)


async def open_runs(bus: Bus) -> list[SequenceRun]:
    """Every run that has not ended, the oldest first."""
    found = _readable(await bus.call(bus.client.hvals(bus.key(OPEN_RUNS))))
    return sorted(found, key=lambda run: (run.started_at, run.id))


async def ended_runs(bus: Bus, count: int = KEPT_ENDED) -> list[SequenceRun]:
    """The last runs that ended, the newest first."""
    return _readable(await bus.call(bus.client.lrange(bus.key(ENDED_RUNS), 0, count - 1)))


async def every_run(bus: Bus) -> list[SequenceRun]:
    """The open ones, then those that ended."""
    return [*await open_runs(bus), *await ended_runs(bus)]


def readable_run(told: bytes) -> SequenceRun | None:
    """A run; None for one of another version, or a forged one."""
    try:
        return SequenceRun.model_validate_json(told)
    except ValidationError as error:
        _log.error("a sequence of another version is left aside: %s", error)
        return None


def _readable(found: Iterable[bytes]) -> list[SequenceRun]:
    return [run for run in map(readable_run, found) if run is not None]
