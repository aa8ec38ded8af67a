"""Keeps one view model true: the fold of the journal, command events and link health.

One reader per environment, however many browsers look.
"""

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from omf.messages.message import Message
from omf.messages.stream_id import StreamId
from omf.topics import catalogue
from omf.topics.catalogue import EVERYTHING
from services.common.process import clock
from services.common.sessions import named_ranges, runs, station
from services.common.store import (
    archive_status,
    brackets,
    lease,
    order_plans,
    purchases,
    sequence_runs,
)
from services.common.store.approvals import read_approvals
from services.common.store.backup_note import BackupNote, read_backup_note
from services.common.store.bus import Bus, StoreError
from services.common.store.fold_reader import FoldReader
from services.common.store.journal import BEGINNING
from services.common.store.keys import JOURNAL, CommandEvent, LinkHealth
from services.common.store.leader_lease import RoleLeader, read_leaders
from services.common.store.learned_durations import read_learned_durations
from services.common.store.notification_status import read_notifications
from services.common.store.stream_load import stream_loads
from services.ui.live.model import Links, ViewModel

HISTORY = 1_000
"""Messages from before the snapshot that the message centre starts with."""
RECORDS = 200
EVENTS = 2_000
"""Stages of commands, so that our own messages are known among those of before the start."""
SEEN_EVERY, UNSEEN_EVERY = (1, 5), (5, 60)
"""Rounds of the links between two looks at what is open in the store, and at all that changes
seldom, its buffers among it (sixty questions each): while a page of the factory is open, and while
none is. A page that is opened has all of it within a second."""
GATHER_S = 0.02
"""A flood is taken in handfuls: asking for each message costs more than reading it."""
CLEARED = "reset:cleared"


async def clear_reset(bus: Bus, at: float) -> None:
    """Remember for everybody that what the factory reset `at` (Unix s) left behind is put away."""
    await bus.call(bus.client.set(bus.key(CLEARED), repr(at)))


class LiveReader(FoldReader):
    """The only writer of one view model."""

    gather_s = GATHER_S

    def __init__(
        self,
        bus: Bus,
        model: ViewModel,
        beat: Callable[[], None],
        looked_at: Callable[[], bool] = lambda: True,
    ) -> None:
        """`beat` as in FoldReader; `looked_at`: whether a page of the factory is open."""
        super().__init__(bus, beat)
        self._model = model
        model.times = bus.times
        self._event_id = BEGINNING
        self._looked_at = looked_at
        self._seen = False
        self._leaders: tuple[RoleLeader, ...] = ()
        self._round = 0

    async def on_opened(self) -> None:
        """Show what was before the snapshot, and all that is known of commands."""
        history = await self._bus.newest(JOURNAL, HISTORY)
        newest = await self._bus.newest_models("events", CommandEvent, 1)
        records = await self._bus.records(RECORDS)
        told = await self._bus.newest_models("events", CommandEvent, EVENTS)
        self._event_id = newest[-1][0] if newest else BEGINNING
        self._model.begin_anew(self.state)
        for message in history:
            if StreamId.parse(message.id) <= StreamId.parse(self.journal_id):
                self._model.journal.add(message)
        self._model.load(records)
        self._model.commands.publishes.load(event for _, event in told)

    def fold(self, batch: Sequence[Message]) -> None:
        """The model folds, for it keeps more of each message than the state."""
        self._model.receive(batch)
        self.journal_id = batch[-1].id if batch else self.journal_id

    def on_current(self) -> None:
        """The pages show the present."""
        self._model.caught_up = True
        self._model.readable(clock.now())

    def on_away(self, error: StoreError) -> None:
        """The pages say so, and what they show grows old."""
        self._model.unreadable(clock.now(), str(error))

    def loops(self) -> tuple[Coroutine[Any, Any, None], ...]:
        """What becomes of alarms and of commands."""
        return (*super().loops(), self._follow_events())

    async def _follow_events(self) -> None:
        async for batch in self._bus.follow_models("events", CommandEvent, self._event_id):
            # All are heard before anything is asked: what was sent is back within milliseconds, and
            # its message is told as ours only by an event that was heard before it.
            unknown = [event.command_id for _, event in batch if not self._model.hear(event)]
            for command_id in dict.fromkeys(unknown):
                await self._learn(command_id)
            self._event_id = batch[-1][0] if batch else self._event_id

    async def _learn(self, command_id: str) -> None:
        """A command asked elsewhere: its record holds what its events do not say."""
        if record := await self._bus.record(command_id):
            self._model.load([record])
            self._model.changed()

    async def on_link(self, link: LinkHealth | None) -> None:
        """With it all that is no message: the other links, the lease, what is recorded."""
        before, self._seen = self._seen, self._looked_at()
        if self._seen and not before:
            self._round = 0
        open_every, seldom_every = SEEN_EVERY if self._seen else UNSEEN_EVERY
        if self._round % open_every == 0:
            self._leaders = await read_leaders(self._bus, await self._bus.time())
            self._model.lease = await lease.read(self._bus)
            await self._look_at_what_is_open()
        self._model.links = Links(link, await self._bus.link("gateway"), self._leaders)
        if self._round % seldom_every == 0:
            await self._look_at_what_stays()
        self._round += 1

    async def _look_at_what_is_open(self) -> None:
        await self._look_at_brackets()
        await self._look_at_runs()
        self._model.station = await station.status(self._bus)
        self._model.mirrored = await self._mirrored()
        self._model.reset_cleared = await self._cleared()

    async def _look_at_what_stays(self) -> None:
        self._model.sessions = await named_ranges.listed(self._bus)
        self._model.planning_runs = await runs.under_way(self._bus)
        self._model.archive = await archive_status.read(self._bus)
        self._model.backup = await self._last_copy()
        self._model.streams = await stream_loads(self._bus)
        self._model.learned = await read_learned_durations(self._bus)
        self._model.notifications = await read_notifications(self._bus)
        self._model.buffers = await self._bus.buffers(catalogue.filters(EVERYTHING))

    async def _last_copy(self) -> BackupNote | None:
        """None also where the store's rights are of before this key: that must not stop us."""
        try:
            return await read_backup_note(self._bus)
        except StoreError:
            return None

    async def _mirrored(self) -> int | None:
        found = await self._bus.call(self._bus.client.get(self._bus.key("ingest:class")))
        return int(found) if found and found.isdigit() else None

    async def _cleared(self) -> float:
        found = await self._bus.call(self._bus.client.get(self._bus.key(CLEARED)))
        return float(found) if found else 0.0

    async def _look_at_brackets(self) -> None:
        if (waiting := await read_approvals(self._bus)) != self._model.approvals:
            self._model.approvals = waiting
            self._model.changed()
        if (found := await brackets.every(self._bus)) != self._model.brackets:
            self._model.brackets = found
            self._model.changed()

    async def _look_at_runs(self) -> None:
        if (found := await sequence_runs.every_run(self._bus)) != self._model.runs:
            self._model.runs = found
            self._model.changed()
        if (plans := await order_plans.read_plans(self._bus)) != self._model.plans:
            self._model.plans = plans
            self._model.changed()
        if (accounts := await purchases.read_purchases(self._bus)) != self._model.purchases:
            self._model.purchases = accounts
            self._model.changed()
