"""The store's clock as we carry it on: the quickest answer says most."""

import pytest

from services.common.process import clock
from services.common.store.bus import Bus
from services.common.store.store_clock import StoreClock

AHEAD_S = 1_000.0


class Answering(Bus):
    """A store whose answers take as long on their way there and back as a test says."""

    def __init__(self) -> None:
        super().__init__("redis://127.0.0.1:1/0", "mock")
        self.at = 0.0
        self.there_s = self.back_s = 0.0
        self.ahead_s = AHEAD_S

    async def time(self) -> float:
        self.at += self.there_s
        told = self.at + self.ahead_s
        self.at += self.back_s
        return told


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Answering:
    store = Answering()
    monkeypatch.setattr(clock, "monotonic", lambda: store.at)
    return store


async def test_a_slow_answer_does_not_move_a_clock_that_a_quick_one_set(store: Answering) -> None:
    carried = StoreClock(store)
    await carried.sync()
    store.back_s = 0.08
    assert await carried.sync() == pytest.approx(store.at + AHEAD_S)


async def test_a_quick_answer_mends_a_clock_that_a_slow_one_set(store: Answering) -> None:
    carried = StoreClock(store)
    store.back_s = 0.08
    assert await carried.sync() == pytest.approx(store.at + AHEAD_S - 0.04)
    store.back_s = 0.0
    assert await carried.sync() == pytest.approx(store.at + AHEAD_S)


@pytest.mark.parametrize("step_s", [-30.0, 30.0])
async def test_a_store_whose_clock_was_stepped_is_followed(store: Answering, step_s: float) -> None:
    carried = StoreClock(store)
    await carried.sync()
    store.ahead_s += step_s
    assert await carried.sync() == pytest.approx(store.at + AHEAD_S + step_s)
    assert carried.step() == pytest.approx(step_s)
    assert carried.step() == 0.0


async def test_a_frozen_store_is_no_step(store: Answering) -> None:
    carried = StoreClock(store)
    await carried.sync()
    store.there_s = 8.0
    await carried.sync()
    assert carried.step() == 0.0
