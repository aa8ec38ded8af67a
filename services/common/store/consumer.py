"""How a service reads its stream: from the first entry on, in order, and none for ever.

FastStream hands over what is new; what a crash or a failure left behind comes back through
`sweep`. The group begins at 0, so entries older than the group count. Entries of one lane are
handled one after the other, lanes side by side. An entry that fails is delivered again after a
pause, five times in all, and then lies in `dead` with the reason.

After a crash what was left comes one by one and before anything new: of many entries in hand only
the one that ends the process has failed, and only its count may rise.

A handler acknowledges its entry itself, in the same atomic step as its work.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from services.common.process import clock, logs
from services.common.store import entries
from services.common.store.bus import Bus, StoreError
from services.common.store.entries import text
from services.common.store.keyed_workers import KeyedWorkers
from services.common.store.questions import ask_together
from services.common.store.stream_entry import BatchGate, Dead, OpenGate, StreamEntry

MAX_DELIVERIES = 5
TELLINGS = 3
"""How often whoever waits for a buried entry is tried to be told."""
BACKOFF_S = (1.0, 5.0, 15.0, 30.0)
"""Pause after the first, second, ... failed delivery."""
CATCH_UP_S = 2.0
"""Longer than this a start does not wait for what was left; a gateway may wait for its broker."""
CLAIM_IDLE_S = 30.0
"""An entry another consumer has held this long is orphaned: no handler takes so long."""
MAX_IN_HAND = 512
LEFT_PENDING = "left by an earlier life"
"""The lane of it."""
STREAM_GATHER_S = 0.01
"""What comes in a rush is read together: each reading costs as much as an entry."""
MANY_IN_HAND, BUSY_GATHER_S, MAX_GATHER_S = 16, 0.05, 0.5
"""The same while so many wait in any case."""
LOOK_PAUSE = 4.0
"""Pause in looks: at least four fifths of the time are for what was taken on."""
CLOSE_S = 3.0
STALLED_S = 10.0
"""Entries nobody reads for this long mean that the reader is dead, whatever a ping says."""

__all__ = ["Dead", "InboxLostError", "StreamConsumer", "StreamEntry"]
_log = logging.getLogger(__name__)


class InboxLostError(Exception):
    """Nobody reads any more; only a restart of the process mends it."""


class StreamConsumer:
    """The entries of one stream on their way through one service."""

    def __init__(
        self,
        bus: Bus,
        stream: str,
        group: str,
        handle: Callable[[StreamEntry], Awaitable[None]],
        *,
        lane: Callable[[StreamEntry], str] = lambda _: "",
        give_up: Callable[[StreamEntry], Awaitable[None]] | None = None,
    ) -> None:
        """`group` also names the consumer, for each environment has one process of a service.

        `give_up` tells whoever waits for an entry that it is about to be buried.
        """
        self.stream = stream
        self.group = group
        self.key = bus.key(stream)
        self.buried = 0
        self._bus = bus
        self._handle = handle
        self._lane = lane
        self._give_up = give_up
        self.gate: BatchGate = OpenGate()
        self.backoff_s: Sequence[float] = BACKOFF_S
        self._lanes = KeyedWorkers(self._attempt, MAX_IN_HAND)
        self._errors: dict[str, str] = {}
        self._delivered = ("", 0.0)
        self._left: set[str] = set()
        self._caught_up = asyncio.Event()
        self._closing = False
        self.read_again: Callable[[], Awaitable[None]] = _nothing
        """Has whoever reads for us begin again if the loss of the group made it end."""

    @property
    def backlog(self) -> int:
        """Entries taken and not yet handled."""
        return len(self._lanes)

    async def open(self) -> None:
        """Make the group, then take up what an earlier life of this process left unfinished."""
        await self._create()
        fresh = await self._sorted(restart=True)
        self._left = {text(row["message_id"]) for row in fresh}
        for entry_id in map(entries.text, (row["message_id"] for row in fresh)):
            self._lanes.put(LEFT_PENDING, entry_id, StreamEntry(entry_id, {}))
        if not self._left:
            self._caught_up.set()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._caught_up.wait(), CATCH_UP_S)

    async def take(self, ids: Sequence[bytes], rows: Sequence[Mapping[bytes, bytes]]) -> None:
        """Accept a batch as FastStream read it, once what was left is done; waits for room."""
        await self._caught_up.wait()
        if self._closing:
            return
        batch = [StreamEntry(name.decode(), fields) for name, fields in zip(ids, rows, strict=True)]
        began = clock.monotonic()
        for entry in await self._to_handle(batch):
            self._accept(entry)
        await asyncio.sleep(self._gather_s(clock.monotonic() - began))
        await self._lanes.room()

    async def _to_handle(self, batch: Sequence[StreamEntry]) -> Sequence[StreamEntry]:
        try:
            return await self.gate.admitted(batch)
        except StoreError as error:  # perhaps written, perhaps not: the handler finds out
            _log.warning("%s is handled entry by entry: %s", self.stream, error)
            return batch

    def _gather_s(self, looked_s: float) -> float:
        """How long to gather, after the last batch was looked at for so long."""
        if self.backlog <= MANY_IN_HAND:
            return STREAM_GATHER_S
        return max(BUSY_GATHER_S, min(LOOK_PAUSE * looked_s, MAX_GATHER_S))

    async def sweep(self) -> None:
        """Once a second: bring back what failed or was orphaned; InboxLostError if nobody reads.

        A stream or a group that somebody deleted is made again.
        """
        pending = await self._check_progress()
        await self._bus.call(self.read_again())
        if not pending or not self._caught_up.is_set():
            return  # what waits in `take` is pending as well, and must not pass what was left
        for row in await self._sorted(restart=False):
            own = text(row["consumer"]) == self.group
            if entry := await self._claim(text(row["message_id"]), 0.0 if own else CLAIM_IDLE_S):
                self._accept(entry)

    def refuse(self) -> None:
        """Take nothing more: what is delivered and not begun stays pending for the next life."""
        self._closing = True
        self._caught_up.set()

    async def close(self, within_s: float = CLOSE_S) -> None:
        """Wait for the handlers at work, then give up: what is unfinished stays pending."""
        await self._lanes.close(within_s)

    def go_on(self, entry: StreamEntry) -> None:
        """Within its handling: the next of its lane may begin. What was left waits all the same."""
        self._lanes.release(self._lane(entry), entry.id)

    async def acknowledge(self, entry: StreamEntry) -> None:
        """Mark an entry done whose handling had nothing to write."""
        client = self._bus.client
        await self._bus.call(client.xack(self.key, self.group, entry.id))

    async def _create(self) -> bool:
        """Make the group; False if it was there."""
        client = self._bus.client
        try:
            await self._bus.call(client.xgroup_create(self.key, self.group, "0", mkstream=True))
        except StoreError as error:
            if "BUSYGROUP" not in str(error):
                raise
            return False
        return True

    def _accept(self, entry: StreamEntry) -> None:
        self._lanes.put(self._lane(entry), entry.id, entry, self.gate.overtakes)

    async def _attempt(self, entry: StreamEntry) -> None:
        with logs.about(entry=entry.id):
            try:
                # Claimed only now: its count tells how often it was begun, not how often we died.
                if found := entry if entry.fields else await self._claim(entry.id, 0.0):
                    await self._handle(found)
            except Exception as error:  # noqa: BLE001 - whatever it is, the next entry must go on
                self._errors[entry.id] = f"{type(error).__name__}: {error}"
                traced = not isinstance(error, StoreError)
                _log.error("an entry of %s failed: %s", self.stream, error, exc_info=traced)
            else:
                self._errors.pop(entry.id, None)
        self._left.discard(entry.id)
        if not self._left:
            self._caught_up.set()

    async def _check_progress(self) -> int:
        """How many entries are pending; whoever reads them reads on, and has a group to read by."""
        last = self._delivered
        self._delivered = ("", 0.0)  # where the store is away, it is counted from anew
        asked = (("XINFO STREAM", self.key), ("XINFO GROUPS", self.key))
        stream, groups = await ask_together(self._bus, *asked)
        group = next((one for one in groups or () if text(one["name"]) == self.group), None)
        if not stream or not group:
            if await self._create():
                _log.error("the group %s of %s was deleted; made again", self.group, self.key)
            return 0
        delivered, generated = group["last-delivered-id"], stream["last-generated-id"]
        self._check_reader(last, text(delivered), text(generated))
        return int(group["pending"])

    def _check_reader(self, last: tuple[str, float], delivered: str, generated: str) -> None:
        now = clock.monotonic()
        waits = delivered != generated and self._caught_up.is_set() and not self._lanes.full
        self._delivered = last if waits and delivered == last[0] else (delivered, now)
        if now - self._delivered[1] > STALLED_S:
            raise InboxLostError(f"nobody has read {self.key} for {STALLED_S:.0f} s")

    async def _sorted(self, *, restart: bool) -> list[Mapping[str, Any]]:
        """What is pending and due, in order; what was tried often enough is buried."""
        client, count = self._bus.client, MAX_IN_HAND * 2
        pending = await self._bus.call(
            client.xpending_range(self.key, self.group, min="-", max="+", count=count)
        )
        due = [row for row in pending if self._is_due(row, restart=restart)]
        for row in due:
            if row["times_delivered"] >= MAX_DELIVERIES:
                await self._bury(text(row["message_id"]), row["times_delivered"])
        return [row for row in due if row["times_delivered"] < MAX_DELIVERIES]

    def _is_due(self, row: Mapping[str, Any], *, restart: bool) -> bool:
        if text(row["message_id"]) in self._lanes:
            return False
        idle_s, times = row["time_since_delivered"] / 1000, row["times_delivered"]
        if text(row["consumer"]) != self.group:
            return bool(idle_s >= CLAIM_IDLE_S)
        return restart or times >= MAX_DELIVERIES or idle_s >= self._pause_s(times)

    def _pause_s(self, times: int) -> float:
        return self.backoff_s[min(max(times, 1), len(self.backoff_s)) - 1]

    async def _claim(self, entry_id: str, idle_s: float) -> StreamEntry | None:
        """Take an entry over and count it; None if it is gone or another consumer was faster."""
        client, idle_ms = self._bus.client, int(idle_s * 1000)
        found = await self._bus.call(
            client.xclaim(self.key, self.group, self.group, idle_ms, [entry_id])
        )
        return next((StreamEntry(text(name), fields) for name, fields in found if fields), None)

    async def _bury(self, entry_id: str, deliveries: int) -> None:
        client = self._bus.client
        found = await self._bus.call(client.xrange(self.key, entry_id, entry_id))
        if found and deliveries < MAX_DELIVERIES + TELLINGS:
            await self._tell(entry_id)
        dead = Dead(
            stream=self.stream,
            entry_id=entry_id,
            body=_body(found),
            deliveries=deliveries,
            reason=self._errors.pop(entry_id, "the process ended while it handled the entry"),
            at=await self._bus.time(),
        )
        async with client.pipeline(transaction=True) as pipe:
            pipe.xadd(self._bus.key("dead"), entries.encode(dead))
            pipe.xack(self.key, self.group, entry_id)
            await self._bus.call(pipe.execute())
        self.buried += 1
        _log.error("gave an entry up", extra=dead.model_dump())

    async def _tell(self, entry_id: str) -> None:
        """Whoever waits for it must not wait in vain; what fails or dies here is tried again.

        Each try counts, so neither a store that says no nor a death in here keeps it for ever.
        """
        if self._give_up is None:
            return
        entry = await self._claim(entry_id, 0.0)
        try:
            if entry:
                await self._give_up(entry)
        except StoreError:
            raise
        except Exception:  # noqa: BLE001 - what made the entry poison may strike here as well
            _log.exception("nobody could be told of an entry of %s", self.stream)


async def _nothing() -> None:
    """Nobody else reads."""


def _body(found: Any) -> str:
    body: bytes = found[0][1].get(entries.DATA, b"") if found else b""
    return body.decode(errors="replace")
