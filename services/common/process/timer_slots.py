"""When the loops of a process go round: those of many factories together, in slots.

A pause by itself is a timer, a turn of the event loop and a write to the store. Of 40 factories
that pause some twenty times a second each, turns were a third to two thirds of the time of the
loop; in a slot all of them wake in one turn, and what they ask is one write. A process of one
factory has no slots: it goes round when its time has come.
"""

import asyncio
from weakref import WeakKeyDictionary

from services.common.process import clock, factory_scope

SLOT_S = 0.1


class TimerSlots:
    """The slots of one event loop, in which it is used."""

    def __init__(self) -> None:
        self._waiting: dict[int, list[asyncio.Future[None]]] = {}

    def wait(self, loop: asyncio.AbstractEventLoop, at: float) -> "asyncio.Future[None]":
        """Done in the slot nearest to that moment of `clock.monotonic` which is still to come."""
        now = clock.monotonic()
        slot = max(round(at / SLOT_S), int(now / SLOT_S) + 1)
        waiting = loop.create_future()
        if slot not in self._waiting:
            self._waiting[slot] = []
            loop.call_later(slot * SLOT_S - now, self._wake, slot)
        self._waiting[slot].append(waiting)
        return waiting

    def _wake(self, slot: int) -> None:
        for waiting in self._waiting.pop(slot):
            _complete(waiting)


_SLOTS: WeakKeyDictionary[asyncio.AbstractEventLoop, TimerSlots] = WeakKeyDictionary()


def timer(pause_s: float, since: float) -> "asyncio.Future[None]":
    """Done that long after `since` of `clock.monotonic`; whoever waits may complete it before."""
    loop = asyncio.get_running_loop()
    if factory_scope.current() is not None:
        if (slots := _SLOTS.get(loop)) is None:
            slots = _SLOTS[loop] = TimerSlots()
        return slots.wait(loop, since + pause_s)
    waiting = loop.create_future()
    loop.call_later(max(0.0, since + pause_s - clock.monotonic()), _complete, waiting)
    return waiting


async def pause(pause_s: float, since: float) -> None:
    """Return that long after `since` of `clock.monotonic`; at once if it is over."""
    if factory_scope.current() is None:
        await asyncio.sleep(max(0.0, since + pause_s - clock.monotonic()))
    else:
        await timer(pause_s, since)


def _complete(waiting: "asyncio.Future[None]") -> None:
    if not waiting.done():
        waiting.set_result(None)
