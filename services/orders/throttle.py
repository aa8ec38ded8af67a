"""Tells whoever submits how often a person may ask, while more is asked for than can be done.

The entrance of orders would otherwise read and refuse what is too much, entry by entry, with the
processor that what was taken on needs. So the first refusals there set a throttle in the store, and
the script that submits turns away at once what is faster (services/common/store/submit.lua). The
throttle follows what passes it: as much as gets done, and some more while few wait. It is the same
for everybody, so who asks for less than that gets all of it.
"""

import asyncio
import logging
from typing import NamedTuple

from services.common.process import clock
from services.common.store.bus import Bus, StoreError
from services.common.store.submission import THROTTLE, THROTTLE_COUNTS
from services.orders import metrics
from services.orders.admission import Admission

THROTTLE_STEP_S = 0.25
THROTTLE_LASTS_S = 3.0
"""Of a throttle that nobody renews, for orders ended or has no processor."""
THROTTLE_CALM_S = 3.0
"""Nobody was turned away for so long: there is no throttle any more."""
MIN_EVERY_S = 0.1
"""As often as a person may ask in any case."""
MAX_EVERY_S = 10.0
MAX_MORE, MAX_LESS = 1.5, 0.5
"""Of one step: what passes in a quarter of a second is a small sample."""
FEW_WAITING = 0.25
"""Of the places taken: what gets done is then no more than what is let in, and says little."""
EMPTY_SHARE = 1.5
"""Of what gets done; let in while none wait, half of it while all places are taken."""

_log = logging.getLogger(__name__)


class Demand(NamedTuple):
    """What was asked for in a step."""

    passed_per_s: float
    refused: int
    """By the throttle."""
    turned_away: int
    """At the entrance, for want of time."""
    people: int
    """Who asked lately."""


class ThrottleInterval:
    """How long a person waits between two commands. Pure."""

    def __init__(self) -> None:
        self.every_s = 0.0
        """0: there is no throttle."""
        self._calm_s = 0.0

    def step(self, demand: Demand, per_s: float, full: float, elapsed_s: float) -> None:
        """Follow what was asked for; `per_s` get done, and `full` is the share of places taken."""
        per_s = max(per_s, 1.0)
        if not self.every_s:
            self._set(demand.people / per_s if demand.turned_away else 0.0)
            return
        calm = not (demand.refused or demand.turned_away)
        self._calm_s = self._calm_s + elapsed_s if calm else 0.0
        if self._calm_s >= THROTTLE_CALM_S:
            self.every_s = self._calm_s = 0.0
            return
        more = _more(demand.passed_per_s, per_s, min(1.0, full))
        # What is not used need not be more: nobody was turned away.
        if demand.refused or more < 1:
            self._set(self.every_s / more)

    def _set(self, every_s: float) -> None:
        self.every_s = min(MAX_EVERY_S, max(MIN_EVERY_S, every_s)) if every_s else 0.0


def _more(passed_per_s: float, per_s: float, full: float) -> float:
    """How many times as much as now is to pass."""
    if full < FEW_WAITING or not passed_per_s:
        return MAX_MORE
    return min(MAX_MORE, max(MAX_LESS, per_s * (EMPTY_SHARE - full) / passed_per_s))


class SubmissionThrottle:
    """Sets the throttle in the store, renews it, and takes it away.

    Hears of each refusal of `admission`, in the event loop; `run` lives there as well and asks the
    store for nothing while there is no throttle. A store that is away lets it lapse.
    """

    def __init__(self, bus: Bus, admission: Admission) -> None:
        self._bus = bus
        self._admission = admission
        self._interval = ThrottleInterval()
        self._needed = asyncio.Event()
        self._turned_away = 0
        self._seen = (0, 0)
        self._at = clock.monotonic()
        admission.on_refused = self._on_refused

    async def run(self) -> None:
        """Live while orders does."""
        while True:
            await self._needed.wait()
            try:
                await self._step()
            except StoreError as error:
                _log.warning("the throttle waits for the store: %s", error)
            await asyncio.sleep(THROTTLE_STEP_S)

    def _on_refused(self) -> None:
        self._turned_away += 1
        self._needed.set()

    async def _step(self) -> None:
        began, before = clock.monotonic(), self._interval.every_s
        demand = await self._demand(began - self._at)
        elapsed_s, self._at = began - self._at, began
        self._interval.step(demand, self._admission.rate.per_s, self._admission.full, elapsed_s)
        self._turned_away = 0
        await self._publish(before)

    async def _demand(self, elapsed_s: float) -> Demand:
        name = self._bus.key(THROTTLE_COUNTS)
        found = await self._bus.call(self._bus.client.hmget(name, "passed", "refused"))
        passed, refused = (int(count or 0) for count in found)
        before, self._seen = self._seen, (passed, refused)
        # Counted from anew where the store was emptied; at the beginning nothing is known.
        new = (max(0, passed - before[0]), max(0, refused - before[1]))
        if not self._interval.every_s:
            new = (0, 0)
        metrics.COMMANDS_TURNED_AWAY.labels("throttled").inc(new[1])
        rate = new[0] / max(elapsed_s, THROTTLE_STEP_S)
        return Demand(rate, new[1], self._turned_away, self._admission.people)

    async def _publish(self, before: float) -> None:
        name, every_s = self._bus.key(THROTTLE), self._interval.every_s
        if every_s:
            told = self._bus.client.set(
                name, round(every_s * 1000), px=round(THROTTLE_LASTS_S * 1000)
            )
            await self._bus.call(told)
        else:
            self._needed.clear()
            await self._bus.call(self._bus.client.delete(name))
        if bool(before) != bool(every_s):
            _log.warning("submissions are throttled%s", "" if every_s else " no more")
