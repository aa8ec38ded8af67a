"""Wherever orders or gateway die, a command happens once or not at all, and its end is told."""

import json
from collections import Counter
from collections.abc import Iterator

import pytest

from omf.topics.catalogue import address, find
from services.common.mqtt.link import Received
from services.common.mqtt.paho_client import MAX_INFLIGHT
from services.common.process import clock
from services.common.store.consumer import MAX_DELIVERIES, Dead
from services.common.store.keys import Outgoing, Receipt, ReceiptStage, Role, Stage
from services.supervisor.server import LocalServer
from tests.support.circle import Connected, Desk, World, request, settled
from tests.support.command_examples import plan_of
from tests.support.processes import Processes, Service, wait_for
from tests.support.servers import Addresses

KILLED = -9


@pytest.fixture
def world(processes: Processes, servers: Addresses) -> Iterator[World]:
    with World(processes, servers) as world:
        yield world


def dead(service: Service) -> None:
    wait_for(lambda: not service.alive, say=service.tail)
    assert service.returncode == KILLED


@pytest.mark.parametrize(
    ("place", "outcome", "published"),
    [
        ("gateway.attempted", "unknown", 0),
        ("gateway.published", "unknown", None),
        ("gateway.acknowledged", "unknown", 1),
        ("gateway.settled", "acknowledged", 1),
    ],
)
def test_a_gateway_killed_anywhere_never_publishes_twice(
    world: World, place: str, outcome: str, published: int | None
) -> None:
    gateway = world.start("gateway", failpoint=place).wait_ready()
    world.desk.add("outbox", request("once/0"))
    dead(gateway)
    world.start("gateway").wait_ready()
    wait_for(lambda: world.desk.pending("outbox", "gateway") == 0)
    assert world.desk.receipts("once/0") == ["attempted", outcome]
    if published:
        wait_for(lambda: world.factory.commands)
    settled(lambda: len(world.factory.commands) <= 1)
    assert published is None or len(world.factory.commands) == published


def test_a_repeatable_message_is_sent_again_byte_for_byte_while_it_is_fresh(world: World) -> None:
    gateway = world.start("gateway", failpoint="gateway.acknowledged")
    step = plan_of("config").steps[0]
    setting = {"kind": "config", "topic": step.topic, "payload": step.payload, "role": Role.ADMIN}
    world.desk.add("outbox", request("again/0", once=step.once, lives_s=30, **setting))
    dead(gateway)
    world.start("gateway").wait_ready()
    wait_for(lambda: world.desk.receipts("again/0") == ["attempted", "acknowledged"])
    wait_for(lambda: len(world.mirrored(step.topic)) == 2)
    assert world.mirrored(step.topic) == [step.payload.encode()] * 2


@pytest.mark.parametrize("once", [True, False])
def test_what_may_have_been_sent_is_never_called_expired(world: World, *, once: bool) -> None:
    gateway = world.start("gateway", failpoint="gateway.acknowledged")
    gateway.wait_ready()
    entry = request("sent/0", once=once, lives_s=1.0)
    world.desk.add("outbox", entry)
    dead(gateway)
    wait_for(lambda: clock.now() > entry.expires_at)
    world.start("gateway").wait_ready()
    wait_for(lambda: world.desk.receipts("sent/0") == ["attempted", "unknown"])
    assert len(world.factory.commands) == 1


@pytest.mark.parametrize("place", ["gateway.attempted", "gateway.published", "gateway.settled"])
def test_a_command_reaches_its_end_though_the_gateway_died(world: World, place: str) -> None:
    world.start("orders").wait_ready()
    gateway = world.start("gateway", failpoint=place).wait_ready()
    world.desk.order("asked")
    dead(gateway)
    world.start("gateway")
    final = world.desk.final("asked", 30)
    expected = Stage.EFFECT if world.factory.commands else Stage.UNKNOWN
    assert final.stage is expected
    assert len(world.factory.commands) <= 1


