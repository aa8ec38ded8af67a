"""What the sender adds to a message by MQTT 5 is mirrored with it, and replayed with it."""

import time

import pytest

from omf.messages.properties import MessageProperties
from services.common.store.keys import Outgoing, Role
from services.gateway.service import told_with
from services.replay.publisher import ReplayMessage, ReplayPublisher
from tests.integration.test_mqtt5 import BARE, TOLD, newer, say
from tests.support.circle import Desk, request
from tests.support.mirrored import Mirrored
from tests.support.old_broker import ANSWERS, OldBroker
from tests.support.processes import Processes, wait_for
from tests.support.servers import Addresses

FREE = {"kind": "free-message", "role": Role.ADMIN, "payload": "on"}

pytestmark = pytest.mark.mosquitto


def test_the_mirror_keeps_properties_in_buffers_and_last_value(
    processes: Processes, servers: Addresses
) -> None:
    mirrored = Mirrored(processes, *servers).ready()
    say(servers.mqtt_url, "a/b", b'{"x":1}', TOLD)
    say(servers.mqtt_url, "a/b", b'{"x":2}', BARE)
    mirrored.quiet()
    told, bare = mirrored.messages()[:2]
    assert MessageProperties.parse(told.properties)._replace(expiry_s=3600) == TOLD
    assert told.payload == b'{"x":1}'
    assert (bare.payload, bare.properties) == (b'{"x":2}', "")
    assert mirrored.latest("a/b") == bare
    say(servers.mqtt_url, "a/b", b'{"x":1}\n', TOLD, retain=True)
    mirrored.quiet()
    assert mirrored.latest("a/b").payload == b'{"x":1}\n'
    assert MessageProperties.parse(mirrored.latest("a/b").properties).user == TOLD.user
    assert mirrored.link().protocol == "5"


@pytest.mark.parametrize("answer", ["", "closes"])
def test_a_command_goes_out_with_its_id_and_with_how_long_it_is_good_for(
    processes: Processes, servers: Addresses, answer: str
) -> None:
    relay = OldBroker(servers.mqtt_url, "closes")
    if not answer:
        relay.recover()
    ear = newer(servers.mqtt_url, "ear").start("site/#")
    newer(servers.mqtt_url, "away", clean=False).start("site/#").link.stop()
    desk = Desk(servers.store_url)
    processes.service("gateway", store_url=servers.store_url, mqtt_url=relay.url).wait_ready()
    desk.add("outbox", request("lamp/0", **FREE, topic="site/lamp", lives_s=2.5))
    desk.add("outbox", request("sign/0", **FREE, topic="site/sign"))
    wait_for(lambda: len(ear.got) == 2)
    told = {m.topic: m.properties.decode() for m in ear.got if m.properties}
    found = {topic: MessageProperties.parse(one) for topic, one in told.items()}
    assert bool(found) is not bool(answer), "3.1.1 has none"
    if found:
        assert found["site/lamp"].user == (("command_id", "lamp"),)
        assert found["site/lamp"].expiry_s in {1, 2}
        assert 6 <= (found["site/sign"].expiry_s or 0) <= 10
    time.sleep(4.0)
    back = newer(servers.mqtt_url, "away", clean=False).start("site/#")
    late = ["site/lamp", "site/sign"] if answer else ["site/sign"]
    wait_for(lambda: len(back.got) >= len(late))
    assert sorted(m.topic for m in back.got) == late, "what is no longer good comes never, not late"
    ear.link.stop()
    back.link.stop()
    relay.close()


@pytest.mark.parametrize(
    ("left_s", "retain", "expiry_s"),
    [(9.9, False, 9), (1.0, False, 1), (0.2, False, 1), (-1.0, False, 1), (9.9, True, None)],
)
def test_a_command_is_good_for_whole_seconds_and_what_is_retained_for_ever(
    left_s: float, expiry_s: int | None, *, retain: bool
) -> None:
    outgoing = Outgoing.model_validate(request("a/0", retain=retain).model_dump())
    assert told_with(outgoing, left_s).expiry_s == expiry_s


@pytest.mark.parametrize("answer", [*ANSWERS, ""])
def test_a_replay_sends_properties_again_where_the_broker_speaks_mqtt_5(
    mqtt_url: str, answer: str
) -> None:
    ear = newer(mqtt_url, "ear").start("#")
    target = OldBroker(mqtt_url, answer or "closes")
    if not answer:
        target.recover()
    publisher = ReplayPublisher(target.url)
    publisher.connect()
    for qos in (0, 1, 2):
        publisher.send(ReplayMessage("a", b"%d" % qos, qos, False, TOLD.to_json()))  # noqa: FBT003
        publisher.send(ReplayMessage("a", b"bare", qos, False))  # noqa: FBT003
    publisher.settle()
    wait_for(lambda: len(ear.got) == 6)
    assert [m.payload for m in ear.got] == [b"0", b"bare", b"1", b"bare", b"2", b"bare"]
    told = [m.properties.decode() for m in ear.got[::2]]
    assert all(MessageProperties.parse(one)._replace(expiry_s=3600) == TOLD for one in told if one)
    assert [bool(one) for one in told] == [not answer] * 3
    assert not any(m.properties for m in ear.got[1::2])
    publisher.close()
    target.close()
    ear.link.stop()
