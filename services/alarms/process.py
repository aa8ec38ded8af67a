"""The owner's life: follow the journal and the commands, write what becomes of the alarms."""

import logging
from dataclasses import dataclass, field
from uuid import uuid4

from omf.alarms import handover
from omf.alarms.changes import carry_out, drop_all, observe
from omf.alarms.handover import HandoverEntry, HandoverEvent, PendingHandover
from omf.alarms.life import AlarmEntry, AlarmLife, AlarmLoad
from services.alarms import metrics
from services.alarms.acts import AcceptedAct, AcceptedHandover, accepted_act
from services.alarms.judged_fold import JudgedFold
from services.alarms.repository import AlarmRepository
from services.alarms.rules_file import AlarmSettings, load_rules
from services.common.process import clock
from services.common.process.failpoint import failpoint
from services.common.process.health import Health
from services.common.process.main import Stop, every
from services.common.store.alarm_lives import ALARMS, HANDOVERS, passages_since
from services.common.store.alarm_rules import StoredRules, read_rules, write_rules
from services.common.store.bus import READ_COUNT, Bus
from services.common.store.keys import CommandEvent
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
        self._written_at = float("-inf")
        self._answered: int | None = None
        """Of `JudgedFold.asked`: so far all events are taken into account."""
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
        due = clock.monotonic() - self._written_at >= JUDGE_S
        # In between the clock's last answer is carried on.
        now = await self._clock.sync() if due else self._clock.now()
        if not await self._owned(now):
            return
        asked = self._fold.asked
        done = await self._acted(now)
        if due:
            self._fold.state.monitoring_alerts = await read_alerts(self._bus)
        if due or self._fold.news:
            await self._fold.watch_drift(done.lives)
            self._judge(done, now)
        if due or self._changes(done):
            await self._write(done, now)
        self._answered = asked

    async def _owned(self, now: float) -> bool:
        """Claim the alarms where they are not ours; stand by while another one has them."""
        if not self._repository.owned:
            other = await self._repository.claim(now, at_once=not self._begun)
            if self._repository.owned:
                self._session, self._answered = self._repository.owner.session, None
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
        if self._answered == self._fold.asked:
            return done
        found = await self._bus.models("events", CommandEvent, after=owner.heard, count=READ_COUNT)
        # More may lie behind so many.
        self._fold.asked += len(found) == READ_COUNT
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
        self._fold.news = False
        state = self._fold.state
        if state.session != self._session:
            done.entries += drop_all(done.lives, now)
            done.lives = {}
        self._session = state.session
        self._count_load(now)
        found = state.found_alarms(self._fold.now(now))
        done.lives, entries = observe(done.lives, found, now, state.alarm_rules)
        done.entries += entries

    def _changes(self, done: Changes) -> bool:
        """Whether there is more to write than that the owner is still there."""
        owner, lives = self._repository.owner, self._repository.lives
        return bool(done.entries or done.signed) or done.heard != owner.heard or done.lives != lives

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
        self._written_at = clock.monotonic()
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