@pytest.mark.parametrize(
    "place",
    [
        "orders.before_decision",
        "orders.after_decision",
        "orders.advanced",
        "orders.advanced:2",
        "orders.receipt",
    ],
)
def test_orders_killed_anywhere_decides_once_and_tells_the_end(world: World, place: str) -> None:
    orders = world.start("orders", failpoint=place).wait_ready()
    world.start("gateway").wait_ready()
    world.desk.order("asked")
    dead(orders)
    world.start("orders")
    assert world.desk.final("asked", 30).stage is Stage.EFFECT
    assert len(world.factory.commands) == 1
    assert [record.part for record in world.desk.audit("asked")] == ["decision", "outcome"]
    stages = world.desk.stages("asked")
    assert stages == ["requested", "accepted", "queued", "published", "acknowledged", "effect"]
    wait_for(lambda: world.desk.pending("commands", "orders") == 0)
    wait_for(lambda: world.desk.pending("receipts", "orders") == 0)


def test_a_command_that_kills_orders_each_time_is_refused_in_the_end(world: World) -> None:
    deadly = world.start("orders", failpoint="orders.before_decision").wait_ready()
    world.desk.order("deadly")
    dead(deadly)
    for _ in range(MAX_DELIVERIES - 1):
        dead(world.start("orders", failpoint="orders.before_decision"))
    world.start("orders").wait_ready()
    world.start("gateway").wait_ready()
    assert world.desk.final("deadly", 30).reasons[0].id == "given-up"
    world.desk.order("next")
    assert world.desk.final("next", 30).stage is Stage.EFFECT
    assert len(world.factory.commands) == 1
    [buried] = world.desk.models("dead", Dead)
    assert (buried.stream, buried.deliveries) == ("commands", MAX_DELIVERIES)
    assert [record.part for record in world.desk.audit("deadly")] == ["decision"]


@pytest.mark.parametrize(
    ("before", "told"), [("", ["refused"]), ("gateway.attempted", ["attempted", "unknown"])]
)
def test_an_outbox_entry_begun_too_often_has_its_end_told(
    world: World, before: str, told: list[str]
) -> None:
    if before:
        gateway = world.start("gateway", failpoint=before)
        entry_id = world.desk.add("outbox", request("spent/0"))
        dead(gateway)
    else:
        entry_id = world.desk.add("outbox", request("spent/0"))
    world.desk.spend("outbox", "gateway", entry_id, MAX_DELIVERIES)
    world.start("gateway").wait_ready()
    wait_for(lambda: world.desk.receipts("spent/0") == told)
    assert world.desk.pending("outbox", "gateway") == 0
    settled(lambda: world.factory.commands == [])


def test_a_frozen_broker_leaves_the_outcome_open_and_the_factory_answers_it(
    processes: Processes, store_url: str, broker: LocalServer
) -> None:
    servers, desk = Addresses(store_url, broker.url), Desk(store_url)
    with World(processes, servers) as world:
        world.run()
        broker.freeze()
        desk.order("frozen")
        wait_for(lambda: "unknown" in desk.receipts("frozen/0"))
        broker.thaw()
        final = desk.final("frozen", 40)
        assert final.stage in (Stage.EFFECT, Stage.UNKNOWN)
        settled(lambda: len(world.factory.commands) <= 1, 1.0)
        assert (final.stage is Stage.EFFECT) == (len(world.factory.commands) == 1)


class Devices(Connected):
    """What reached any module, by the command in it."""

    def __init__(self, mqtt_url: str) -> None:
        super().__init__(mqtt_url, "devices", [find("module_instant_action").pattern])
        self.heard: list[str] = []

    def on_message(self, received: Received) -> None:
        """Runs in the network thread."""
        self.heard.append(json.loads(received.payload)["actions"][0]["actionId"])


def lamp(number: int) -> Outgoing:
    """Something to send to a module of its own; it lives for a moment."""
    action = {"actionType": "setStatusLED", "actionId": f"lamp-{number}"}
    told = {"serialNumber": f"M{number}", "timestamp": clock.iso(clock.now()), "actions": [action]}
    topic = address("module_instant_action", serial=f"M{number}")
    body = {"kind": "free-message", "topic": topic, "payload": json.dumps(told), "role": Role.ADMIN}
    return request(f"lamp-{number}", lives_s=4, **body)


