"""Between the processes and the store of a run: a network that loses, delays and cuts off."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, NamedTuple

import redis

from tests.simulation.faults import CrashedError, Dice, Journal
from tests.simulation.memory_scripts import new_store
from tests.simulation.process import Life
from tests.simulation.virtual_time import running_loop

NO_QUESTION, NO_ANSWER = "not asked", "not answered"
LOST = "the connection broke"
UNDER_WAY = 0.5
"""How often what a process had just sent when it died is done all the same."""
SCRIPTS = ("pipeline", "EVALSHA")
SCRIPTS_TIMES = 4.0
"""So much more often than in the middle of reads something goes wrong in the middle of a write."""
GATEWAY_TIMES = 20
"""It writes seldom, and what it does nobody takes back."""
LINGER_S = (0.0, 3.0)
"""Within this; a new life may be at work by then."""


class Harm(NamedTuple):
    """What may happen to a process, by its name, or to the host, in the middle of a question."""

    crash: Callable[[str], bool]
    freeze: Callable[[str], None]
    set_clock: Callable[[], None]


class StoreNetwork:
    """Between the processes and the store: what each question and each answer goes through."""

    def __init__(self, dice: Dice, journal: Journal, harm: Harm) -> None:
        self.store = new_store()
        self.up = True
        self.questions = 0
        self.doubled = ""
        """The role of which a second process stands by."""
        self._lingering: list[asyncio.Future[None]] = []
        self._dice = dice
        self._journal = journal
        self._harm = harm
        self._loop = running_loop()
        self._cut_until: dict[str, float] = {}

    def restart(self, down_s: float) -> None:
        """The store is away for a while; what it had done, it has kept."""
        self.up = False
        self._journal.note("store", "goes")
        self._loop.call_later(down_s, self._come)

    def _come(self) -> None:
        self.up = True
        self._journal.note("store", "comes")

    def cut(self, name: str, for_s: float) -> None:
        """One process does not reach the store, while all else goes on, its broker too."""
        self._journal.note(name, f"is cut off from the store for {for_s:.3f} s")
        self._cut_until[name] = self._loop.time() + for_s

    def heal(self) -> None:
        """Everybody reaches it."""
        self._cut_until = {}

    def _reached(self, name: str) -> bool:
        return self.up and self._cut_until.get(name, 0.0) <= self._loop.time()

    async def through(self, life: Life, what: str, ask: Callable[[], Awaitable[Any]]) -> Any:
        """A question, its doing and its answer; each of them may be lost, and the asker with it."""
        self.questions += 1
        never_asked, never_answered = self._dice.chances[:2]
        times = SCRIPTS_TIMES if what in SCRIPTS else 1.0
        try:
            await self._passed(life, times, never_asked, what, NO_QUESTION)
        except CrashedError:
            if self._dice.hits(UNDER_WAY):
                self._linger(life.name, what, ask)
            raise
        answer = await ask()
        await self._passed(life, times, never_answered, what, NO_ANSWER)
        return answer

    def _linger(self, name: str, what: str, ask: Callable[[], Awaitable[Any]]) -> None:
        """The question was on its way when the asker died: the store does it all the same."""

        async def done() -> None:
            await asyncio.sleep(self._dice.between(*LINGER_S))
            self._journal.note(name, f"{what} done after its death")
            with suppress(redis.RedisError):
                await ask()

        # Of a life that has ended already, so this task does not end with it.
        self._lingering.append(asyncio.ensure_future(done()))

    async def _passed(self, life: Life, times: float, lost: float, what: str, how: str) -> None:
        life.check()
        await self._loop.pause(self._dice.latency_s())
        life.check()
        if self._dice.hits(times * self._frozen(life.name, times, how)):
            self._harm.freeze(life.name)
            await asyncio.sleep(0)
        if self._dice.hits(times * self._dice.chances.crash) and self._harm.crash(life.name):
            raise CrashedError
        if times > 1.0 and self._dice.hits(self._clock_set(life.name)):
            self._harm.set_clock()
        if not self._reached(life.name) or self._dice.hits(times * lost):
            self._journal.note(life.name, f"{what} {how}")
            raise redis.ConnectionError(LOST)

    def _clock_set(self, name: str) -> float:
        """Most of all while the gateway asks whether there is time left to publish."""
        return self._dice.chances.clock_set * (GATEWAY_TIMES if name.startswith("gateway") else 1)

    def _frozen(self, name: str, times: float, how: str) -> float:
        """Most of all while a role has a stand-by, behind the answer to what it wrote.

        By that answer it acts, and by the time it does it may no longer lead.
        """
        chances = self._dice.chances
        if not self.doubled:
            return chances.frozen
        if not name.startswith(self.doubled):
            return 0.0  # while those around it stand still, it has nothing to do
        watched = chances.watched if how == NO_ANSWER and times > 1.0 else 0.0
        return max(chances.frozen, watched)
