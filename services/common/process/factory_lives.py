"""How a process serves the factories it is told: one as ever, several each in a life of its own.

Where several are served, whatever ends the life of one is logged with its name and its life begins
again after a pause; the others do not notice. Only a signal, a store that could forget, or a loop
that stands still ends the process.
"""

import asyncio
import gc
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, Protocol, TypeVar

from services.common.process import clock, factory_metrics, factory_scope
from services.common.process.exit_codes import ExitCode
from services.common.process.health import Health
from services.common.process.main import Stop
from services.common.process.open_files import allow_many
from services.common.process.settings import ServiceSettings
from services.common.process.shared_health import SharedHealth
from services.common.store.errors import StoreError

GC_AFTER = 20_000
"""Objects beyond those that went: a slot of many factories makes thousands for a moment, and after
700, as it is by itself, each collection looked through what grows old soon, then all states.
"""
APART_S = 0.02
BEGUN_AT_ONCE = 8
"""So many factories may be on their way to being served when the next one begins."""
BEGIN_PATIENCE_S = 0.25
"""It begins all the same after this: a broker that is away must not hold up the others."""
AGAIN_MIN_S, AGAIN_MAX_S = 1.0, 30.0
LIVED_S = 60.0
"""Whoever lived so long was well: the next pause is short again."""
WHY: Mapping[int, str] = {
    ExitCode.STOPPED: "it was stopped",
    ExitCode.BROKEN: "a part of it failed",
    ExitCode.SUPERSEDED: "another process has taken over its work",
    ExitCode.UNFIT_STORE: "the store could forget what it is given",
}
STAY_ENDED = frozenset({ExitCode.STOPPED, ExitCode.SUPERSEDED})

_log = logging.getLogger(__name__)
S = TypeVar("S", bound=ServiceSettings)


class FactoryLife(Protocol):
    """What a service does for one factory."""

    health: Health

    async def run(self, stop: Stop) -> int:
        """Until it is asked to stop, or until something broke; the exit code."""
        ...


class LifeEnd(NamedTuple):
    """How a life ended."""

    code: int
    why: str


async def serve(each: Sequence[S], make: Callable[[S], FactoryLife]) -> int:
    """Serve the factory, or the factories, of the process until it is asked to stop."""
    stop, first = Stop(), each[0]
    if len(each) == 1:
        life = make(first)
        life.health.watch()
        life.health.serve(first.metrics_host, first.metrics_port)
        return await life.run(stop)
    factory_metrics.leave_to_factories()
    allow_many()
    gc.set_threshold(GC_AFTER)
    health = SharedHealth([one.environment for one in each])
    health.watch()
    health.serve(first.metrics_host, first.metrics_port)
    ends = []
    async with asyncio.TaskGroup() as group:
        for settings in each:
            with factory_scope.of(settings.environment):
                ends.append(group.create_task(_lives(settings, make, health, stop)))
            await _room(health, len(ends))
    unfit = ExitCode.UNFIT_STORE
    return unfit if unfit in {one.result() for one in ends} else ExitCode.STOPPED


async def _room(health: SharedHealth, begun: int) -> None:
    """All at once they would wait for each other longer than for the store."""
    unbegun = len(health.names) - begun
    end = clock.monotonic() + BEGIN_PATIENCE_S
    await asyncio.sleep(APART_S)
    while (  # noqa: ASYNC110 - whether it is served is asked, not told
        len(health.missing()) - unbegun >= BEGUN_AT_ONCE and clock.monotonic() < end
    ):
        await asyncio.sleep(APART_S)


async def _lives(
    settings: S, make: Callable[[S], FactoryLife], health: SharedHealth, stop: Stop
) -> int:
    """One life after the other, with pauses in between; how the last one ended."""
    pauses = Pauses()
    while True:
        factory_metrics.begin(settings.environment)
        end = await _ended(settings, make, health, stop)
        health.ended(settings.environment, end.why)
        if end.code == ExitCode.UNFIT_STORE:
            stop.asked.set()
        if stop.asked.is_set() or end.code in STAY_ENDED:
            return end.code
        pause_s = pauses.next_s()
        _log.critical("ends: %s; begins again in %.0f s", end.why, pause_s)
        waiter = asyncio.create_task(stop.asked.wait())
        await asyncio.wait([waiter], timeout=pause_s)
        waiter.cancel()


async def _ended(
    settings: S, make: Callable[[S], FactoryLife], health: SharedHealth, stop: Stop
) -> LifeEnd:
    try:
        life = make(settings)
        health.begun(settings.environment, life.health)
        code = await life.run(stop)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - told, and no fault of the others
        return broke(error)
    return LifeEnd(code, WHY.get(code, f"it ended with code {code}"))


def broke(error: BaseException) -> LifeEnd:
    """What a life ended by; a bug of one factory is none of the others'."""
    if isinstance(error, SystemExit):
        code = error.code if isinstance(error.code, int) else ExitCode.BROKEN
        return LifeEnd(code, WHY.get(code, f"it ended with code {code}"))
    if isinstance(error, StoreError):
        return LifeEnd(ExitCode.BROKEN, f"the store: {error}")
    _log.error("what served a factory broke", exc_info=error)
    return LifeEnd(ExitCode.BROKEN, f"{type(error).__name__}: {error}")


class Pauses:
    """How long to wait before the next life: longer each time, short again after a long life."""

    def __init__(self) -> None:
        self._pause_s = AGAIN_MIN_S
        self._at = clock.monotonic()

    def next_s(self) -> float:
        """The pause after a life that ends now."""
        lived_s, self._at = clock.monotonic() - self._at, clock.monotonic()
        if lived_s > LIVED_S + self._pause_s:
            self._pause_s = AGAIN_MIN_S
        found = self._pause_s
        self._pause_s = min(2 * found, AGAIN_MAX_S)
        return found
