"""The control lease and the pace of a person, as orders keeps them with a real store."""

import json
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from redis import Redis

from services.common.store.bus import Bus
from services.common.store.keys import CommandEvent, Role, Stage
from services.common.store.lease import Lease, read
from services.orders.repository import CommandRepository
from tests.support.circle import World
from tests.support.processes import Processes, Service, wait_for
from tests.support.servers import Addresses

pytestmark = pytest.mark.alike

KEY = "omf:{mock}:lease"
RUSH = 30
PERMITTED = 10


@pytest.fixture
def world(processes: Processes, servers: Addresses) -> Iterator[World]:
    with World(processes, servers) as world:
        yield world


class Room:
    """A room of people who command one factory."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._count = 0

    def ask(self, who: str, kind: str, **parameters: Any) -> CommandEvent:
        self._count += 1
        name = f"{kind}-{self._count}"
        asked = {"kind": kind, "parameters": parameters, "operator": who, "role": Role.ADMIN}
        return self.world.desk.final(self.world.desk.order(name, **asked))

    def risky(self, who: str) -> CommandEvent:
        """Something only the holder may do; nothing answers, so orders must have let it go."""
        return self.ask(who, "free-message", topic="site/lamp", payload=f"{self._count}")

    def lease(self) -> Lease:
        return Lease.model_validate_json(self.world.desk.client.get(KEY))

    def change(self, **fields: Any) -> None:
        """What only orders writes, changed behind its back: it must not go on from memory."""
        changed = self.lease().model_copy(update=fields)
        self.world.desk.client.set(KEY, changed.model_dump_json())


@pytest.fixture
def room(world: World) -> Room:
    world.start("gateway").wait_ready()
    leased(world)
    return Room(world)


def leased(world: World) -> Service:
    return world.start("orders", control_lease="true").wait_ready()


def test_it_is_taken_asked_for_handed_over_and_given_up(room: Room) -> None:
    assert room.risky("anna").reasons[0].id == "control"
    assert room.ask("anna", "control-take", minutes=30).stage is Stage.EFFECT
    refused = room.risky("bert")
    assert (refused.stage, refused.reasons[0].id) == (Stage.REFUSED, "control")
    assert "anna has control since" in refused.reasons[0].en
    assert room.risky("anna").stage is Stage.EFFECT
    assert room.ask("bert", "production-order", colour="WHITE").stage is Stage.EFFECT
    assert room.ask("bert", "control-take").stage is Stage.REFUSED
    assert room.ask("bert", "control-request").stage is Stage.EFFECT
    assert room.lease().asked_by == "bert"
    assert room.ask("anna", "control-hand-over").stage is Stage.EFFECT
    assert room.risky("anna").stage is Stage.REFUSED
    assert room.risky("bert").stage is Stage.EFFECT
    assert room.ask("bert", "control-release").stage is Stage.EFFECT
    assert room.risky("bert").stage is Stage.REFUSED
    told = [record.decision for record in room.world.desk.audit("control-take-2")]
    assert told == [Stage.EFFECT]


def test_it_outlives_orders_runs_out_and_is_required_even_if_the_store_forgets(
    world: World,
) -> None:
    world.start("gateway").wait_ready()
    orders, room = leased(world), Room(world)
    room.ask("anna", "control-take")
    orders.kill()
    leased(world)
    assert room.lease().holder == "anna"
    assert room.risky("anna").stage is Stage.EFFECT
    room.change(until=room.lease().since)
    assert room.risky("anna").stage is Stage.REFUSED
    assert room.ask("bert", "control-take").stage is Stage.EFFECT
    world.desk.client.delete(KEY)
    assert room.risky("anna").stage is Stage.REFUSED


@pytest.mark.usefixtures("room")
def test_it_is_seen_and_taken_from_the_command_line(processes: Processes, store_url: str) -> None:
    env = {"OMF_STORE_URL": store_url}
    omf = (sys.executable, "-m", "services.cli")
    assert processes.run(*omf, "send", "control-take", "--user", "anna", **env).wait(30) == 0
    assert processes.run(*omf, "send", "control-take", "--user", "bert", **env).wait(30) == 3
    shown = processes.run(*omf, "control", "--json", **env)
    assert shown.wait(30) == 0
    assert json.loads(shown.tail().splitlines()[-1])["holder"] == "anna"


def test_where_nobody_asks_for_it_all_may_do_as_before(world: World) -> None:
    world.run()
    room = Room(world)
    assert room.risky("bert").stage is Stage.EFFECT
    assert room.ask("anna", "control-take").stage is Stage.EFFECT
    assert room.risky("bert").stage is Stage.EFFECT


def test_one_person_gives_ten_commands_a_second_and_others_go_on(world: World) -> None:
    world.start("orders").wait_ready()
    desk = world.desk
    names = [desk.order(f"rush-{n}", kind="control-take", parameters={}) for n in range(RUSH)]
    desk.order("stop", kind="bracket-cancel", parameters={"order_id": "none"}, role=Role.ADMIN)
    desk.order("bert", kind="control-request", parameters={}, operator="bert")
    wait_for(lambda: len(desk.events("bert")) > 1)
    ends = [desk.final(name) for name in names]
    hasty = [end for end in ends if end.stage is Stage.REFUSED]
    assert ends[:PERMITTED] == [end for end in ends[:PERMITTED] if end.stage is Stage.EFFECT]
    assert {end.reasons[0].id for end in hasty} == {"too-fast"}
    assert desk.final("bert").stage is Stage.EFFECT
    assert desk.final("stop").reasons[0].id == "no-bracket"


async def test_who_takes_it_while_orders_begins_anew_has_it(
    store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The store stood still for a moment: the lease is taken up while commands are decided on."""
    async with Bus(store_url, "mock") as bus:
        repository = CommandRepository(bus, leased=True)
        await repository.open_lease()
        adopt, taken = repository._adopt, repository.lease.model_copy(update={"holder": "bert"})

        def moved(written: bytes) -> None:
            monkeypatch.undo()
            with Redis.from_url(store_url) as store:
                store.set(KEY, taken.model_dump_json())
            adopt(written)

        monkeypatch.setattr(repository, "_adopt", moved)
        await repository.open_lease()
        assert await read(bus) == taken
        assert repository.lease == taken
