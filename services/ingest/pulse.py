"""Once a second: tell how the link is, look for a new class; now and then: tidy up."""

import logging
from collections.abc import Callable, Mapping
from typing import Any

from services.common import clock
from services.common.bus import DriverError
from services.common.link import LinkState
from services.common.mqtt import MqttLink
from services.common.streams import Link, key
from services.ingest import metrics
from services.ingest.routes import Buffer

EVERY_S = 1.0
# Buffers nobody writes to grow old as well.
TIDY_EVERY_S = 30.0

_log = logging.getLogger(__name__)


class Pulse:
    """What ingest does beside appending, in the same thread and with the same store client."""

    def __init__(
        self,
        store: Any,
        environment: str,
        link: MqttLink,
        buffers: Mapping[str, Buffer],
    ) -> None:
        self._store = store
        self._link = link
        self._buffers = buffers
        self._key: Callable[[str], str] = lambda name: key(environment, name)
        self._next = self._next_tidy = 0.0
        self._before = (0, 0)
        self.priority: int | None = None
        """The class an administrator chose; None: never."""

    def due(self) -> bool:
        """True once a second."""
        return clock.monotonic() >= self._next

    def hurry(self) -> None:
        """Something changed that people should see at once; any thread may say so."""
        self._next = 0.0

    def beat(self, counted: int, queue: int) -> None:
        """Do it once; a store that is away is left for the next time."""
        self._next = clock.monotonic() + EVERY_S
        try:
            self._tell(self._link.state, queue)
            self._settle(counted)
            if clock.monotonic() >= self._next_tidy:
                self._next_tidy = clock.monotonic() + TIDY_EVERY_S
                self._tidy()
        except DriverError as error:
            _log.warning("the link's state was not written: %s", error)

    def settle(self, counted: int) -> None:
        """So many messages in all are acknowledged for certain."""
        self._store.hset(self._key("ingest"), "settled", counted)

    def _tell(self, state: LinkState, queue: int) -> None:
        with self._store.pipeline(transaction=False) as pipe:
            (seconds, micros), chosen = pipe.time().get(self._key("ingest:class")).execute()
        now = seconds + micros / 1e6
        ahead = now - clock.now()
        detail = state.detail
        if state.connected and not state.subscribed and not detail:
            detail = "the broker has not confirmed the subscriptions yet"
        link = Link(
            connected=state.connected,
            broker=str(self._link.broker),
            since=state.since + ahead,
            at=now,
            session_present=state.session_present,
            last_packet_at=state.last_packet_at and state.last_packet_at + ahead,
            reconnects=state.reconnects,
            refused_filters=state.refused_filters,
            queue=queue,
            detail=detail,
        )
        self._store.set(self._key("link:ingest"), link.model_dump_json())
        self.priority = int(chosen) if chosen in (b"1", b"2", b"3", b"4", b"5", b"6") else None

    def _settle(self, counted: int) -> None:
        """A PUBACK sent a second ago on a link that still stands has arrived."""
        connection, earlier = self._before
        now = self._link.state
        if now.connected and now.connection == connection and earlier:
            self.settle(earlier)
        self._before = (now.connection, counted)

    def _tidy(self) -> None:
        now_ms = int(clock.now() * 1000)
        buffers = list(self._buffers.values())
        with self._store.pipeline(transaction=False) as pipe:
            for buffer in buffers:
                pipe.xtrim(buffer.key, minid=now_ms - buffer.keep_ms, approximate=True)
                pipe.xlen(buffer.key)
                pipe.memory_usage(buffer.key, samples=5)
            pipe.info("memory").info("persistence")
            found = pipe.execute(raise_on_error=False)
        for at, buffer in enumerate(buffers):
            trimmed, length, size = found[3 * at : 3 * at + 3]
            if isinstance(trimmed, int) and trimmed:
                self._store.hincrby(self._key("counters"), f"trimmed:{buffer.filter}", trimmed)
            metrics.show_buffer(buffer.filter, length, size)
        metrics.show_store(*found[-2:])
