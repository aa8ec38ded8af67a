"""Attempts to send, each in a thread of its own: one address that hangs keeps no other waiting."""

import asyncio
import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from omf.notifications.decision import AlarmNotice
from omf.notifications.wording import (
    NotificationPlace,
    ReadyReport,
    notification_of,
    report_notification,
)
from omf.texts import Text, text
from services.common.process import clock
from services.common.process.failpoint import failpoint
from services.notifications import metrics
from services.notifications.apprise_sender import send_by_apprise
from services.notifications.destinations import Destination
from services.notifications.outbox import OutboxEntry, SendingResult
from services.notifications.web_push_sender import WebPushSender

SENDERS = 32
"""Attempts at a time."""

_log = logging.getLogger(__name__)
_LIBRARIES = ("apprise", "urllib3", "requests", "requests_oauthlib", "pywebpush", "py_vapid")
"""What they log may hold an address or a token, at whatever level: none of it goes further."""


def silence_libraries() -> None:
    """Call before the first of them is used."""
    for name in _LIBRARIES:
        logging.getLogger(name).propagate = False
        logging.getLogger(name).addHandler(logging.NullHandler())


class Sending:
    """Called by one task of the event loop; what ended is kept until it is known to be written."""

    def __init__(self, push: WebPushSender | None) -> None:
        self._push = push
        self._threads = ThreadPoolExecutor(SENDERS, "send")
        self._tasks: dict[asyncio.Task[None], tuple[str, ...]] = {}
        self.results: list[SendingResult] = []

    @property
    def keys(self) -> set[str]:
        """Entries that are being sent, or whose result is not written yet."""
        under_way = [key for keys in self._tasks.values() for key in keys]
        return {*under_way, *(key for one in self.results for key in one.keys)}

    def start(
        self,
        batch: list[OutboxEntry],
        destination: Destination,
        place: NotificationPlace,
        reports: Sequence[ReadyReport] = (),
    ) -> None:
        """Send the entries of one address as one notification; they are written as being sent.

        `reports` where they are of shifts; else they are of alarms.
        """
        work = self._attempt(batch, destination, place, reports)
        task = asyncio.create_task(work, name=f"send {batch[0].address}")
        self._tasks[task] = tuple(one.key for one in batch)
        task.add_done_callback(self._tasks.pop)

    def close(self) -> None:
        """Wait for no thread: what is under way is unknown to whoever comes next."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _attempt(
        self,
        batch: list[OutboxEntry],
        destination: Destination,
        place: NotificationPlace,
        reports: Sequence[ReadyReport],
    ) -> None:
        address, keys = batch[0].address, tuple(one.key for one in batch)
        began = clock.monotonic()
        failpoint("notifications.before_send")
        loop = asyncio.get_running_loop()
        args = (batch, destination, place, reports)
        try:
            why, gone = await loop.run_in_executor(self._threads, self._deliver, *args)
        except Exception as error:  # noqa: BLE001 - whatever it is, it must be tried again
            # Not its words: they may name the address.
            _log.error("sending to %s failed: %s", address, type(error).__name__)
            why, gone = text("notification_fault.unreachable"), False
        failpoint("notifications.after_send")
        if why is None:
            metrics.NOTIFICATIONS_SENT.labels(address).inc()
            metrics.NOTIFICATION_SECONDS.observe(clock.monotonic() - began)
        else:
            metrics.NOTIFICATION_FAILURES.labels(address).inc()
        gone_browser = destination.browser.id if gone and destination.browser else ""
        self.results.append(SendingResult(address, keys, why, gone_browser))

    def _deliver(
        self,
        batch: list[OutboxEntry],
        destination: Destination,
        place: NotificationPlace,
        reports: Sequence[ReadyReport],
    ) -> tuple[Text | None, bool]:
        """Why the provider did not take it, None if it did; whether the address is no more."""
        if reports:
            notification = report_notification(reports, place, clock.now())
        else:
            alarms = [one.notice for one in batch if isinstance(one.notice, AlarmNotice)]
            notification = notification_of(alarms, place)
        if destination.browser is None:
            return send_by_apprise(destination.url, notification), False
        if self._push is None:
            return text("notification_fault.no_push_key", setting="OMF_NOTIFICATIONS_VAPID"), False
        return self._push.send(destination.browser, notification)
