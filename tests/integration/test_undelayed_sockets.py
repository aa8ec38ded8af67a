"""No socket to the store or to the broker waits until what it sent before is acknowledged.

Else the kernel holds a second small packet back for up to 40 ms: once for each store and each
broker that a command passes.
"""

import asyncio
import os
import socket
import stat
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import uvloop

from services.common.mqtt.link import BrokerAddress
from services.common.mqtt.mqtt_link import MqttLink
from services.common.process.settings import ServiceSettings
from services.common.store import faststream_adapter
from services.common.store.bus import Bus, store
from services.replay.publisher_socket import PublisherSocket
from tests.support.processes import wait_for
from tests.support.servers import Addresses


def delayed(url: str, before: frozenset[int] = frozenset()) -> list[bool]:
    """Of each socket of this process to that server: whether the kernel may hold packets back.

    Left out are the local ports `before`: other tests of this process may have left some open.
    """
    return [held for port, held in _sockets(url).items() if port not in before]


def _ports(url: str) -> frozenset[int]:
    return frozenset(_sockets(url))


def _sockets(url: str) -> dict[int, bool]:
    """By local port."""
    port, found = urlsplit(url).port, {}
    for fd in Path("/proc/self/fd").iterdir():
        with suppress(OSError), _socket_of(int(fd.name)) as one:
            inet = one.family in (socket.AF_INET, socket.AF_INET6)
            if inet and one.getpeername()[1] == port:
                nodelay = one.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
                found[one.getsockname()[1]] = not nodelay
    return found


def _socket_of(fd: int) -> socket.socket:
    """OSError if it is none, or is gone by now."""
    if not stat.S_ISSOCK(os.fstat(fd).st_mode):
        raise OSError
    return socket.socket(fileno=os.dup(fd))


def test_what_goes_to_the_broker_goes_at_once(mqtt_url: str) -> None:
    before = _ports(mqtt_url)
    link = MqttLink(mqtt_url, client_id="undelayed", newest=True)
    link.start()
    wait_for(lambda: link.state.connected)
    replays = PublisherSocket(BrokerAddress.parse(mqtt_url), "undelayed-replay")
    assert delayed(mqtt_url, before) == [False] * 2
    replays.close()
    link.stop()


def test_what_blocks_asks_the_store_at_once(store_url: str) -> None:
    before = _ports(store_url)
    client = store(store_url)
    client.ping()
    assert delayed(store_url, before) == [False]
    client.close()


def test_what_asks_the_store_in_a_loop_asks_at_once(servers: Addresses) -> None:
    async def ask() -> list[bool]:
        url, before = servers.store_url, _ports(servers.store_url)
        settings = ServiceSettings(environment="mock", store_url=url, mqtt_url=servers.mqtt_url)
        reads = faststream_adapter.broker(settings)
        await reads.connect()
        async with Bus(url, "mock") as bus:
            # Over the connection for all, over one that may wait, and over that of the readers.
            await asyncio.gather(
                bus.client.set("key", "text"),
                bus.client.xread({"stream": "0"}, 1, 10),
                reads.ping(timeout=5.0),
            )
            found = delayed(url, before)
        await reads.stop()
        return found

    for run in (asyncio.run, uvloop.run):
        assert run(ask()) == [False] * 3
