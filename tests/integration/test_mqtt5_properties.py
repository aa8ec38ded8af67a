"""What the sender adds to a message by MQTT 5 is mirrored with it, and replayed with it."""

import pytest

from omf.messages.properties import MessageProperties
from services.replay.publisher import ReplayMessage, ReplayPublisher
from tests.integration.test_mqtt5 import BARE, TOLD, newer, say
from tests.support.mirrored import Mirrored
from tests.support.old_broker import ANSWERS, OldBroker
from tests.support.processes import Processes, wait_for
from tests.support.servers import Addresses

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
