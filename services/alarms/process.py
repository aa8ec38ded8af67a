"""The owner's life: follow the journal and the commands, write what becomes of the alarms."""

import logging
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import uuid4

from omf.alarms import handover
from omf.alarms.changes import carry_out, drop_all, observe
from omf.alarms.handover import HandoverEntry, HandoverEvent, PendingHandover
from omf.alarms.life import AlarmEntry, AlarmLife, AlarmLoad
from omf.alarms.rule_data import BUILT_IN, AlarmRules
from omf.messages.message import Message
from omf.texts import Text
from services.alarms import metrics
from services.alarms.acts import AcceptedAct, AcceptedHandover, accepted_act
from services.alarms.drift_watch import DriftWatch
from services.alarms.repository import AlarmRepository
from services.alarms.rules_file import AlarmSettings, load_rules
from services.common.process import clock
from services.common.process.failpoint import failpoint
from services.common.process.health import Health
from services.common.process.main import Stop, every
from services.common.store.alarm_lives import ALARMS, HANDOVERS, passages_since
from services.common.store.alarm_rules import StoredRules, read_rules, write_rules
from services.common.store.bus import READ_COUNT, Bus
from services.common.store.environments import is_replay
from services.common.store.fold_reader import FoldReader
from services.common.store.keys import CommandEvent, LinkHealth
from services.common.store.monitoring_alerts import read_alerts
from services.common.store.retention import Keeping
from services.common.store.store_clock import StoreClock
from services.common.store.usual_pauses import read_usual_pauses

TICK_S = 0.2
"""So long an act or a message may wait before it is looked at."""
JUDGE_S = 1.0
"""What time alone decides is judged once a second; the owner says as often that it is there."""
KEEP_EVERY_S = 1.0
SHOW_EVERY_S = 10.0
ASK_USUAL_EVERY_S = 10.0
KEEP_DAYS = {ALARMS: 90, HANDOVERS: 90}

_log = logging.getLogger(__name__)


class JudgedFold(FoldReader):
    """The fold, with what the rules need beside it, and whether anything is new."""

    def __init__(self, bus: Bus, health: Health) -> None:
        """It beats as `fold`."""
        super().__init__(bus, partial(health.beat, "fold"))
        self.drift_watch = DriftWatch(bus)
        self.news = False
        self.link: LinkHealth | None = None
        self.rules: tuple[AlarmRules, Text | None] = (BUILT_IN, None)
        """The rules to judge by, and why a newer file of the site is not among them."""
        self.usual: Mapping[str, float] = {}
        """What the archive says is usual: `Factory.usual_pauses`."""
        self._link_heard = False

    @property
    def judgeable(self) -> bool:
        """True once all is known that the rules go by: on half of it they would find nothing."""
        return self.current and self._link_heard

    def now(self, store_now: float) -> float:
        """The moment the factory is judged at: nobody falls silent while a replay stands still."""
        if is_replay(self._bus.environment):
            return self.state.last_received or store_now
        return self.link.message_now(store_now) if self.link else store_now

    def fold(self, batch: Sequence[Message]) -> None:
        """Fold, and remember that there is something to judge."""
        super().fold(batch)
        self.drift_watch.take(batch)
        self.news = self.news or bool(batch)

    async def watch_drift(self, lives: Mapping[str, AlarmLife]) -> None:
        """Tell the state which payloads drifted; of the owner of the alarms alone."""
        await self.drift_watch.begin(self)
        await self.drift_watch.report(self.state, lives)

    async def on_opened(self) -> None:
        """What the broker refuses is asked anew; the rules are those of this process."""
        self._link_heard = False
        self.state.alarm_rules, self.state.rules_fault = self.rules
        self.state.usual_pauses = self.usual
        self.drift_watch.end()

    async def on_link(self, link: LinkHealth | None) -> None:
        """The broker's refusals are known by now."""
        self.link, self._link_heard = link, True

    def loops(self) -> tuple[Coroutine[Any, Any, None], ...]:
        """None: how the alarms are is said here, not heard."""
        return ()


@dataclass
class Changes:
    """What became of the alarms and of the hand-over since the last write."""

    lives: dict[str, AlarmLife]
    heard: str
    """Events of commands up to this id are in it."""
    waiting: PendingHandover | None
    entries: list[AlarmEntry] = field(default_factory=list)
    signed: list[HandoverEntry] = field(default_factory=list)


