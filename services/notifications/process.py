"""The life of the service: look at the alarms, decide who is told, write it, send."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Mapping
from uuid import uuid4

from omf.alarms.life import AlarmLife
from omf.notifications.decision import decide
from omf.notifications.receivers import ReceiverNow
from omf.notifications.shift_notices import ShiftNotice, decide_reports
from omf.notifications.wording import NotificationPlace
from services.common.process import clock
from services.common.process.failpoint import failpoint
from services.common.process.health import Health
from services.common.process.main import Stop, every
from services.common.store.alarm_lives import AlarmLives
from services.common.store.bus import Bus
from services.common.store.environments import is_replay
from services.common.store.notification_status import (
    NOTIFICATIONS_EVERY_S,
    forget_browser,
    read_browsers,
    tell_notifications,
)
from services.common.store.store_clock import StoreClock
from services.notifications import metrics
from services.notifications.destinations import Destination, destinations
from services.notifications.outbox import OutboxEntry
from services.notifications.receivers_file import LoadedReceivers, ReceiversLoader
from services.notifications.repository import NotificationRepository
from services.notifications.sending import Sending, silence_libraries
from services.notifications.settings import NotificationSettings
from services.notifications.shift_reports import ShiftReports, WantedReport
from services.notifications.status import status_of
from services.notifications.web_push_sender import WebPushSender

NOTIFY_EVERY_S = 0.1
DECIDE_EVERY_S = 1.0
"""What time alone decides (escalation, duty, quiet hours) is looked at once a second."""
LOAD_EVERY_S = 2.0

_log = logging.getLogger(__name__)


class NotificationService:
    """Everything of one process. One task decides and writes; sending waits in threads.

    Whatever is killed, the next process goes on from what was written last: that a notice is being
    sent is written before it is sent.
    """

    def __init__(self, settings: NotificationSettings) -> None:
        self.health = Health(self._missing)
        self._settings = settings
        self._bus = Bus(settings.store_address, settings.environment, settings.store_replicas)
        self._clock = StoreClock(self._bus)
        self._name = str(uuid4())
        self._repository = NotificationRepository(self._bus, self._name)
        self._alarms = AlarmLives(self._bus)
        self._lives: Mapping[str, AlarmLife] | None = None
        self._written_at = float("-inf")
        self._begun = False
        path = settings.notifications
        self._loader = ReceiversLoader(path, settings.notifications_urls) if path else None
        self._loaded: LoadedReceivers | None = None
        self._known: dict[str, Destination] = {}
        self._push = _web_push(settings) if path else None
        silence_libraries()
        self._sending = Sending(self._push)
        self._reports = ShiftReports(self._bus, settings)

    async def run(self, stop: Stop) -> int:
        """Live until asked to stop (0), or until something broke that only a restart mends (1)."""
        if self._loader is None:
            _log.info("OMF_NOTIFICATIONS names no file: nobody is told outside")
            return await stop.during(every(DECIDE_EVERY_S, "idle", _nothing, self.health))
        async with self._bus:
            await stop.store(self._bus, self.health)
            code = await stop.during(
                every(LOAD_EVERY_S, "receivers", self._load, self.health),
                every(NOTIFY_EVERY_S, "notify", self._tick, self.health),
                every(NOTIFICATIONS_EVERY_S, "status", self._show, self.health),
            )
            self._reports.close()
        self._sending.close()
        return code

    async def _load(self) -> None:
        """Read the files again if they changed, and which browsers asked to be told."""
        # First: with receivers whose addresses are not known yet, all that waits would be dropped.
        browsers = await read_browsers(self._bus)
        if (loader := self._loader) is None:
            return
        # A thread waits for files, and for the senders that are imported to check the addresses.
        await asyncio.to_thread(loader.step)
        metrics.RECEIVERS_FAULT.set(loader.fault is not None)
        if loader.current:
            self._loaded = loader.current
            self._known = destinations(loader.current, self._settings.environment, browsers)

    async def _tick(self) -> None:
        """Decide, write, and send what was written."""
        if (loaded := self._loaded) is None:
            return
        now = await self._clock.sync()
        if not await self._owned(now):
            return
        # As it is now: while this waits for the store, the files may be read anew.
        known = self._known
        results = list(self._sending.results)
        for result in results:
            self._repository.outbox.finish(result, now)
        self._decide(await self._alarms.current(), known, now)
        self._reports.step(self._wanted(known))
        batches = self._repository.outbox.due(known, now, self._name, self._reports.made)
        if not (results or batches or clock.monotonic() - self._written_at >= DECIDE_EVERY_S):
            return
        failpoint("notifications.before_write")
        if not await self._repository.write(now):
            _log.warning("another process tells the receivers now")
            return
        self._written_at = clock.monotonic()
        del self._sending.results[: len(results)]
        for address, batch in batches.items():
            self._send(batch, loaded, known[address])
        for gone in filter(None, (result.gone_browser for result in results)):
            await forget_browser(self._bus, gone)

    async def _owned(self, now: float) -> bool:
        """Claim the outbox where it is not ours; stand by while another one has it."""
        if not self._repository.owned:
            other = await self._repository.claim(now, at_once=not self._begun)
            self._begun = True
            name = other.owner if other else ""
            self.health.hindered("owner", f"stands by, {name} tells the receivers" if other else "")
            if self._repository.owned:
                self._lives = None
                lost = self._repository.outbox.left_behind(self._name, self._sending.keys)
                metrics.NOTIFICATIONS_UNKNOWN.inc(len(lost))
                for one in lost:
                    _log.error("nobody knows whether %s reached %s", one.notice.about, one.address)
        return self._repository.owned

    def _decide(
        self, lives: Mapping[str, AlarmLife] | None, known: Mapping[str, Destination], now: float
    ) -> None:
        """Queue what is to be told; of alarms nothing while nobody says how they are."""
        due = clock.monotonic() - self._written_at >= DECIDE_EVERY_S
        if not due and (lives is None or lives is self._lives):
            return
        addresses: dict[str, list[str]] = defaultdict(list)
        for name, destination in known.items():
            addresses[destination.receiver].append(name)
        outbox, receivers = self._repository.outbox, self._receivers(now)
        if due and not is_replay(self._settings.environment):
            calendar = self._settings.shift_calendar
            reports = decide_reports(calendar, outbox.reported, receivers, now)
            outbox.take_reports(reports, addresses, now)
        if lives is not None:
            self._lives = lives
            outbox.take(decide(lives, outbox.told, receivers, now), addresses, now)

    def _wanted(self, known: Mapping[str, Destination]) -> list[WantedReport]:
        """The reports that wait, and in which languages."""
        timezone = self._loaded.file.timezone if self._loaded else "UTC"
        return [
            WantedReport(one.notice, known[one.address].language, timezone)
            for one in self._repository.outbox.shifts
            if isinstance(one.notice, ShiftNotice) and one.address in known
        ]

    def _send(
        self, batch: list[OutboxEntry], loaded: LoadedReceivers, destination: Destination
    ) -> None:
        place = self._place(loaded, destination)
        reports = [
            self._reports.report(one.notice.shift, destination.language)
            for one in batch
            if isinstance(one.notice, ShiftNotice)
        ]
        self._sending.start(batch, destination, place, reports)

    def _receivers(self, now: float) -> list[ReceiverNow]:
        loaded = self._loaded
        if loaded is None:
            return []
        return loaded.file.at(now, self._settings.environment, loaded.duty(now))

    def _place(self, loaded: LoadedReceivers, destination: Destination) -> NotificationPlace:
        return NotificationPlace(
            self._settings.environment,
            destination.language,
            loaded.file.timezone,
            self._settings.ui_url,
        )

    async def _show(self) -> None:
        """Say how it stands, if it is ours to say."""
        if self._loader is None or (self._loaded and not self._repository.owned):
            return
        # Until the files are read it is not known that nobody is told.
        if self._loaded is None and self._loader.fault is None:
            return
        now, outbox = await self._clock.sync(), self._repository.outbox
        status = status_of(
            self._receivers(now),
            self._known,
            outbox,
            at=now,
            fault=self._loader.fault,
            push_key=self._push.public_key if self._push else "",
        )
        metrics.show_addresses(outbox, self._known)
        metrics.NOBODY_LISTENS.set(status.nobody)
        await tell_notifications(self._bus, status)

    def _missing(self) -> str | None:
        if self._loader is None or self._loaded:
            return None
        return self._loader.fault.en if self._loader.fault else "the receivers are not read yet"


def _web_push(settings: NotificationSettings) -> WebPushSender | None:
    """None without a key: all other addresses are told all the same."""
    if (key := settings.notifications_vapid) is None:
        return None
    try:
        return WebPushSender(key, settings.notifications_push_hosts, settings.ui_url)
    except (OSError, ValueError) as error:
        _log.error("no browser is told, OMF_NOTIFICATIONS_VAPID cannot be used: %s", error)
        return None


async def _nothing() -> None:
    """Beat, so that it is seen to live."""
