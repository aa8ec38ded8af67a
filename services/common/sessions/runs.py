"""Planning runs: named ranges whose end is still to come.

A run that ends becomes a named range in the same step: the archive keeps it, and it is reported,
held against another one, downloaded and played like every other.
"""

from importlib.resources import files
from typing import NamedTuple

from pydantic import ValidationError

from omf.texts import Text, text
from services.common.sessions import named_ranges
from services.common.sessions.named_ranges import (
    MAX_SESSIONS,
    OPEN_KEY,
    SESSIONS_KEY,
    NamedByPerson,
    Session,
)
from services.common.store.bus import Bus
from services.common.store.keys import Role

MAX_PLANNING_RUNS = 20
RUNNING = Role.OPERATOR
"""Who may begin and end one."""
_SCRIPT = files(__package__).joinpath("runs.lua").read_text("utf-8")


class OpenRun(NamedByPerson):
    """A run under way."""


class RunSpan(NamedTuple):
    """From when to when a run or a named range goes, as the messages arrived; Unix s."""

    begin: float
    end: float | None
    """None: it is under way."""


class RunError(ValueError):
    """It cannot be begun or ended; `told` says why and what to do."""

    def __init__(self, told: Text) -> None:
        super().__init__(told.en)
        self.told = told


async def start(bus: Bus, name: str, operator: str, note: str = "") -> OpenRun:
    """Begin a run now; RunError for a name that is none or taken."""
    now = await bus.time()
    try:
        run = OpenRun(name=name, from_at=now, operator=operator, note=note, created_at=now)
    except ValidationError:
        raise RunError(text("run.bad_name", name=name[:80])) from None
    most = (str(MAX_PLANNING_RUNS), str(MAX_SESSIONS))
    await _act(bus, "start", name, run.model_dump_json(), *most)
    return run


async def stop(bus: Bus, name: str, operator: str) -> Session:
    """End a run now, and make a named range of it; RunError where none of that name is under way.

    Whoever asks once more finds that it has ended, and when.
    """
    found = await bus.call(bus.client.hget(bus.key(OPEN_KEY), name))
    run = _read(found) if found else None
    if found is None or run is None:
        raise RunError(text("run.none", name=name[:80]))
    session = Session(**run.model_dump(), to_at=await bus.time(), ended_by=operator)
    await _act(bus, "stop", name, found.decode(), session.model_dump_json())
    return session


async def _act(bus: Bus, act: str, name: str, *words: str) -> None:
    keys = [bus.key(OPEN_KEY), bus.key(SESSIONS_KEY)]
    [answer] = await bus.script(_SCRIPT, keys, [act, name, *words])
    if answer != b"done":
        raise RunError(text(f"run.{answer.decode()}", name=name))


async def under_way(bus: Bus) -> list[OpenRun]:
    """Every run that has begun and not ended, the oldest first."""
    found = await bus.call(bus.client.hvals(bus.key(OPEN_KEY)))
    runs = [run for run in map(_read, found) if run]
    return sorted(runs, key=lambda one: (one.from_at, one.name))


async def span_of(bus: Bus, name: str) -> RunSpan | None:
    """The range of a run or of a named range; None where there is none of that name."""
    for run in await under_way(bus):
        if run.name == name:
            return RunSpan(run.from_at, None)
    try:
        session = await named_ranges.find(bus, name)
    except (named_ranges.SessionNameError, ValidationError):
        return None
    return RunSpan(session.from_at, session.to_at)


def _read(content: bytes) -> OpenRun | None:
    try:
        return OpenRun.model_validate_json(content)
    except ValidationError:
        return None