class AlarmService:
    """Everything of one owner.

    One loop folds the journal, one judges and writes. Whatever is killed, the next one goes on
    from what was written last: an entry and the alarm after it are one step.
    """

    def __init__(self, settings: AlarmSettings) -> None:
        self.health = Health(self._missing)
        self._settings = settings
        self._bus = Bus(settings.store_address, settings.environment, settings.store_replicas)
        self._clock = StoreClock(self._bus)
        self._fold = JudgedFold(self._bus, self.health)
        self._repository = AlarmRepository(self._bus, str(uuid4()))
        self._keeping = Keeping(self._bus, self._clock, KEEP_DAYS)
        self._figures = metrics.RecentFigures()
        self._shift = metrics.ShiftFigures(settings.shift_calendar)
        self._judged_at = float("-inf")
        self._load, self._counted_at = AlarmLoad(), float("-inf")
        self._rules = StoredRules()
        self._session = ""
        """The replayed session whose alarms these are."""
        self._begun = False

    async def run(self, stop: Stop) -> int:
        """Live until asked to stop (0), or until something broke that only a restart mends (1)."""
        async with self._bus:
            await stop.store(self._bus, self.health)
            self._rules = load_rules(self._settings.alarm_rules, await read_rules(self._bus))
            self._fold.rules = self._rules.in_force(), self._rules.fault
            return await stop.during(
                self._fold.run(),
                every(TICK_S, "alarms", self._tick, self.health),
                every(KEEP_EVERY_S, "keeping", self._keep, self.health),
                every(SHOW_EVERY_S, "figures", self._show_figures, self.health),
                every(ASK_USUAL_EVERY_S, "pauses", self._learn, self.health),
            )

    async def _learn(self) -> None:
        """Ask what is usual: the historian learns it at its start and once a day."""
        self._fold.usual = self._fold.state.usual_pauses = await read_usual_pauses(self._bus)

    async def _tick(self) -> None:
        """Write what is new; nothing is written of a journal that is not read to its end."""
        if not self._fold.judgeable:
            return
        judge = self._fold.news or clock.monotonic() - self._judged_at >= JUDGE_S
        # In between the clock's last answer is carried on.
        now = await self._clock.sync() if judge else self._clock.now()
        if not await self._owned(now):
            return
        done = await self._acted(now)
        if judge:
            self._fold.state.monitoring_alerts = await read_alerts(self._bus)
            await self._fold.watch_drift(done.lives)
            self._judge(done, now)
        if judge or done.entries or done.heard != self._repository.owner.heard:
            await self._write(done, now)

    async def _owned(self, now: float) -> bool:
        """Claim the alarms where they are not ours; stand by while another one has them."""
        if not self._repository.owned:
            other = await self._repository.claim(now, at_once=not self._begun)
            if self._repository.owned:
                self._session = self._repository.owner.session
                await write_rules(self._bus, self._rules)
                self._figures = metrics.RecentFigures()
                self._figures.take(await passages_since(self._bus, now - metrics.KPI_SPAN_S))
                self._shift = metrics.ShiftFigures(self._settings.shift_calendar)
                self._shift.take(await passages_since(self._bus, self._shift.begin(now)))
            else:
                self._fold.drift_watch.end()
            self._begun = True
            name = other.owner if other else ""
            self.health.hindered("owner", f"stands by, {name} has the alarms" if other else "")
        metrics.OWNED.set(self._repository.owned)
        return self._repository.owned

    async def _acted(self, now: float) -> Changes:
        """What the acts changed that orders accepted since."""
        owner = self._repository.owner
        done = Changes(self._repository.lives, owner.heard, owner.handover)
        found = await self._bus.models("events", CommandEvent, after=owner.heard, count=READ_COUNT)
        for event_id, event in found:
            done.heard = event_id
            accepted = accepted_act(event, now)
            if isinstance(accepted, AcceptedAct):
                done.lives, entry = carry_out(done.lives, *accepted)
                done.entries.append(entry)
            elif accepted:
                done.waiting, signed = await self._signed(accepted, done, now)
                done.signed.append(signed)
        return done

    async def _signed(
        self, asked: AcceptedHandover, done: Changes, now: float
    ) -> tuple[PendingHandover | None, HandoverEntry]:
        """What waits after a signature. Who signs early in a shift gives the one before it."""
        if asked.event is not HandoverEvent.GIVEN:
            return handover.answer(done.waiting, *asked)
        shift = self._settings.shift_calendar.handed_over_at(now)
        act = asked.act
        wanted = PendingHandover(
            id=act.command_id,
            shift=shift.name,
            since=shift.since,
            until=shift.until,
            who=act.who,
            at=now,
            note=act.reason,
        )
        passed = [*await passages_since(self._bus, shift.since), *done.entries]
        report = handover.handover_report(done.lives, passed, since=shift.since, until=now)
        return handover.give(done.waiting, wanted, report, act)

    def _judge(self, done: Changes, now: float) -> None:
        self._fold.news, self._judged_at = False, clock.monotonic()
        state = self._fold.state
        if state.session != self._session:
            done.entries += drop_all(done.lives, now)
            done.lives = {}
        self._session = state.session
        self._count_load(now)
        found = state.found_alarms(self._fold.now(now))
        done.lives, entries = observe(done.lives, found, now, state.alarm_rules)
        done.entries += entries

    def _count_load(self, now: float) -> None:
        if now - self._counted_at >= JUDGE_S or now < self._counted_at:
            self._counted_at, self._load = now, self._figures.load(now)
        self._fold.state.alarm_load = self._load

    async def _write(self, done: Changes, now: float) -> None:
        failpoint("alarms.before_write")
        word = {
            "at": now,
            "heard": done.heard,
            "session": self._session,
            "load": self._load,
            "rules": self._rules.marker,
            "handover": done.waiting,
        }
        if not await self._repository.write(done.lives, done.entries, word, done.signed):
            _log.warning("another process took the alarms over")
            return
        failpoint("alarms.after_write")
        metrics.count_passages(done.entries)
        self._figures.take(done.entries)
        self._shift.take(done.entries)
        metrics.show_lives(done.lives)

    async def _keep(self) -> None:
        """Only whoever owns the stream cuts it."""
        if self._repository.owned:
            await self._keeping.step()

    async def _show_figures(self) -> None:
        """Of whoever owns the alarms; another one knows nothing of what is written now."""
        if self._repository.owned:
            now = await self._clock.sync()
            self._figures.show(self._repository.lives, now)
            self._shift.show(self._repository.lives, now)
            await self._fold.drift_watch.keep()

    def _missing(self) -> str | None:
        return None if self._fold.judgeable else "the journal is still being read"
