"""The factory as orders sees it: the fold of the journal, how old it is, and its snapshots."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from omf.messages.message import Message
from omf.messages.stream_id import StreamId
from services.common.process import clock, factory_scope
from services.common.process.health import Health
from services.common.store.bus import MAX_SNAPSHOTS, READ_COUNT, Bus
from services.common.store.entries import text
from services.common.store.fold_reader import FoldReader, note_link
from services.common.store.keys import LinkHealth
from services.common.store.store_clock import StoreClock
from services.orders.decision import View

SNAPSHOT_EVERY_S, SHARED_SNAPSHOT_EVERY_S = 30.0, 120.0
"""Beside other factories rarely: one takes milliseconds, and so does folding what came since."""
SNAPSHOT_EVERY_MESSAGES = 5000
KEPT_WHOLE_MS = 3_600_000


class JournalView(FoldReader):
    """The fold, and since when it knows that this is the end; `now` is for whoever decides."""

    def __init__(
        self,
        bus: Bus,
        health: Health,
        store_clock: StoreClock,
        *,
        opened: Callable[[], Awaitable[None]],
        seen: Callable[[Sequence[Message]], None],
    ) -> None:
        """`opened` is awaited when all begins anew; `seen` gets each batch once it is folded."""
        super().__init__(bus, partial(health.beat, "fold"))
        self._opened_anew = opened
        self._seen = seen
        self._clock = store_clock
        self._at_end = clock.monotonic()
        self._saved = (clock.monotonic(), 0)

    async def on_opened(self) -> None:
        """Whatever was known of commands goes with the state it was seen in."""
        self._saved = (clock.monotonic(), self.state.total)
        await self._opened_anew()

    def fold(self, batch: Sequence[Message]) -> None:
        """Fold, and hand the batch on before the next is read."""
        super().fold(batch)
        if len(batch) < READ_COUNT:
            self._at_end = clock.monotonic()
        self._seen(batch)

    def on_alarms(self, passed: Sequence[Message]) -> None:
        """They prove acts on alarms as messages of the factory prove the others."""
        self._seen(passed)

    @property
    def time(self) -> float:
        """The store's clock, Unix seconds."""
        return self._clock.now()

    def now(self, link: LinkHealth | None) -> View:
        """What is known at this moment, given the reading side's own word."""
        now = self._clock.now()
        note_link(self.state, link, now)
        return View(
            environment=self._bus.environment,
            state=self.state,
            now=now,
            journal_id=self.journal_id,
            link=link,
            folded_at=now - (clock.monotonic() - self._at_end),
        )

    async def latest(self) -> View:
        """What is known now, with the word of the reading side as it stands in the store."""
        return self.now(await self._bus.link("ingest"))

    async def save(self) -> None:
        """Keep the fold when enough has happened since the last time."""
        at, total = self._saved
        new = self.state.total - total
        alone = factory_scope.current() is None
        pause_s = SNAPSHOT_EVERY_S if alone else SHARED_SNAPSHOT_EVERY_S
        due = new >= SNAPSHOT_EVERY_MESSAGES or clock.monotonic() - at >= pause_s
        if new and due:
            self._saved = (clock.monotonic(), self.state.total)
            await self._bus.save_snapshot(self.journal_id, self.state.snapshot())
            await thin_out(self._bus, self.journal_id)


async def thin_out(bus: Bus, newest: str) -> None:
    """Of the snapshots that are older than an hour keep the first of each hour."""
    key = bus.key("snapshots")
    limit = str(StreamId(max(0, StreamId.parse(newest).ms - KEPT_WHOLE_MS)))
    for _ in range(MAX_SNAPSHOTS):
        found = await bus.call(bus.client.xrevrange(key, limit, "-", 2))
        ids = [StreamId.parse(text(entry_id)) for entry_id, _ in found]
        hours = {one.ms // KEPT_WHOLE_MS for one in ids}
        if len(ids) == len(hours):
            return
        await bus.call(bus.client.xdel(key, str(ids[0])))
