"""Tells the store which recorded moment a replay has come to, for its readers to date by."""

import logging
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, TypeVar

from omf.messages.stream_id import StreamId
from omf.topics import catalogue
from services.common.process import clock
from services.common.sessions.recorded_time import Anchor
from services.common.store import entries, keys
from services.common.store.bus import CLOCK
from services.common.store.clients import DriverError, store

KEPT = 5_000
JOURNAL_QUIET_S, JOURNAL_QUIET_MAX_S = 0.15, 1.5
"""Nothing came for so long: what was under way has arrived. Somebody else may never be quiet."""

ANCHOR_RETRY_S = 5.0
T = TypeVar("T")

_log = logging.getLogger(__name__)


class Timeline(Protocol):
    """What a player tells; called by the playing thread alone."""

    def begin(self, recorded: float, pace: float) -> None:
        """Another session begins, or this one at another place: what was before is over."""

    def mark(self, recorded: float, pace: float) -> None:
        """From now on it is this recorded moment, and so many recorded seconds pass in one."""

    def left_over(self) -> list[str]:
        """Topics on which an earlier session may have left a retained message."""


class NoTimeline:
    """Nobody reads by recorded time: a broker without a store, or another environment."""

    def begin(self, recorded: float, pace: float) -> None:
        """Nothing to tell."""

    def mark(self, recorded: float, pace: float) -> None:
        """Nothing to tell."""

    def left_over(self) -> list[str]:
        """Nothing is known."""
        return []


class StoredTimeline:
    """Writes anchors to the store; one that is away is logged, and the replay goes on.

    A thread of its own writes: at maximum speed a round trip at each recorded second would hold up
    the replay. Only a beginning is waited for, since what follows it must not be there before.
    """

    def __init__(self, url: str, environment: str) -> None:
        self._client = store(url, environment)
        self._writer = ThreadPoolExecutor(1, "timeline")
        self._key = keys.key(environment, CLOCK)
        self._journal = keys.buffer_key(environment, keys.JOURNAL)
        self._latest = keys.key(environment, "latest")
        self._session = ""
        self._ahead_s = 0.0
        """What the clock of the ids is ahead of ours."""
        self._again_at = 0.0
        """A store that is away is not asked before: each question may cost seconds."""

    def begin(self, recorded: float, pace: float) -> None:
        """All messages behind the newest one there is are of the new session."""
        self._session = uuid.uuid4().hex[:12]
        self._writer.submit(self._try, lambda: self._begin(recorded, pace)).result()

    def mark(self, recorded: float, pace: float) -> None:
        """The same session at another pace."""
        if self._session:
            at = clock.now() + self._ahead_s
            anchor = self._anchor(at, int(at * 1000) / 1000, recorded, pace)
            self._writer.submit(self._try, lambda: self._write(anchor))

    def left_over(self) -> list[str]:
        """Whatever topic is not known to be never retained and was not deleted since."""
        held = self._writer.submit(self._try, lambda: self._client.hgetall(self._latest)).result()
        last = (entries.last_message(topic, framed) for topic, framed in (held or {}).items())
        return [one.topic for one in last if one.payload and _may_be_retained(one.topic)]

    def _begin(self, recorded: float, pace: float) -> None:
        last = self._quiet()
        seconds, micros = self._client.time()
        # Ids never go back, the clock of the store may have been set back.
        now = max(int(seconds) + int(micros) / 1e6, last)
        self._ahead_s = now - clock.now()
        self._write(self._anchor(now, last + 0.001, recorded, pace))

    def _anchor(self, at: float, begins: float, recorded: float, pace: float) -> Anchor:
        return Anchor(at=at, begins=begins, recorded=recorded, pace=pace, session=self._session)

    def _write(self, anchor: Anchor) -> None:
        self._client.xadd(self._key, entries.encode(anchor), maxlen=KEPT, approximate=False)

    def _quiet(self) -> float:
        """Wait until the journal stands still; when its newest message arrived."""
        until, newest = clock.monotonic() + JOURNAL_QUIET_MAX_S, self._newest()
        while clock.monotonic() < until:
            time.sleep(JOURNAL_QUIET_S)
            if (now := self._newest()) == newest:
                break
            newest = now
        return newest

    def _newest(self) -> float:
        found = self._client.xrevrange(self._journal, count=1)
        return StreamId.parse(entries.text(found[0][0])).seconds if found else 0.0

    def _try(self, call: Callable[[], T]) -> T | None:
        if clock.monotonic() < self._again_at:
            return None
        try:
            return call()
        except DriverError as error:
            _log.warning("readers are not told the recorded time: %s", error)
            self._again_at = clock.monotonic() + ANCHOR_RETRY_S
            return None


def _may_be_retained(topic: str) -> bool:
    entry = catalogue.of(topic)
    return entry is None or entry.retain is not False
