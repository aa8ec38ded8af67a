"""How an asyncio process lives: wait for the store, run its loops, end cleanly or not at all."""

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from services.common.process import clock, timer_slots
from services.common.process.exit_codes import ExitCode
from services.common.process.health import Health
from services.common.store.bus import Bus, StoreError
from services.common.store.requirements import (
    Durability,
    UnfitStoreError,
    check_sync,
)
from services.common.store.sync_policy import sync_policy

STORE_RETRY_S = 1.0

_log = logging.getLogger(__name__)


async def every(
    pause_s: float, loop: str, step: Callable[[], Awaitable[None]], health: Health
) -> None:
    """Do `step` for ever; a store that is away is waited for, any other failure leaves.

    The loops of many factories go round together (`timer_slots`).
    """
    while True:
        began = clock.monotonic()
        try:
            await step()
            health.hindered(loop, "")
        except StoreError as error:
            health.hindered(loop, str(error))
            _log.warning("%s waits for the store: %s", loop, error)
        health.beat(loop)
        await timer_slots.pause(pause_s, began)


class Stop:
    """SIGTERM or SIGINT, from the moment this is made."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, self.asked.set)

    async def store(self, bus: Bus, health: Health, durability: Durability = "everysec") -> None:
        """Return once the store answers, for it may start after us; a signal ends the process.

        A store that could forget what it is given ends it too, with code 78.
        """
        while not self.asked.is_set():
            health.beat("start")
            try:
                await bus.check()
                if durability == "always":
                    check_sync(durability, await sync_policy(bus))
            except UnfitStoreError as error:
                _log.critical("%s", error)
                raise SystemExit(ExitCode.UNFIT_STORE) from None
            except StoreError as error:
                health.hindered("start", str(error))
                _log.warning("waiting for the store: %s", error)
                await asyncio.wait([asyncio.create_task(self.asked.wait())], timeout=STORE_RETRY_S)
            else:
                health.end("start")
                return
        raise SystemExit(ExitCode.STOPPED)

    async def during(self, *loops: Coroutine[Any, Any, None]) -> int:
        """Run loops until a signal comes (0), or until one of them ends by itself (1)."""
        tasks = [asyncio.create_task(loop) for loop in loops]
        waiter = asyncio.create_task(self.asked.wait())
        await asyncio.wait([*tasks, waiter], return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            if task.done():
                _log.critical("a loop ended, so the process ends", exc_info=task.exception())
        await end_all({*tasks, waiter})
        return ExitCode.STOPPED if self.asked.is_set() else ExitCode.BROKEN


async def end_all(tasks: set[asyncio.Task[Any]]) -> None:
    """Cancel until all have ended: a driver that is connecting may swallow the first time.

    What one fails with on the way is taken off it: a driver whose server went answers with that
    instead of ending, and asyncio would report it as nobody's, at whatever moment it is found.
    """
    while tasks:
        for task in tasks:
            task.cancel()
        ended, tasks = await asyncio.wait(tasks, timeout=0.1)
        for task in ended:
            if not task.cancelled() and (failure := task.exception()):
                _log.debug("%s failed while it was ended", task.get_name(), exc_info=failure)
