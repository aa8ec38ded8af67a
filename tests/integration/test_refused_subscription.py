"""A broker that refuses a subscription (SUBACK 0x80): the link is not well, wherever one looks."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from services.cli.status import STATE_NOT_READY, _link
from services.common.store import fold_reader
from services.common.store.bus import Bus, store
from services.common.store.keys import LinkHealth, key
from services.supervisor import probe
from tests.support.api import Door
from tests.support.mirrored import Mirrored
from tests.support.processes import Processes, wait_for

CONNECT, SUBSCRIBE, PINGREQ = 1, 8, 12
CONNACK, PINGRESP = b"\x20\x02\x00\x00", b"\xd0\x00"
REFUSED, GRANTED = 0x80, 0x01


class Refusing:
    """A broker that lets everybody in and grants no subscription."""

    def __init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = f"mqtt://127.0.0.1:{self._server.getsockname()[1]}"
        self.code = REFUSED
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                one, _ = self._server.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(one,), daemon=True).start()

    def _serve(self, one: socket.socket) -> None:
        with one, one.makefile("rb") as read:
            while head := read.read(1):
                size = shift = 0
                while (digit := read.read(1)[0]) & 0x80:
                    size |= (digit & 0x7F) << shift
                    shift += 7
                body = read.read(size | digit << shift)
                if answer := self._answer(head[0] >> 4, body):
                    one.sendall(answer)

    def _answer(self, kind: int, body: bytes) -> bytes:
        if kind == SUBSCRIBE:
            at, codes = 2, b""
            while at < len(body):
                at += 3 + int.from_bytes(body[at : at + 2], "big")
                codes += bytes([self.code])
            return bytes([0x90, 2 + len(codes)]) + body[:2] + codes
        return {CONNECT: CONNACK, PINGREQ: PINGRESP}.get(kind, b"")

    def close(self) -> None:
        self._server.close()


@pytest.fixture
def broker() -> Iterator[Refusing]:
    refusing = Refusing()
    yield refusing
    refusing.close()


def test_the_filter_is_named_by_health_status_and_figures(
    processes: Processes, store_url: str, broker: Refusing
) -> None:
    mirrored = Mirrored(processes, store_url, broker.url)
    wait_for(lambda: mirrored.link().refused_filters, 30, mirrored.ingest.tail)
    link = mirrored.link()
    assert "#" in link.refused_filters
    status, body = probe.http_get(f"{mirrored.ingest.health_url}/health/ready")
    assert (status, "the broker refused" in body) == (503, True)
    figures = probe.http_get(f"{mirrored.ingest.health_url}/metrics")[1]
    assert f"omf_ingest_filters_refused {len(link.refused_filters)}.0" in figures
    row = _link("ingest", "mock", link, link.at)
    assert row.state == STATE_NOT_READY
    assert "refused: #" in row.detail
    assert "subscription-refused:broker" in asyncio.run(_alarms(store_url))
    assert mirrored.ingest.alive
    mirrored.store.close()


async def _alarms(store_url: str) -> list[str]:
    """As `omf state` and the API have them."""
    async with Bus(store_url, "mock") as bus:
        state = await fold_reader.state_until(bus)
        return [alarm.id for alarm in state.alarms(await bus.time())]


def test_a_broker_that_grants_all_is_well(
    processes: Processes, store_url: str, broker: Refusing
) -> None:
    broker.code = GRANTED
    mirrored = Mirrored(processes, store_url, broker.url).ready()
    assert mirrored.link().refused_filters == ()
    mirrored.store.close()


def test_it_is_an_alarm_of_the_api_now_and_of_no_time_before(
    processes: Processes, store_url: str
) -> None:
    door, client = Door(processes, store_url).ready(), store(store_url)
    viewer, link_key = door.client("viewer"), key("mock", "link:ingest")
    filters = ("#", "a/+")
    link = LinkHealth(
        connected=True, broker="b", since=1.0, at=time.time(), refused_filters=filters
    )
    client.set(link_key, link.model_dump_json())

    def raised(query: str = "") -> list[dict[str, object]]:
        found = viewer.get(f"/state{query}").json().get("alarms", ())
        return [one for one in found if one["rule"] == "subscription-refused"]

    wait_for(raised, 10)
    (alarm,) = raised()
    assert alarm["en"] == "The broker refuses #, a/+: what is told there is missing here"
    assert alarm["since"] == 1.0
    assert raised("?at=1700000000") == []
    well = link.model_copy(update={"refused_filters": ()})
    client.set(link_key, well.model_dump_json())
    wait_for(lambda: not raised(), 10)
    door.close()
    client.close()
