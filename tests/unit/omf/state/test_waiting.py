"""Why an order does not go on: the sentence names the true cause, within five seconds."""

import cProfile
import re
from typing import get_args

import pytest

from omf.simulation import simulated_factory
from omf.state import FactoryState, Order
from omf.state.waiting import why_waits
from omf.state.waiting_texts import WaitCause
from omf.texts import LANGUAGES, render
from tests.support.factory import DRILL, HBW, Factory, paired
from tests.support.factory import order as listed
from tests.support.mock_world import say
from tests.support.shared import RECORDINGS, recording
from tests.support.watched_mock import WatchedMock

FTS = "5iO4"
HELD_UP = {
    "production-wr-agv2-b-agv1-clean_20260513_135600": [
        "vehicle-obstacle:wartet auf FTS 5iO4: ein Hindernis steht im Weg"
    ]
}
"""What kept an order waiting in a recording that somebody could have helped."""


def test_an_order_that_goes_on_waits_for_nothing() -> None:
    watched = WatchedMock()
    order = watched.order("WHITE")
    found = set()
    while order.list == "active":
        watched.run(1)
        found.add(watched.wait_of(order))
    assert order.state == "FINISHED"
    assert found == {None}


def test_a_vehicle_without_position_is_named() -> None:
    watched = WatchedMock()
    order = watched.order("WHITE")
    watched.world.fault("lost", FTS)
    watched.run(4)
    watched.world.fault("found", FTS)
    watched.run(4)
    if order.list != "active":
        order = watched.order("WHITE")
    watched.run(3)
    wait = watched.wait_of(order)
    assert wait is not None
    assert (wait.cause, wait.device, wait.ordinary) == ("vehicle-position", FTS, False)
    assert wait.en == "waits for FTS 5iO4: its position is unknown"
    assert "andocken" in wait.action.de


def test_a_lost_vehicle_is_named_while_it_is_away() -> None:
    watched = WatchedMock()
    watched.world.fault("lost", FTS)
    watched.run(2)
    wait = watched.wait_of(watched.order("WHITE"))
    assert wait is not None
    assert (wait.cause, wait.device) == ("vehicle-lost", FTS)


@pytest.mark.parametrize("kind", ["fatal", "warning", "silent", "unreachable"])
def test_a_module_that_failed_or_is_away_is_named(kind: str) -> None:
    watched = WatchedMock()
    watched.world.fault(kind, "DRILL")
    order = watched.order("WHITE")
    causes = {
        "fatal": "module-fatal",
        "warning": "module-failed",
        "silent": "module-silent",
        "unreachable": "module-lost",
    }
    found = watched.run(300, lambda: (w := watched.wait_of(order)) is not None and not w.ordinary)
    assert found
    wait = watched.wait_of(order)
    assert wait is not None
    assert (wait.cause, "DRILL" in wait.de) == (causes[kind], True)
    if kind == "fatal":
        assert wait.action.en.endswith("then reset the factory.")
    watched.run(5)
    assert watched.wait_of(order) is not None


def test_a_module_another_order_has_is_traffic_and_its_root_is_followed() -> None:
    watched = WatchedMock(vehicles=2)
    first, second = watched.order("WHITE"), watched.order("WHITE")
    assert watched.run(
        400, lambda: (w := watched.wait_of(second)) is not None and w.cause == "module-taken"
    )
    wait = watched.wait_of(second)
    assert wait is not None
    assert (wait.ordinary, wait.order_id) == (True, first.id)
    watched.world.fault("fatal", "DRILL")
    watched.world.fault("fatal", "AIQS")
    watched.world.fault("fatal", "HBW")
    assert watched.run(
        400, lambda: (w := watched.root_of(second)) is not None and w.cause == "module-fatal"
    )


def test_the_race_is_named_for_the_storage_and_for_the_delivery_that_hangs_too() -> None:
    watched = WatchedMock()
    delivery = watched.order("WHITE")
    watched.world.fault("race")
    storage = watched.order("RED", "STORAGE")
    assert watched.run(400, lambda: _kept(watched, delivery))
    wait = watched.wait_of(storage)
    assert wait is not None
    assert wait.cause == "module-race"
    assert "DPS" in wait.en
    watched.run(120)
    assert _kept(watched, delivery)


def _kept(watched: WatchedMock, order: Order) -> bool:
    wait = watched.wait_of(order)
    return wait is not None and wait.cause == "module-race"


