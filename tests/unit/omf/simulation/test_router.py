"""The router in memory keeps what MQTT promises."""

from typing import Any

from omf.simulation.device import Send, message
from omf.simulation.machine import Machine
from omf.simulation.router import Router

BEGIN = 1_786_000_000.0
MODULE = "module/v1/ff/SVR4H76449"


class Listener(Machine):
    """Hears what it subscribes, and has a will."""

    client = "listener"

    def __init__(self, *wanted: str) -> None:
        super().__init__()
        self.wanted, self.heard = wanted, list[tuple[str, Any, bool]]()

    def filters(self) -> tuple[str, ...]:
        return self.wanted

    def will(self) -> Send:
        return message("nodered_status", {"connectionState": "OFFLINE"})

    def on_message(self, name: str, levels: dict[str, str], body: Any) -> None:
        del levels
        self.heard.append((name, body, self.retained))


def told(body: Any, *, retain: bool = False) -> Send:
    return message("module_state", body, {"serial": "SVR4H76449"})._replace(retain=retain)


def test_filters_of_mqtt_decide_who_hears_and_each_once() -> None:
    both, all_of, other = (
        Listener("module/v1/ff/+/state", "module/#"),
        Listener("#"),
        Listener("fts/#"),
    )
    router = Router([both, all_of, other], wall=BEGIN)
    router.publish(told({"n": 1}))
    router.run(1)
    assert [len(one.heard) for one in (both, all_of, other)] == [1, 1, 0]


def test_a_late_subscriber_hears_what_is_retained_and_no_more_once_it_is_cleared() -> None:
    late = Listener("module/#")
    router = Router([late], wall=BEGIN)
    router.publish(told({"n": 1}, retain=True))
    router.run(1)
    late.heard.clear()
    router.tell_retained()
    router.run(1)
    assert late.heard == [("module_state", {"n": 1}, True)]
    router.publish(told(b"", retain=True))
    router.run(1)
    late.heard.clear()
    router.tell_retained()
    router.run(1)
    assert late.heard == []


def test_a_broken_connection_publishes_the_last_will() -> None:
    lost, other = Listener(), Listener("#")
    router = Router([lost, other], wall=BEGIN)
    router.disconnect(lost)
    router.run(1)
    assert [(name, body) for name, body, _ in other.heard] == [
        ("nodered_status", {"connectionState": "OFFLINE"})
    ]


def test_messages_of_one_sender_stay_in_order_and_belong_to_nobody_else() -> None:
    one, two = Listener("module/#"), Listener("module/#")
    router = Router([one, two], wall=BEGIN)
    body = {"loads": [1]}
    for number in range(5):
        router.publish(told(body | {"n": number}))
    body["loads"].append(2)
    router.run(1)
    assert [heard[1]["n"] for heard in one.heard] == list(range(5))
    one.heard[0][1]["loads"].append(3)
    assert two.heard[0][1]["loads"] == [1]


def test_nothing_is_made_that_nobody_hears_unless_somebody_listens_to_all() -> None:
    quiet, loud = Listener("fts/#"), Listener("fts/#")
    seen: list[str] = []
    Router([quiet], wall=BEGIN)
    heard_by_all = Router([loud], wall=BEGIN, hear=lambda send, _: seen.append(send.topic))
    quiet.send("ccu_pairing_state", {})
    loud.send("ccu_pairing_state", {})
    heard_by_all.take(loud.take_sends())
    assert quiet.take_sends() == []
    assert seen == ["ccu/pairing/state"]


def test_virtual_time_runs_at_the_speed_of_the_factory() -> None:
    router = Router([], wall=BEGIN, speed=10.0)
    router.run(600)
    assert router.now == (600.0, BEGIN + 60.0)
