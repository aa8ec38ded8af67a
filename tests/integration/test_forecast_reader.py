"""The ends of orders are foretold of a real store, by a process of its own."""

import pytest

from omf.simulation.device import message
from services.common.store.bus import Bus
from services.common.store.keys import JOURNAL, buffer_key
from services.ui.live.forecast_reader import ForecastReader
from services.ui.live.model import ViewModel
from services.ui.settings import UiSettings
from tests.support.same_future import STAMP, RunningMock

AT_MS = 1_786_000_005_000
pytestmark = [pytest.mark.alike, pytest.mark.servers]


async def test_the_end_of_an_order_and_what_would_be_ready_stand_in_the_model(
    store_url: str,
) -> None:
    mock = RunningMock(3, 1, {"RED": 2, "WHITE": 1})
    body = {"type": "RED", "timestamp": STAMP, "orderType": "PRODUCTION"}
    mock.router.publish(message("ccu_order_request", body))
    mock.router.run(0.003)  # no vehicle has moved: the order to it is not retained
    async with Bus(store_url, "mock") as bus:
        for number, send in enumerate(mock.router.retained.values()):
            fields = {"t": send.topic, "p": send.payload, "q": "1", "r": "0", "d": "0"}
            await bus.client.xadd(buffer_key("mock", JOURNAL), fields, f"{AT_MS}-{number}")
    model = ViewModel("mock")
    reader = ForecastReader(UiSettings(store_url=store_url), {"mock": model}, lambda _: True)
    try:
        await reader.ask("mock")
    finally:
        await reader.close()
    told = model.forecast
    assert told is not None
    (order,) = mock.state.active_orders
    end = told.ends[order]
    assert told.at < end.p10 <= end.p50 <= end.p90 < told.at + 400
    assert told.ready.keys() == {"RED", "WHITE"}, "no blue piece is there"
    assert told.ready["WHITE"].p50 > told.at
    assert told.advice is None


async def test_without_an_answer_no_end_is_known() -> None:
    model = ViewModel("mock")
    settings = UiSettings(store_url="redis://127.0.0.1:1/0")
    reader = ForecastReader(settings, {"mock": model}, lambda _: True)
    await reader.ask("mock")
    await reader.close()
    assert model.forecast is None
