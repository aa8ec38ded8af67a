"""Operators without a screen: what a browser asks of the server, without what it draws.

`python -m tests.bench.operators URL COUNT` opens COUNT pages, each of a browser of its own, keeps
them, and comes back as a browser does where the connection ends: after a second with a socket to
the same page, and with the page anew where the server does not know it any more. It prints `open`;
for each line on standard input it prints how they are, as JSON (`OperatorsState`), until there is
no more input. `... URL COUNT --cycles` opens and leaves COUNT pages, a few at a time.
"""

import argparse
import asyncio
import json
import random
import re
import sys
import time
from collections import Counter
from http import HTTPStatus
from itertools import count

import aiohttp
from pydantic import BaseModel

AT_A_TIME = 4
CONNECT_S = 30
"""On a busy machine."""
BURST_S = 0.05
"""What comes closer together was sent in one round of the server."""
AGAIN_S = (0.5, 1.5)
"""As long the driver of a page waits before it tries again."""
ACK_S = 3.0
"""So often a page tells which news it has: the server keeps them until then."""
NUMBERED = re.compile(r'"_id":(\d+)\}\]$')
RELOAD = "window.location.reload"
PAGE = "/mock/overview"
SOCKET = "/_nicegui_ws/socket.io/"
_numbers = count()


class BusyError(Exception):
    """The server builds no further page just now."""

    def __init__(self, again_s: float) -> None:
        super().__init__(f"again in {again_s} s")
        self.again_s = again_s
        """What the header `refresh` says."""


class UnknownPageError(Exception):
    """The server does not know this page, or no more what it told it: it is loaded anew."""


class OperatorsState(BaseModel):
    """How those are who look."""

    connected: int
    lost: int
    """Connections that ended before anybody left."""
    loaded: int
    """Pages that were fetched: each line that only connected again costs the server none."""
    back_s: float
    """The longest anybody was away so far, who is back."""
    bursts: int
    """The most rounds of news that one of them got in a second."""


