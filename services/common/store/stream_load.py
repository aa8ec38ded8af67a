"""How full the streams of our own are, and how far those who work on them have come."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from services.common.store.bus import Bus, answer_or_none
from services.common.store.entries import text
from services.common.store.keys import key

WORK_STREAMS = ("commands", "outbox", "receipts")
"""What is in them is work that must be done; the group of each bears its worker's name."""
OWN_STREAMS = (*WORK_STREAMS, "events", "audit", "snapshots", "alarms", "handovers", "dead")


class StreamLoad(NamedTuple):
    """One stream, and what of it waits; None where nobody has to work on it."""

    name: str
    length: int
    last_at: float | None
    """When the last entry came, Unix seconds of the store's clock; None: none ever did."""
    group: str = ""
    waiting: int | None = None
    """Not handed to the worker yet; None also while the store cannot tell."""
    pending: int | None = None
    """Handed to the worker and not done."""


async def stream_loads(bus: Bus) -> tuple[StreamLoad, ...]:
    """All of them, in one question for lengths and one for workers. StoreError."""
    async with bus.client.pipeline(transaction=False) as pipe:
        for name in OWN_STREAMS:
            pipe.xinfo_stream(key(bus.environment, name))
        for name in WORK_STREAMS:
            pipe.xinfo_groups(key(bus.environment, name))
        found = await bus.call(pipe.execute(raise_on_error=False))
    infos, groups = found[: len(OWN_STREAMS)], found[len(OWN_STREAMS) :]
    working = dict(zip(WORK_STREAMS, groups, strict=True))
    return tuple(
        _load(name, answer_or_none(info), answer_or_none(working.get(name)))
        for name, info in zip(OWN_STREAMS, infos, strict=True)
    )


def _load(name: str, info: Mapping[str, Any] | None, groups: list[Any] | None) -> StreamLoad:
    if info is None:
        return StreamLoad(name, 0, None)
    last = text(info["last-generated-id"])
    ms = int(last.partition("-")[0])
    found = StreamLoad(name, info["length"], ms / 1000 if ms else None)
    if not groups:
        return found
    group = groups[0]
    lag = group.get("lag")
    return found._replace(group=text(group["name"]), waiting=lag, pending=group["pending"])
