"""What somebody deletes in the store while commands run: nothing ends, and the next one goes."""

from collections.abc import Iterator

import pytest

from services.common.store.keys import Stage, key
from tests.support.circle import World
from tests.support.processes import Processes, wait_for
from tests.support.servers import Addresses


@pytest.fixture
def world(processes: Processes, servers: Addresses) -> Iterator[World]:
    with World(processes, servers) as world:
        yield world


def test_a_store_that_lost_everything_is_served_again(world: World) -> None:
    orders, gateway = world.start("orders").wait_ready(), world.start("gateway").wait_ready()
    world.desk.client.flushall()
    world.factory.say_stock()
    wait_for(lambda: world.desk.client.exists(key("mock", "link:ingest")))
    world.desk.order("after")
    assert world.desk.final("after").stage is Stage.EFFECT
    assert orders.alive
    assert gateway.alive


@pytest.mark.parametrize(
    "names",
    [
        ["commands", "receipts", "outbox", "events", "audit"],
        ["audit:head", "audit"],
        ["lease", "open", "brackets"],
        ["link:ingest", "link:gateway"],
        ["snapshots", "dead"],
    ],
    ids=" ".join,
)
def test_what_is_deleted_alone_stops_nothing(world: World, names: list[str]) -> None:
    world.run()
    world.desk.order("before")
    assert world.desk.final("before").stage is Stage.EFFECT
    world.desk.client.delete(*(key("mock", name) for name in names))
    wait_for(lambda: world.desk.client.exists(key("mock", "link:ingest")))
    world.desk.order("after")
    assert world.desk.final("after").stage is Stage.EFFECT


def test_scripts_and_groups_that_are_gone_are_made_again(world: World) -> None:
    world.run()
    world.desk.client.script_flush()
    for stream, group in (("commands", "orders"), ("receipts", "orders"), ("outbox", "gateway")):
        world.desk.client.xgroup_destroy(key("mock", stream), group)
    world.desk.order("after")
    assert world.desk.final("after").stage is Stage.EFFECT


def test_a_command_whose_life_was_deleted_lets_the_next_one_go(world: World) -> None:
    world.run()
    world.factory.silent = True
    world.desk.order("forgotten")
    wait_for(lambda: "acknowledged" in world.desk.stages("forgotten"))
    world.desk.client.delete(key("mock", "command:forgotten"))
    world.factory.silent = False
    wait_for(lambda: not world.desk.client.hexists(key("mock", "open"), "forgotten"), 30)
    world.desk.order("after")
    assert world.desk.final("after").stage is Stage.EFFECT
