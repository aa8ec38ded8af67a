"""Once a second: tell how the link is, look for a new class; now and then: measure the buffers."""

import logging
from collections.abc import Callable, Mapping
from typing import Any

from services.common.mqtt.link import LinkState
from services.common.mqtt.mqtt_link import MqttLink
from services.common.process import clock
from services.common.process.lost_time import STORE_CALLS
from services.common.store.clients import DriverError, answered
from services.common.store.keys import JOURNAL, LinkHealth, TooLarge, key
from services.common.store.requirements import SECTIONS
from services.ingest import metrics
from services.ingest.routes import Buffer
from services.ingest.shards import Shard, complete_until, down, heard_at
from services.ingest.stream_ids import ArrivalClock, ClockStep

PULSE_EVERY_S = 1.0
_log = logging.getLogger(__name__)


class HeartbeatReporter:
    """What ingest does beside appending, in the same thread and with the same store client.

    `hurry` may be called by any thread, all else by the main thread of ingest. `beat` leaves a
    store that is away for the next time; `settle` and `measure` raise DriverError. After a crash
    nothing here is missed: what was not settled is told apart by the window of marks.
    """

    def __init__(
        self,
        store: Any,
        environment: str,
        link: MqttLink,
        buffers: Mapping[str, Buffer],
        shard: Shard,
        arrival: ArrivalClock,
    ) -> None:
        self._store = store
        self._link = link
        self._buffers = buffers
        self._key: Callable[[str], str] = lambda name: key(environment, name)
        self._shard = shard
        self._arrival = arrival
        self._step: ClockStep | None = None
        self._next = 0.0
        self._before = (0, 0)
        self._too_large: TooLarge | None = None
        self._kept = (0, 0)
        self._told: dict[str, float] = {}
        self.emptied = False
        """The store lacks something we kept there; set back by `renewed`."""
        self.priority: int | None = None
        """The class an administrator chose; None: never."""

    def due(self) -> bool:
        """True once a second."""
        return clock.monotonic() >= self._next

    def hurry(self) -> None:
        """Something changed that people should see at once; any thread may say so."""
        self._next = 0.0

    def beat(self, counted: int, queue: int, journal_until: float) -> None:
        """Do it once; a store that is away is left for the next time.

        `journal_until`: whatever came by then was appended, by the arrival clock.
        """
        self._next = clock.monotonic() + PULSE_EVERY_S
        try:
            with STORE_CALLS.waiting():
                told = self._told_link(self._link.state, queue, journal_until)
                with self._store.pipeline(transaction=False) as pipe:
                    pipe.set(self._key(self._shard.link()), told.model_dump_json())
                    self._settle(counted, pipe)
                    answered(pipe.execute())
        except DriverError as error:
            _log.warning("the link's state was not written: %s", error)

    def refused(self, one: TooLarge, count: int) -> None:
        """So many payloads were too large, the last of them this one: people are told of it."""
        before = self._too_large.count if self._too_large else 0
        self._too_large = one.model_copy(update={"count": before + count})
        _log.warning(
            "a payload of %d bytes on %s was refused; the limit is %d",
            one.size,
            one.topic,
            one.limit,
        )
        self.hurry()

    def renewed(self) -> None:
        """What the store lacks is asked for again."""
        self.emptied, self._kept = False, (0, 0)

    def settle(self, counted: int, store: Any = None) -> None:
        """So many messages in all are acknowledged for certain; `store` may be a pipeline of it."""
        name = self._key(self._shard.name("ingest"))
        (self._store if store is None else store).hset(name, "settled", counted)

    def _told_link(self, state: LinkState, queue: int, journal_until: float) -> LinkHealth:
        others = self._shard.links() if self._shard.first else []
        now, chosen, found = self._look(others)
        ahead = now - clock.now()
        detail = state.detail or down(others, found, now)
        if state.connected and not state.subscribed and not detail:
            detail = "the broker has not confirmed the subscriptions yet"
        self.priority = int(chosen) if chosen in (b"1", b"2", b"3", b"4", b"5", b"6") else None
        return LinkHealth(
            connected=state.connected,
            broker=str(self._link.broker),
            client_id=self._link.client_id,
            since=state.since + ahead,
            at=now,
            session_present=state.session_present,
            last_packet_at=heard_at(state.last_packet_at and state.last_packet_at + ahead, found),
            reconnects=state.reconnects,
            refused_filters=state.refused_filters,
            queue=queue,
            journal_until=complete_until(journal_until, found),
            detail=detail,
            taken_over_by=state.taken_over_by,
            protocol=state.protocol,
            too_large=self._too_large,
            **self._clocks(now),
            **self._told,
        )

    def _look(self, others: list[str]) -> tuple[float, bytes | None, list[bytes | None]]:
        """The store's time, the class chosen, and the links of other shards; and gaps, at once."""
        with self._store.pipeline(transaction=False) as pipe:
            pipe.time()
            pipe.mget([self._key(name) for name in ("ingest:class", *others)])
            pipe.hget(self._key(self._shard.name("ingest")), "epoch")
            pipe.hmget(self._key("ingest"), "born", "emptied")
            pipe.hlen(self._key("latest"))
            pipe.xinfo_stream(self._key(f"buffer:{JOURNAL}"))
            *found, journal = answered(pipe.execute(raise_on_error=False))
        for answer in found:
            if isinstance(answer, DriverError):
                raise answer
        (seconds, micros), (chosen, *links), epoch, times, latest = found
        self._look_for_gaps(epoch, times, latest, journal)
        return seconds + micros / 1e6, chosen, links

    def _look_for_gaps(
        self, epoch: bytes | None, times: list[bytes | None], latest: int, journal: object
    ) -> None:
        """What is kept never shrinks: topics with a last value, entries ever added to the journal.

        So a deletion is seen even if new messages came behind it at once.
        """
        born, emptied = times
        ever = journal["entries-added"] if isinstance(journal, dict) else 0
        kept = (latest, ever)
        if not (epoch and born) or any(
            now < was for now, was in zip(kept, self._kept, strict=True)
        ):
            self.emptied = True
        self._kept = kept
        told = {"born": born, "emptied_at": emptied}
        self._told = {name: int(ms) / 1000 for name, ms in told.items() if ms}

    def _clocks(self, now: float) -> dict[str, float]:
        """What readers need to know of clocks; a step is logged once."""
        ahead_s = round(self._arrival.now() - now, 3)
        if (step := self._arrival.step) is None:
            return {"ahead_s": ahead_s}
        if step != self._step:
            self._step = step
            _log.warning(
                "the clock of this host was set by %+.0f s; ids of messages are %.0f s ahead of it",
                step.seconds,
                ahead_s,
            )
        return {"ahead_s": ahead_s, "clock_step_s": step.seconds, "clock_step_at": step.at}

    def _settle(self, counted: int, pipe: Any) -> None:
        """A PUBACK sent a second ago on a link that still stands has arrived."""
        connection, earlier = self._before
        now = self._link.state
        if now.connected and now.connection == connection and earlier:
            self.settle(earlier, pipe)
        self._before = (now.connection, counted)

    def measure(self) -> None:
        """Length and bytes of every buffer, and the store (of a cluster the node that has them)."""
        buffers = list(self._buffers.values())
        with STORE_CALLS.waiting(), self._store.pipeline(transaction=False) as pipe:
            for buffer in buffers:
                pipe.xlen(buffer.key)
                pipe.memory_usage(buffer.key, samples=5)
            found = answered(pipe.execute(raise_on_error=False))
        for buffer, length, size in zip(buffers, found[::2], found[1::2], strict=True):
            metrics.show_buffer(buffer.filter, length, size)
        metrics.show_store(self._store.info(*SECTIONS))
