"""The loops of many factories wake together; that of one factory when its time has come."""

import asyncio
from collections.abc import Coroutine
from itertools import pairwise
from typing import Any, TypeVar

import pytest

from services.common.process import clock, factory_scope, timer_slots
from services.common.process.timer_slots import SLOT_S
from tests.simulation.virtual_time import HostClock, VirtualLoop

T = TypeVar("T")
FACTORIES = 8


def in_virtual_time(life: Coroutine[Any, Any, T]) -> T:
    """What it comes to, by a clock that no busy machine makes late."""
    loop = VirtualLoop()
    try:
        with HostClock(loop).worn():
            return loop.run_until_complete(life)
    finally:
        loop.close()


async def woken(pause_s: float, since: float) -> float:
    """When whoever pauses goes on."""
    await timer_slots.pause(pause_s, since)
    return clock.monotonic()


async def of_factories(began: float) -> list[float]:
    """When factories that begin one after the other go on, each after a second."""
    tasks = []
    for number in range(FACTORIES):
        with factory_scope.of(f"hall-{number}"):
            since = began + number * SLOT_S / 2 / FACTORIES
            tasks.append(asyncio.ensure_future(woken(1.0, since)))
    return await asyncio.gather(*tasks)


def test_factories_whose_pauses_end_close_together_wake_at_once() -> None:
    async def life() -> list[float]:
        return await of_factories(round(clock.monotonic()) + 2.0)

    found = in_virtual_time(life())
    assert len(set(found)) == 1


def test_the_loops_of_a_factory_keep_their_pace() -> None:
    async def life() -> list[float]:
        times = []
        with factory_scope.of("hall-1"):
            began = clock.monotonic()
            for _ in range(5):
                await timer_slots.pause(0.4, began)
                began = clock.monotonic() + 0.01  # the step itself took time
                times.append(clock.monotonic())
        return times

    times = in_virtual_time(life())
    assert [after - before for before, after in pairwise(times)] == (pytest.approx([0.4] * 4))


def test_a_pause_that_is_over_lets_the_others_go_on_first() -> None:
    async def life() -> float:
        with factory_scope.of("hall-1"):
            began = clock.monotonic()
            await timer_slots.pause(0.1, began - 60)
            return clock.monotonic() - began

    assert 0 < in_virtual_time(life()) <= SLOT_S + 1e-6


def test_a_single_factory_waits_for_no_slot() -> None:
    async def life() -> list[float]:
        began = clock.monotonic()
        await timer_slots.pause(0.123, began)
        middle = clock.monotonic()
        await timer_slots.timer(0.123, middle)
        return [middle - began, clock.monotonic() - middle]

    assert in_virtual_time(life()) == pytest.approx([0.123, 0.123])


def test_who_is_woken_early_and_who_gives_up_hold_up_nobody() -> None:
    async def life() -> list[bool]:
        with factory_scope.of("hall-1"):
            early, given_up, kept = (timer_slots.timer(1.0, clock.monotonic()) for _ in range(3))
            early.set_result(None)
            given_up.cancel()
            await early
            await kept
        return [early.done(), given_up.cancelled(), kept.done()]

    assert in_virtual_time(life()) == [True, True, True]
