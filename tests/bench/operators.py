"""Operators without a screen: what a browser asks of the server, without what it draws.

`python -m tests.bench.operators URL COUNT` opens COUNT pages and keeps them; a line on standard
input ends it, and it prints how many bursts of news the busiest second brought one of them.
`... URL COUNT --cycles` opens and leaves COUNT pages, a few at a time.
"""

import argparse
import asyncio
import re
import sys
import time
from collections import Counter
from itertools import count

import aiohttp
import socketio

AT_A_TIME = 4
CONNECT_S = 30
"""On a busy machine; the client gives up after one second by itself."""
BURST_S = 0.05
"""What comes closer together was sent in one round of the server."""
PAGE = "/mock/overview"
_numbers = count()


class Operator:
    """One page of one browser."""

    def __init__(self) -> None:
        self._socket = socketio.AsyncClient(reconnection=False)
        self._socket.on("*", self._heard)
        self._last = 0.0
        self.bursts: Counter[int] = Counter()

    async def open(self, web: aiohttp.ClientSession, base: str) -> None:
        """Fetch the page and connect its socket, as the page itself does."""
        async with web.get(f"{base}{PAGE}") as answer:
            page = await answer.text()
        found = re.search(r"client_id['\"]?: ?['\"]([0-9a-f-]{36})", page)
        if not found:
            raise RuntimeError(f"{answer.status}: {page[:200]}")
        number = next(_numbers)
        query = (
            f"client_id={found[1]}&document_id=d{number}&tab_id=t{number}&next_message_id=0"
            "&implicit_handshake=true"
        )
        await self._socket.connect(
            f"{base}?{query}",
            socketio_path="/_nicegui_ws/socket.io",
            transports=["websocket"],
            wait_timeout=CONNECT_S,
        )

    async def leave(self) -> None:
        """Close the socket, as a closed tab does."""
        await self._socket.disconnect()

    async def _heard(self, _: str, *__: object) -> None:
        now = time.monotonic()
        if now - self._last > BURST_S:
            self.bursts[int(now)] += 1
        self._last = now


async def stay(base: str, operators: int) -> None:
    """Keep the pages open until a line comes."""
    async with aiohttp.ClientSession() as web:
        everybody = [Operator() for _ in range(operators)]
        for one in everybody:
            await one.open(web, base)
        print("open", flush=True)  # noqa: T201 - what the bench waits for
        await asyncio.to_thread(sys.stdin.readline)
        print(max(max(one.bursts.values(), default=0) for one in everybody), flush=True)  # noqa: T201
        for one in everybody:
            await one.leave()


async def cycles(base: str, pages: int) -> None:
    """Open and leave so many pages."""
    async with aiohttp.ClientSession() as web:

        async def once() -> None:
            operator = Operator()
            await operator.open(web, base)
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
