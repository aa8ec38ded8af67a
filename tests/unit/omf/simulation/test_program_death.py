"""What ends the simulated CCU, as it ends the vendor's, and how it comes back (PROTOCOL H)."""

import pytest

from omf.simulation.device import Send
from omf.simulation.machine import RESTART_AFTER_S
from omf.simulation.simulated_factory import MILL, layout
from omf.topics import catalogue
from tests.support.mock_world import World, factory, order, say

VEHICLE_STATE = "fts/v1/ff/5iO4/state"
FATAL_WHEN_EMPTY = (
    *(entry.topic for entry in catalogue.TOPICS if entry.topic.startswith("ccu/set/")),
    "ccu/order/request",
    "ccu/order/cancel",
    "ccu/pairing/pair_fts",
    VEHICLE_STATE,
)


def send(world: World, topic: str, payload: bytes, seconds: float = 1.0) -> None:
    """Publish raw bytes, retained as who clears a topic does, and let the time pass."""
    world.publish(Send(topic, payload, 1, retain=not payload))
    world.run(seconds)


def answers(world: World) -> bool:
    """Whether the CCU answers an order."""
    before = len(world.bodies("ccu/order/response"))
    order(world, "RED")
    world.run(2)
    return len(world.bodies("ccu/order/response")) > before


def dead(world: World) -> str:
    """Of what the CCU died; empty while it runs."""
    return next(machine.died for machine in world.machines if machine.name == "ccu")


def tolerant() -> World:
    """A factory whose devices may be told nonsense."""
    world = factory()
    world._tolerant = True
    return world


@pytest.mark.parametrize("topic", FATAL_WHEN_EMPTY)
def test_an_empty_payload_where_it_reads_json_ends_it(topic):
    world = factory()
    order(world, "WHITE")
    world.run(5)
    lists = world.last("ccu/order/active")
    send(world, topic, b"")
    assert dead(world)
    assert not answers(world)
    assert world.last("ccu/order/active") == lists


@pytest.mark.parametrize("payload", [b"nonsense", b"[]", b'"x"', b"null", b"7", b"{"])
def test_a_vehicle_state_that_is_no_object_ends_it(payload):
    world = tolerant()
    world.press(VEHICLE_STATE, payload)
    assert dead(world)


@pytest.mark.parametrize("topic", ["ccu/set/reset", "ccu/order/request", "module/v1/ff/x/state"])
def test_nonsense_elsewhere_is_dropped(topic):
    world = tolerant()
    world.press(topic, b"nonsense")
    assert not dead(world)
    assert answers(world)


@pytest.mark.parametrize("name", ["state", "connection", "factsheet", "order", "instantAction"])
def test_an_empty_message_of_a_module_is_survived(name):
    world = factory()
    send(world, f"module/v1/ff/{MILL.serial}/{name}", b"")
    assert answers(world)


def twice(body):
    body["modules"].append(body["modules"][0])


def numbered(body):
    body["modules"].append({"type": "OVEN", "serialNumber": 7})


def round_road(body):
    body["roads"].append({"from": "1", "to": "1", "length": 360, "direction": "EAST"})


@pytest.mark.parametrize("spoil", [twice, numbered, round_road])
def test_some_layouts_end_it(spoil):
    world = factory()
    body = layout()
    spoil(body)
    say(world, "ccu_set_layout", body)
    assert "layout" in dead(world)
    assert world.last("ccu/state/layout") == layout()


def test_it_is_started_again_and_then_resets_the_factory():
    world = factory()
    order(world, "RED")
    world.run(5)
    send(world, "ccu/set/charge", b"")
    world.run(RESTART_AFTER_S)
    assert not dead(world)
    assert world.last("ccu/order/active") == []
    before = len(world.bodies("ccu/set/reset"))
    world.run(28)
    assert len(world.bodies("ccu/set/reset")) == before
    world.run(3)
    assert len(world.bodies("ccu/set/reset")) == before + 1