def test_a_frozen_broker_lets_nothing_leave_after_its_expiry(
    processes: Processes, store_url: str, broker: LocalServer
) -> None:
    desk = Desk(store_url)
    processes.service("gateway", store_url=store_url, mqtt_url=broker.url).wait_ready()
    names = [f"lamp-{number}" for number in range(MAX_INFLIGHT + 5)]
    with Devices(broker.url) as devices:
        broker.freeze()
        for number in range(len(names)):
            desk.add("outbox", lamp(number))
        wait_for(lambda: desk.pending("outbox", "gateway") == 0 and desk.receipts(names[-1]))
        broker.thaw()
        ends = {name: desk.receipts(name)[-1] for name in names}
        unknown = [name for name in names if ends[name] == "unknown"]
        assert Counter(ends.values()) == {"unknown": MAX_INFLIGHT, "expired": 5}
        desk.add("outbox", lamp(100))
        wait_for(lambda: "acknowledged" in desk.receipts("lamp-100"))
        wait_for(lambda: "lamp-100" in devices.heard)
        assert sorted(devices.heard) == sorted([*unknown, "lamp-100"])


def test_a_killed_store_comes_back_and_the_circle_closes_again(
    processes: Processes, mqtt_url: str, store: LocalServer
) -> None:
    with World(processes, Addresses(store.url, mqtt_url)) as world:
        world.run()
        world.desk.final(world.desk.order("before"))
        store.kill()
        store.restart()
        world.factory.say_stock()
        names = (f"after-{number}" for number in range(100))
        wait_for(lambda: ends(world, next(names)) is Stage.EFFECT, 30)


def test_a_store_frozen_in_the_middle_doubles_nothing(
    processes: Processes, mqtt_url: str, store: LocalServer
) -> None:
    with World(processes, Addresses(store.url, mqtt_url)) as world:
        world.run()
        for number in range(3):
            world.desk.order(f"c{number}", colour=("WHITE", "RED", "WHITE")[number])
        store.freeze()
        settled(lambda: True, 8.0)
        store.thaw()
        for number in range(3):
            world.desk.final(f"c{number}", 40)
        asked = [body["requestId"] for _, body in world.factory.commands]
        assert len(asked) == len(set(asked))
        accepted = [n for n in range(3) if "accepted" in world.desk.stages(f"c{n}")]
        assert len(asked) <= len(accepted)
        # Just thawed, the view is eight seconds old and nothing is moved on it; then it is young.
        names = (f"after-{number}" for number in range(100))
        wait_for(lambda: ends(world, next(names)) is Stage.EFFECT, 30)


def ends(world: World, name: str) -> Stage:
    return world.desk.final(world.desk.order(name, colour="RED", operator="bert"), 30).stage


def test_a_host_whose_clock_is_set_back_by_an_hour_sends_nothing_late_and_leaves_nothing_open(
    world: World,
) -> None:
    """The store goes on counting ids from the future; what is told of the past lies ahead."""
    world.start("orders").wait_ready()
    hour_ahead = f"{int((clock.now() + 3600) * 1000)}-0"
    world.desk.client.xadd("omf:{mock}:commands", {"__data__": "{"}, id=hour_ahead)
    world.desk.order("unsent")
    world.desk.order("unheard", colour="RED")
    wait_for(lambda: "queued" in world.desk.stages("unheard"))
    told = {"outbox_id": "unheard/0", "command_id": "unheard", "at": clock.now() + 3600}
    world.desk.client.set("omf:{mock}:sent:unheard/0", "acknowledged")
    world.desk.add("receipts", Receipt(stage=ReceiptStage.ACKNOWLEDGED, **told))
    # Nobody can say any more whether the link stood when it was sent.
    assert world.desk.final("unheard", 30).stage is Stage.UNKNOWN
    assert world.desk.final("unsent", 30).stage is Stage.EXPIRED
    world.start("gateway").wait_ready()
    assert world.desk.final(world.desk.order("after"), 30).stage is Stage.EFFECT
    assert len(world.factory.commands) == 1