class Operator:
    """One page of one browser."""

    def __init__(self, base: str, connector: aiohttp.BaseConnector) -> None:
        """A browser has cookies of its own: a proxy that is sticky goes by them."""
        jar = aiohttp.CookieJar(unsafe=True)
        self._web = aiohttp.ClientSession(
            connector=connector, connector_owner=False, cookie_jar=jar
        )
        self._base = base
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._page: dict[str, str] | None = None
        """What its socket asks for, of a page that is loaded."""
        self._last = 0.0
        self._acknowledged = 0.0
        self.bursts: Counter[int] = Counter()
        self.connected = False
        self.lost, self.back_s = 0, 0.0
        self.loaded = 0

    async def open(self) -> None:
        """Fetch the page unless it is there, and connect its socket, as the page itself does."""
        if self._page is None:
            self._page = await self._fetched()
        socket = await self._web.ws_connect(
            f"{self._base}{SOCKET}", params=self._page, max_msg_size=0
        )
        try:
            await self._greet(socket)
        except BaseException:
            await socket.close()
            raise
        self._socket = socket
        self.connected = True

    async def _fetched(self) -> dict[str, str]:
        async with self._web.get(f"{self._base}{PAGE}") as answer:
            page = await answer.text()
        found = re.search(r"client_id['\"]?: ?['\"]([0-9a-f-]{36})", page)
        if answer.status == HTTPStatus.SERVICE_UNAVAILABLE:
            raise BusyError(float(answer.headers["refresh"]))
        if not found:
            raise ConnectionError(f"{answer.status}: {page[:200]}")
        number = next(_numbers)
        self.loaded += 1
        return {
            "client_id": found[1],
            "document_id": f"d{number}",
            "tab_id": f"t{number}",
            "next_message_id": "0",
            "implicit_handshake": "true",
            "EIO": "4",
            "transport": "websocket",
        }

    async def _greet(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        """The handshakes of engine.io and of socket.io."""
        await socket.receive_str(timeout=CONNECT_S)
        await socket.send_str("40")
        while not (said := await socket.receive_str(timeout=CONNECT_S)).startswith("40"):
            if said.startswith("44"):
                raise UnknownPageError(said)
            await self._answer(socket, said)

    async def _answer(self, socket: aiohttp.ClientWebSocketResponse, said: str) -> None:
        if said == "2":
            await socket.send_str("3")
            return
        if RELOAD in said:
            raise UnknownPageError(said)
        self._heard()
        if self._page is not None and (number := NUMBERED.search(said)):
            self._page["next_message_id"] = str(int(number[1]) + 1)
            await self._acknowledge(socket, self._page)

    async def _acknowledge(
        self, socket: aiohttp.ClientWebSocketResponse, page: dict[str, str]
    ) -> None:
        if time.monotonic() - self._acknowledged < ACK_S:
            return
        self._acknowledged = time.monotonic()
        told = {"client_id": page["client_id"], "next_message_id": int(page["next_message_id"])}
        await socket.send_str(f"42{json.dumps(['ack', told])}")

    async def listen(self) -> None:
        """Until the connection ends, or the page is told to load anew."""
        socket = self._socket
        if socket is None:
            return
        try:
            async for message in socket:
                if message.type is aiohttp.WSMsgType.TEXT:
                    await self._answer(socket, message.data)
        except UnknownPageError:
            self._page = None
        except OSError:
            pass  # the server went away in the middle of an answer
        finally:
            self.connected = False
            await socket.close()

    async def stay(self) -> None:
        """Look on for ever; whoever lost the line connects again."""
        while True:
            await self.listen()
            self.lost += 1
            left = time.monotonic()
            await asyncio.sleep(random.uniform(*AGAIN_S))  # noqa: S311 - a pause
            await self.come()
            self.back_s = max(self.back_s, time.monotonic() - left)

    async def come(self) -> None:
        """Open the page, however often it takes; one that is too busy is asked again as it says."""
        while not self.connected:
            try:
                await asyncio.wait_for(self.open(), CONNECT_S)
            except BusyError as busy:
                await asyncio.sleep(busy.again_s)
            except UnknownPageError:
                self._page = None
            except (OSError, aiohttp.ClientError, TimeoutError, TypeError):
                await asyncio.sleep(random.uniform(*AGAIN_S))  # noqa: S311 - a pause

    async def leave(self) -> None:
        """Close the socket, as a closed tab does."""
        if self._socket:
            await self._socket.close()
        await self._web.close()

    def _heard(self) -> None:
        now = time.monotonic()
        if now - self._last > BURST_S:
            self.bursts[int(now)] += 1
        self._last = now


def told(everybody: list[Operator]) -> OperatorsState:
    """How they are now."""
    return OperatorsState(
        connected=sum(one.connected for one in everybody),
        lost=sum(one.lost for one in everybody),
        loaded=sum(one.loaded for one in everybody),
        back_s=max(one.back_s for one in everybody),
        bursts=max(max(one.bursts.values(), default=0) for one in everybody),
    )


async def stay(base: str, operators: int) -> None:
    """Keep the pages open as long as somebody may ask."""
    # As a browser opens a line of its own for a socket: the server may end the one that brought
    # the page five seconds later, for its time to keep an idle line runs on.
    async with aiohttp.TCPConnector(limit=0, force_close=True) as connector:
        everybody = [Operator(base, connector) for _ in range(operators)]
        staying = []
        for one in everybody:
            await one.come()
            staying.append(asyncio.create_task(one.stay()))
        print("open", flush=True)  # noqa: T201 - what the bench waits for
        while await asyncio.to_thread(sys.stdin.readline):
            print(told(everybody).model_dump_json(), flush=True)  # noqa: T201
        for task in staying:
            task.cancel()
        for one in everybody:
            await one.leave()


async def cycles(base: str, pages: int) -> None:
    """Open and leave so many pages."""
    async with aiohttp.TCPConnector(limit=0, force_close=True) as connector:

        async def once() -> None:
            operator = Operator(base, connector)
            await operator.open()
            await operator.leave()

        for _ in range(pages // AT_A_TIME):
            await asyncio.gather(*(once() for _ in range(AT_A_TIME)))
    print("done", flush=True)  # noqa: T201 - what the bench waits for


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("url")
    options.add_argument("count", type=int)
    options.add_argument("--cycles", action="store_true")
    asked = options.parse_args()
    asyncio.run((cycles if asked.cycles else stay)(asked.url, asked.count))
