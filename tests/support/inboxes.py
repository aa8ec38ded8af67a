"""An inbox with a handler that fails as told, and entries to fill it."""

import asyncio
from collections.abc import Callable
from typing import Any

from services.common.store.bus import Bus
from services.common.store.consumer import StreamConsumer, StreamEntry

FAST = (0.02, 0.02, 0.02, 0.02)


class Handler:
    """Notes what it is given and fails for the bodies it is told to."""

    def __init__(self, *poison: str) -> None:
        self.inbox: StreamConsumer | None = None
        self.handled: list[str] = []
        self.tries: list[str] = []
        self.poison = poison

    async def __call__(self, entry: StreamEntry) -> None:
        body = entry.fields[b"__data__"].decode()
        self.tries.append(body)
        if body in self.poison:
            raise ValueError(f"cannot digest {body}")
        self.handled.append(body)
        assert self.inbox
        await self.inbox.acknowledge(entry)


def inbox(bus: Bus, handler: Handler, **options: Any) -> StreamConsumer:
    """One on the stream `work` that tries again at once."""
    handler.inbox = StreamConsumer(bus, "work", "worker", handler, **options)
    handler.inbox.backoff_s = FAST
    return handler.inbox


async def add(bus: Bus, *bodies: str) -> None:
    """Append to the stream `work`."""
    for body in bodies:
        await bus.client.xadd(bus.key("work"), {"__data__": body})


async def read_as(bus: Bus, consumer: str) -> list[tuple[bytes, dict[bytes, bytes]]]:
    """Read what is new as FastStream would, without handling it."""
    streams = {bus.key("work"): ">"}
    found = await bus.client.xreadgroup("worker", consumer, streams)
    rows: list[tuple[bytes, dict[bytes, bytes]]]
    rows = found[bus.key("work").encode()][0] if isinstance(found, dict) else found[0][1]
    return rows


async def until(condition: Callable[[], object]) -> None:
    """Return once it is true; the time limit of the test ends what never is."""
    while not condition():  # noqa: ASYNC110 - a test looks from outside, nothing tells it
        await asyncio.sleep(0.005)


async def quiet(one: StreamConsumer) -> None:
    """Return once nothing is in hand."""
    await until(lambda: not one.backlog)
