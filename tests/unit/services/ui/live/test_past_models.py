"""Models of the past: one for all who ask at the same time, and never more than so many."""

import asyncio
import gc

import pytest

from services.common.store.bus import Bus
from services.ui.live import past as past_module
from services.ui.live.model import ViewModel
from services.ui.live.past import KEPT_MOMENTS, PastModels
from services.ui.live.past_reader import PastUnreadableError
from tests.support.past_source import THEN, Past
from tests.support.ui_pages import NOWHERE

PACE = 7.0


@pytest.fixture
def source() -> Past:
    return Past()


@pytest.fixture
def models(source: Past) -> PastModels:
    return PastModels(
        source, {"mock": ViewModel("mock", speed=PACE)}, {"mock": Bus(NOWHERE, "mock")}
    )


async def test_who_asks_at_the_same_time_shares_one_model(models: PastModels, source: Past) -> None:
    found = await asyncio.gather(*(models.at("mock", THEN) for _ in range(5)))
    assert len({id(model) for model in found}) == 1
    assert source.asked == [THEN]
    assert found[0].past == THEN
    assert found[0].speed == PACE


async def test_who_leaves_does_not_take_it_from_the_others(models: PastModels) -> None:
    leaving = asyncio.create_task(models.at("mock", THEN))
    staying = asyncio.create_task(models.at("mock", THEN))
    await asyncio.sleep(0)
    leaving.cancel()
    assert (await staying).past == THEN


async def test_moments_nobody_looks_at_are_forgotten(models: PastModels) -> None:
    for number in range(KEPT_MOMENTS * 3):
        await models.at("mock", THEN - number)
    gc.collect()
    made = [one for one in gc.get_objects() if type(one) is ViewModel and one.past is not None]
    # Other tests of this process may have left some, at another pace.
    assert sum(one.speed == PACE for one in made) <= KEPT_MOMENTS
    assert not models.has("mock", THEN)
    assert models.has("mock", THEN - KEPT_MOMENTS * 3 + 1)


async def test_messages_at_hand_are_bounded(
    models: PastModels, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(past_module, "KEPT_MESSAGES", 2)
    assert len((await models.own("mock", THEN)).journal) == 2


async def test_what_failed_is_tried_again(models: PastModels, source: Past) -> None:
    source.error = PastUnreadableError("no answer")
    with pytest.raises(PastUnreadableError):
        await models.at("mock", THEN)
    source.error = None
    assert (await models.at("mock", THEN)).past == THEN