def test_a_module_the_ccu_has_not_paired_is_named() -> None:
    watched = WatchedMock()
    layout = simulated_factory.layout()
    layout["modules"] = [one for one in layout["modules"] if one["type"] != "MILL"]
    layout["roads"] = [one for one in layout["roads"] if one["from"] != "SVR3QA2098"]
    say(watched.world, "ccu_set_layout", layout)
    order = watched.order("RED")
    assert watched.run(300, lambda: watched.wait_of(order) is not None)
    wait = watched.wait_of(order)
    assert wait is not None
    assert wait.cause == "module-unpaired"
    assert wait.en == "waits for MILL: the CCU has paired no such module"


def test_a_vehicle_the_ccu_does_not_list_is_named() -> None:
    told = Factory().online(FTS)
    told.vehicle(HBW)
    told.say("ccu_pairing_state", {"modules": [paired(HBW, "HBW")], "transports": []})
    step = {"id": "s", "type": "NAVIGATION", "state": "ENQUEUED", "source": "START"}
    told.orders(listed("a", productionSteps=[step | {"target": "HBW"}]))
    wait = why_waits(told.state, told.state.orders["a"], told.now)
    assert wait is not None
    assert (wait.cause, wait.device) == ("vehicle-unlisted", FTS)
    assert "aus- und wieder einschalten" in wait.action.de


@pytest.mark.parametrize(("set_s", "waited_s"), [(5, 19), (60, 129)])
def test_work_that_takes_twice_as_long_as_it_ever_did_is_named(set_s: int, waited_s: int) -> None:
    told = Factory.known()
    work = {"id": "a-1", "type": "MANUFACTURE", "state": "IN_PROGRESS", "moduleType": "DRILL"}
    told.orders(listed("a", productionSteps=[{**work, "command": "DRILL", "serialNumber": DRILL}]))
    action = {"id": "a-1", "command": "DRILL"}
    told.say("module_order", {"orderId": "a", "orderUpdateId": 1, "action": action}, serial=DRILL)
    busy = paired(DRILL, "DRILL", available="BUSY", productionDuration=set_s)

    def cause_after(seconds: int) -> str | None:
        told.wait(seconds).module(DRILL, orderId="a", actionState=action | {"state": "RUNNING"})
        told.say("ccu_pairing_state", {"modules": [busy], "transports": []})
        wait = why_waits(told.state, told.state.orders["a"], told.now)
        return wait.cause if wait else None

    assert cause_after(waited_s) is None
    assert cause_after(2) == "module-endless"


def test_an_ended_order_waits_for_nothing() -> None:
    told = Factory().orders(listed("a"))
    told.orders()
    assert why_waits(told.state, told.state.orders["a"], told.now) is None


def test_a_queued_order_waits_for_the_running_ones() -> None:
    watched = WatchedMock()
    for colour in ("WHITE", "WHITE", "RED", "RED"):
        watched.order(colour)
    queued = watched.order("BLUE")
    assert queued.state == "ENQUEUED"
    wait = watched.wait_of(queued)
    assert wait is not None
    assert (wait.cause, wait.ordinary) == ("queue", True)
    assert "4 run" in wait.en


@pytest.mark.parametrize("name", RECORDINGS)
def test_in_a_healthy_factory_orders_wait_for_traffic_only(name: str) -> None:
    state = FactoryState()
    found: dict[str, float] = {}
    for message in recording(name):
        state.apply(message, message.received_at)
        for order_id in state.active_orders:
            wait = why_waits(state, state.orders[order_id], message.received_at)
            if wait is not None and not wait.ordinary:
                found.setdefault(f"{wait.cause}:{wait.de}", message.received_at)
    assert list(found) == HELD_UP.get(name, [])


def test_every_cause_is_said_in_every_language_and_advises() -> None:
    for cause in get_args(WaitCause):
        for key in (f"wait.{cause}", f"wait.{cause}.action"):
            said = " ".join(str(render(language, key, {})) for language in LANGUAGES)
            assert not re.findall(r"[A-Z_]{4,}", said), cause


def test_a_list_of_thousands_of_orders_costs_each_of_them_the_same() -> None:
    assert _calls(2_000) < 5 * _calls(500)


def _calls(count: int) -> int:
    """How many functions are called to judge so many orders that wait."""
    told = Factory()
    step = {"id": "s", "type": "NAVIGATION", "state": "ENQUEUED", "target": "HBW"}
    told.say("ccu_pairing_state", {"modules": [paired(HBW, "HBW")], "transports": []})
    orders = [listed(f"o{number}", productionSteps=[step]) for number in range(count)]
    told.say("ccu_order_active", orders)
    told.wait(400)
    with cProfile.Profile() as profile:
        told.state.alarms(told.now)
        told.state.view(told.now)
    return sum(entry.callcount for entry in profile.getstats())
