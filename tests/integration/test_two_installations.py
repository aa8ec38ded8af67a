"""Two installations at one broker do not meet; two of one name do not fight, and say so."""

import time
from collections.abc import Iterator

import pytest

from services.common.store.keys import LinkHealth, key
from services.supervisor.server import LocalServer
from tests.support.mirrored import Mirrored
from tests.support.processes import Processes, wait_for
from tests.support.servers import Addresses

STATE = "module/v1/ff/T1/state"
WATCHED_S = 4.0
MOST_RECONNECTS = 4
"""Who gave way comes back once at most in that time; both at once come back thirty times."""


@pytest.fixture
def other_store(store: LocalServer) -> str:
    """Beside the one that every test has."""
    return store.url


@pytest.fixture
def pair(processes: Processes, servers: Addresses, other_store: str) -> Iterator[list[Mirrored]]:
    found = [Mirrored(processes, url, servers.mqtt_url) for url in (servers.store_url, other_store)]
    for one in found:
        one.ready()
    yield found
    for one in found:
        one.store.close()


def installation(one: Mirrored) -> str:
    return str(one.store.hget(key("mock", "ingest"), "installation").decode())


def test_each_has_every_message_and_nobody_is_thrown_out(pair: list[Mirrored]) -> None:
    link = pair[0].publisher()
    for number in range(50):
        link.publish(STATE, b"%d" % number).result(5)
    for one in pair:
        one.wait_count(50)
        assert [m.payload for m in one.messages()] == [b"%d" % n for n in range(50)]
        assert (one.link().connected, one.link().reconnects) == (True, 0)
    assert installation(pair[0]) != installation(pair[1])
    link.stop()


def test_a_name_is_kept_over_a_restart_and_with_it_the_session(pair: list[Mirrored]) -> None:
    one, name = pair[0], installation(pair[0])
    link = one.publisher()
    one.ingest.stop()
    for number in range(5):
        link.publish(STATE, b"%d" % number).result(5)
    one.launch()
    one.wait_count(5)
    # The messages are there before the new process says how it was received.
    wait_for(lambda: one.link().session_present)
    assert installation(one) == name
    link.stop()


def test_an_older_installation_keeps_its_session(processes: Processes, servers: Addresses) -> None:
    """Its store knows an epoch and no name: the broker knows it by the name without one."""
    one = Mirrored(processes, *servers).ready()
    one.store.hset(key("mock", "ingest"), "nameless", 1)
    one.ingest.stop()
    one.launch()
    one.ready().ingest.stop()
    one.store.hdel(key("mock", "ingest"), "installation", "nameless", "born")
    link = one.publisher()
    link.publish(STATE, b"while away").result(5)
    one.launch()
    wait_for(lambda: b"while away" in [m.payload for m in one.messages()], 20, one.ingest.tail)
    assert one.store.hget(key("mock", "ingest"), "nameless") == b"1"
    assert one.ready().link().session_present
    link.stop()
    one.store.close()


def test_of_two_with_one_name_the_second_gives_way_and_says_so(pair: list[Mirrored]) -> None:
    first, second = pair
    second.ingest.stop()
    second.store.hset(key("mock", "ingest"), "installation", installation(first))
    second.launch()
    name = f"omf-ingest-mock-{installation(first)}"
    said: list[LinkHealth] = []

    def one_gave_way() -> bool:
        # It tries again after a while: what it says meanwhile is read at once.
        said[:] = [found for one in pair if (found := one.link()).taken_over_by == name]
        return bool(said)

    wait_for(one_gave_way, 60, lambda: f"{first.link()} {second.link()}")
    assert f"another client named {name}" in said[0].detail
    before = _reconnects(pair)
    time.sleep(WATCHED_S)
    assert _reconnects(pair) - before <= MOST_RECONNECTS, "no storm"
    wait_for(lambda: any(one.link().connected for one in pair), 60)


def _reconnects(pair: list[Mirrored]) -> int:
    return sum(one.link().reconnects for one in pair)
