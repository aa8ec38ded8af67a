"""A process of ours in the loop: begun, crashed at any point between two steps, begun again."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from contextvars import Context, ContextVar
from typing import Any

from tests.simulation.faults import CrashedError, Dice, Journal
from tests.simulation.virtual_time import Step, VirtualLoop, running_loop

RESTART_S = (0.05, 2.0)
_LIFE: ContextVar["Life | None"] = ContextVar("life", default=None)


class Life:
    """One life of a process: its tasks, and whether it still lives."""

    def __init__(self, name: str, loop: VirtualLoop) -> None:
        self.name = name
        self.alive = True
        self._loop = loop
        self.tasks: list[asyncio.Task[Any]] = []
        self.at_end: list[Callable[[], None]] = []
        """What the kernel does when the process is gone: it closes its connections."""
        self.held: list[Step] | None = None
        """What it would have done since it was frozen; None while it runs."""

    def freeze(self) -> None:
        """As `kill -STOP`: nothing of it runs until `thaw`, while all else goes on."""
        if self.held is None:
            self.held = []
            self._loop.holds = _held

    def thaw(self) -> None:
        """It goes on where it stood, and knows nothing of the time between."""
        held, self.held = self.held, None
        self._loop.again(held or ())

    def end(self) -> None:
        """As `kill -9`: no task runs on, whatever it was about to do."""
        self.alive = False
        self.thaw()
        for act in self.at_end:
            act()
        for task in self.tasks:
            if not task.done():
                task.cancel()

    def check(self) -> None:
        """CrashedError for who is dead already: it must not reach store or broker any more."""
        if not self.alive:
            raise CrashedError


def _held(step: Step) -> bool:
    """True if the process this step belongs to is frozen, which keeps it."""
    life = step.context.get(_LIFE)
    if life is None or life.held is None:
        return False
    life.held.append(step)
    return True


def life_at_work() -> Life | None:
    """The process whose code runs now; None for what belongs to none."""
    return _LIFE.get()


def current_life() -> Life:
    """The process whose code runs now."""
    life = _LIFE.get()
    if life is None:
        raise LookupError("only a process of the run may ask")
    return life


def task_factory(
    loop: asyncio.AbstractEventLoop, coro: Coroutine[Any, Any, Any], **given: Any
) -> "asyncio.Task[Any]":
    """Each task belongs to the process in whose code it was made."""
    task = asyncio.Task(coro, loop=loop, **given)
    if life := _LIFE.get():
        life.tasks.append(task)
    return task


class SimulatedProcess:
    """Runs `body` over and over; a crash ends one life, and after a moment the next begins."""

    def __init__(
        self, name: str, body: Callable[[], Awaitable[object]], dice: Dice, journal: Journal
    ) -> None:
        self.name = name
        self.crashes = 0
        self.broken: list[str] = []
        """How lives ended that should not have ended by themselves."""
        self._body = body
        self._dice = dice
        self._journal = journal
        self._life: Life | None = None
        self._away_s = 0.0

    @property
    def lives(self) -> bool:
        """False between two lives."""
        return self._life is not None and self._life.alive

    async def run(self) -> None:
        """Life after life, for ever."""
        loop = running_loop()
        while True:
            self._life = life = Life(self.name, loop)
            self._journal.note(self.name, "begins")
            outer = _LIFE.set(life)
            try:
                task = asyncio.create_task(self._lived())
            finally:
                _LIFE.reset(outer)
            await asyncio.wait([task])
            if life.alive:
                life.end()
            away_s, self._away_s = self._away_s, 0.0
            await asyncio.sleep(away_s or self._dice.between(*RESTART_S))

    async def _lived(self) -> None:
        try:
            await self._body()
        except Exception as error:  # noqa: BLE001 - a life that ended in an error is a finding
            self.broken.append(f"{type(error).__name__}: {error}")
            self._journal.note(self.name, f"broke: {error!r}")

    def crash(self, away_s: float = 0.0) -> None:
        """End the present life at once; `away_s`: how long it takes to come again, if not usual."""
        if self._life and self._life.alive:
            self._away_s = away_s
            self.crashes += 1
            self._journal.note(self.name, "crashes")
            self._life.end()

    def freeze(self, for_s: float) -> None:
        """Nothing of its present life runs for so long."""
        if (life := self._life) and life.alive and life.held is None:
            self._journal.note(self.name, f"is frozen for {for_s:.3f} s")
            life.freeze()
            running_loop().call_later(for_s, self._thaw, life, context=Context())

    def thaw(self) -> None:
        """Its present life goes on, if it is frozen."""
        if self._life:
            self._thaw(self._life)

    def _thaw(self, life: Life) -> None:
        if life.held is not None:
            self._journal.note(self.name, "goes on")
            life.thaw()

    async def stop(self) -> None:
        """End for good and wait for what is left of it."""
        if not self._life:
            return
        self._life.end()
        for task in self._life.tasks:
            with suppress(asyncio.CancelledError, Exception):
                await asyncio.wait_for(asyncio.shield(task), 5.0)
