"""The gateway with a real store and a real broker: once, in time, or not at all."""

from collections.abc import Iterator

import pytest

from services.common.store.keys import Outgoing, Receipt, Role
from services.supervisor.server import LocalServer
from tests.support.circle import Desk, Factory, request
from tests.support.command_examples import plan_of
from tests.support.processes import Processes, Service, wait_for
from tests.support.servers import Addresses

RUSH = 60


@pytest.fixture
def desk(servers: Addresses) -> Desk:
    return Desk(servers.store_url)


@pytest.fixture
def factory(servers: Addresses) -> Iterator[Factory]:
    with Factory(servers.mqtt_url) as factory:
        yield factory


def gateway(processes: Processes, servers: Addresses, **settings: str) -> Service:
    return processes.service("gateway", **servers._asdict(), **settings)


def outcome(desk: Desk, outbox_id: str, timeout_s: float = 15.0) -> Receipt:
    """The last receipt, once the entry is off the outbox."""

    def receipts() -> list[Receipt]:
        return [r for r in desk.models("receipts", Receipt) if r.outbox_id == outbox_id]

    wait_for(lambda: [r for r in receipts() if r.stage != "attempted"], timeout_s)
    wait_for(lambda: desk.pending("outbox", "gateway") == 0)
    return receipts()[-1]


def setting(outbox_id: str) -> Outgoing:
    """A command that may wait half a minute."""
    step = plan_of("config").steps[0]
    changes = {"topic": step.topic, "payload": step.payload, "once": step.once, "role": Role.ADMIN}
    return request(outbox_id, lives_s=30, kind="config", **changes)


def patient(outbox_id: str) -> Outgoing:
    """An order of a kind that lives for long: a gateway that is still started is in time."""
    return request(outbox_id, lives_s=30, kind="config", role=Role.ADMIN)


def reached(factory: Factory, expected: list[str]) -> None:
    """Exactly these requests arrive; the broker may acknowledge before it delivers."""
    wait_for(lambda: len(factory.commands) >= len(expected))
    assert [body["requestId"] for _, body in factory.commands] == expected


def test_an_entry_written_before_the_group_exists_is_published_once(
    processes: Processes, servers: Addresses, desk: Desk, factory: Factory
) -> None:
    desk.add("outbox", patient("early/0"))
    gateway(processes, servers).wait_ready()
    assert outcome(desk, "early/0").stage == "acknowledged"
    assert desk.receipts("early/0") == ["attempted", "acknowledged"]
    reached(factory, ["early/0"])


def test_the_same_outbox_entry_twice_is_published_once(
    processes: Processes, servers: Addresses, desk: Desk, factory: Factory
) -> None:
    gateway(processes, servers).wait_ready()
    desk.add("outbox", request("twice/0"))
    desk.add("outbox", request("twice/0"))
    outcome(desk, "twice/0")
    desk.add("outbox", request("after/0"))
    outcome(desk, "after/0")
    reached(factory, ["twice/0", "after/0"])
    assert desk.receipts("twice/0") == ["attempted", "acknowledged"]


def test_what_goes_to_one_device_goes_in_the_order_of_the_outbox(
    processes: Processes, servers: Addresses, desk: Desk, factory: Factory
) -> None:
    names = [f"c{number}/0" for number in range(RUSH)]
    gateway(processes, servers).wait_ready()
    desk.add_at_once("outbox", [one for n in names for one in (patient(n), setting(f"other-{n}"))])
    wait_for(lambda: len(factory.commands) >= RUSH)
    reached(factory, names)


@pytest.mark.alike
@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"topic": "ccu/order/active"}, "gateway-topic"),
        ({"topic": "module/v1/ff/+/order"}, "gateway-topic"),
        ({"topic": "ccu/order/\0"}, "gateway-topic"),
        ({"retain": True}, "gateway-retain"),
        ({"payload": "x" * 70_000}, "gateway-size"),
        ({"payload": '{"type":"WHITE"}'}, "gateway-model"),
        ({"payload": "not json"}, "gateway-model"),
        ({"kind": "dance"}, "gateway-kind"),
        ({"role": Role.VIEWER}, "gateway-role"),
    ],
)
def test_what_may_not_go_out_is_refused_by_name(
    processes: Processes,
    servers: Addresses,
    desk: Desk,
    factory: Factory,
    changes: dict[str, object],
    rule: str,
) -> None:
    gateway(processes, servers).wait_ready()
    desk.add("outbox", request("bad/0", **changes))
    desk.add("outbox", request("good/0"))
    refused = outcome(desk, "bad/0")
    assert refused.stage == "refused"
    assert refused.reason
    assert refused.reason.id == rule
    outcome(desk, "good/0")
    reached(factory, ["good/0"])


def test_an_expired_entry_is_never_published(
    processes: Processes, servers: Addresses, desk: Desk, factory: Factory
) -> None:
    desk.add("outbox", request("late/0", lives_s=-1))
    gateway(processes, servers).wait_ready()
    assert outcome(desk, "late/0").stage == "expired"
    assert factory.commands == []


def test_what_orders_ended_as_unsent_is_never_published(
    processes: Processes, servers: Addresses, desk: Desk, factory: Factory
) -> None:
    """The store's clock was set back after it had ended: by the new time it is still fresh."""
    desk.client.set("omf:{mock}:unsent:ended/0", "1")
    desk.add("outbox", request("ended/0"))
    gateway(processes, servers).wait_ready()
    assert outcome(desk, "ended/0").stage == "expired"
    assert factory.commands == []


def test_what_was_written_before_the_clock_was_set_back_is_not_taken_for_fresh(
    processes: Processes, servers: Addresses, desk: Desk, factory: Factory
) -> None:
    desk.add("outbox", request("old/0", lives_s=3600))
    gateway(processes, servers).wait_ready()
    assert outcome(desk, "old/0").stage == "expired"
    desk.add("outbox", request("new/0"))
    outcome(desk, "new/0")
    reached(factory, ["new/0"])


def test_what_waited_for_the_broker_too_long_expires_and_never_comes_late(
    processes: Processes, store_url: str, broker: LocalServer
) -> None:
    servers, desk = Addresses(store_url, broker.url), Desk(store_url)
    gateway(processes, servers).wait_ready()
    broker.stop()
    desk.add("outbox", request("offline/0", lives_s=1.5))
    desk.add("outbox", setting("patient/0"))
    assert outcome_of(desk, "offline/0") == "expired"
    broker.restart()
    with Factory(broker.url) as factory:
        assert outcome(desk, "patient/0", 20).stage == "acknowledged"
        desk.add("outbox", request("next/0"))
        assert outcome(desk, "next/0").stage == "acknowledged"
        assert all(body["requestId"] != "offline/0" for _, body in factory.commands)


def outcome_of(desk: Desk, outbox_id: str) -> str:
    wait_for(lambda: desk.receipts(outbox_id))
    return desk.receipts(outbox_id)[-1]


def test_what_is_no_outgoing_at_all_is_kept_and_the_rest_goes_on(
    processes: Processes, servers: Addresses, desk: Desk, factory: Factory
) -> None:
    gateway(processes, servers).wait_ready()
    desk.client.xadd("omf:{mock}:outbox", {"__data__": "no json"})
    desk.add("outbox", request("good/0"))
    wait_for(lambda: desk.receipts("good/0") == ["attempted", "acknowledged"])
    reached(factory, ["good/0"])
    # It is tried again, and lies in `dead` after five times: tests/integration/test_inbox.py.
    assert desk.pending("outbox", "gateway") == 1
