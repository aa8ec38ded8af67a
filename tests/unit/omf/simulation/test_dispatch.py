"""Which order a vehicle works for next, as recorded in ml-wrb-red-nok_20260807_130729."""

import json
from typing import Any

from omf.simulation.device import Moment, Send, message
from tests.support.same_future import STAMP, RunningMock

RECORDED = """WHITE HBW 1, RED HBW 2, BLUE HBW 3, WHITE DRILL 1, RED MILL 2, WHITE DRILL 1,
BLUE DRILL 3, RED MILL 2, WHITE AIQS 1, BLUE DRILL 1, WHITE AIQS 3, RED AIQS 2, BLUE MILL 1,
WHITE DPS 3"""
"""Colour, target and bay of each drive of the one vehicle, for three orders given at once."""


def driven(mock: RunningMock, orders: list[str], seconds: float) -> list[str]:
    """What the vehicles are told while these orders are worked on."""
    found: list[str] = []
    hear = mock.router._hear
    assert hear is not None

    def listen(send: Send, now: Moment) -> None:
        hear(send, now)
        if send.topic.startswith("fts/v1/ff/") and send.topic.endswith("/order"):
            found.extend(_told(mock, json.loads(send.payload), send.topic.split("/")[3]))

    mock.router._hear = listen
    for colour in orders:
        body = {"type": colour, "timestamp": STAMP, "orderType": "PRODUCTION"}
        mock.router.publish(message("ccu_order_request", body))
        mock.router.run(7)
    mock.router.run(seconds)
    return found


def _told(mock: RunningMock, body: dict[str, Any], vehicle: str) -> list[str]:
    order = mock.state.orders.get(body["orderId"])
    metadata = body["nodes"][-1]["action"]["metadata"]
    module = mock.state.modules[body["nodes"][-1]["id"]].type
    where = f"{module} {metadata['loadPosition']}"
    if metadata.get("noLoadChange"):
        return [f"{vehicle} makes room to {module}"]
    return [f"{order.colour} {where}" if order else f"{metadata['loadType']} {where}"]


def test_the_drive_that_waits_longest_is_next_and_a_bay_is_free_once_its_piece_left() -> None:
    mock = RunningMock(5, 1, {"RED": 1, "WHITE": 1, "BLUE": 1})
    wanted = " ".join(RECORDED.split()).split(", ")
    told = [each for each in driven(mock, ["WHITE", "RED", "BLUE"], 460) if "makes" not in each]
    assert told[: len(wanted)] == wanted


def test_any_vehicle_fetches_a_piece_from_a_module() -> None:
    mock = RunningMock(5, 2, {"RED": 2, "WHITE": 2, "BLUE": 2})
    driven(mock, ["BLUE", "RED", "WHITE"], 1200)
    assert [one.state for one in mock.state.orders.values()] == ["FINISHED"] * 3
    fetched = set()
    for order in mock.state.orders.values():
        fetched.add(order.vehicle)
    assert fetched == {"5iO4", "leJ4"}
