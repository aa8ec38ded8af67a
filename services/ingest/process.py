"""Ingest's life: take over, connect, then batch after batch until told to stop."""

import json
import logging
from contextlib import suppress
from typing import Any

from services.common.mqtt.link import LinkError, LinkState
from services.common.process import clock
from services.common.process.factory_metrics import register
from services.common.process.failpoint import failpoint
from services.common.process.health import Health
from services.common.store.clients import DriverError, check
from services.common.store.keys import key
from services.common.store.sync_policy import check_policies
from services.ingest import metrics
from services.ingest.batch_builder import BatchBuilder
from services.ingest.broker_figures import BrokerFigures
from services.ingest.broker_link import INGEST_OFFLINE, broker_link
from services.ingest.heartbeat import HeartbeatReporter
from services.ingest.inbound_queue import (
    MAX_WAITING_BYTES,
    RETAINED_AGAIN,
    InboundQueue,
    QueuedMessages,
    repeats,
)
from services.ingest.leadership import IngestLeadership, StoppedError
from services.ingest.own_thread import OwnThread, Waits
from services.ingest.redelivery import Redelivery, Sessions
from services.ingest.retained import RetainedValues
from services.ingest.routes import Routes, buffers
from services.ingest.settings import IngestSettings
from services.ingest.stream_ids import ArrivalClock, StreamIdGenerator
from services.ingest.stream_writer import APPEND_RETRY_S, StreamWriter

# Buffers nobody writes to grow old as well.
TIDY_EVERY_S = 30.0
# Idle turns: often enough for the heartbeat and for a stop, rare enough to cost nothing.
TAKE_TIMEOUT_S = 0.5
GOODBYE_S = 1.0

_log = logging.getLogger(__name__)


class Ingest:
    """Everything of one ingest process; `run` is its main thread."""

    def __init__(
        self,
        settings: IngestSettings,
        max_waiting_bytes: int = MAX_WAITING_BYTES,
        waits: Waits = OwnThread(),  # noqa: B008 - has no state
    ) -> None:
        """So much may wait in memory while the store is away; the broker keeps the rest."""
        self.health = Health(self._missing)
        self._waits = waits
        self.stopping = waits.event()
        self._settings = settings
        self._sessions = Sessions()
        self._arrival = ArrivalClock()
        self._queue = InboundQueue(waits.event(), max_waiting_bytes, self._arrival.now)
        self._link = broker_link(settings, self._queue, self._link_changed)
        self._figures = BrokerFigures(settings) if settings.shard.first else None
        self._ids = StreamIdGenerator()
        self._builder = BatchBuilder(Routes(settings.priority, settings.shard), self._ids)
        self._retained = RetainedValues(settings, self._queue)
        self._connection = 0
        self._next_tidy = 0.0
        self._counted = 0
        self._in_hand: float | None = None
        self._opened = False
        self._opening = "it has not been reached yet"

    def run(self) -> None:
        """Mirror until `stopping` is set; UnfitStoreError or SupersededError end it."""
        self.health.beat("append")
        metrics.follow(lambda: self._link.state, lambda: len(self._queue))
        metrics.follow_work(self._lag_s, self._trouble)
        metrics.follow_disk(self._settings.data)
        try:
            self._take_over()
        except StoppedError:
            _log.info("stopped before the store was there")
            return
        self._serve()

    def _serve(self) -> None:
        try:
            self._link.start()
            if self._figures:
                register(self._figures)
                own = self._settings.client_id(self._writer.installation)
                self._figures.start(f"{own}-figures")
            while not self.stopping.is_set():
                self._turn()
        except StoppedError:
            _log.info("stopped while the store was away; what is not appended is unacknowledged")
        finally:
            connected = self._link.state.connected
            self._say_offline()
            self._waits.aside(self._leave)
        self._farewell(acknowledged=connected)

    def _leave(self) -> None:
        self._retained.end()
        self._link.stop()
        if self._figures:
            self._figures.stop()

    def _take_over(self) -> None:
        while True:
            try:
                self._open()
                break
            except DriverError as error:
                self._opening = f"{type(error).__name__}: {error}"
                _log.warning("waiting for the store: %s", error)
                self._wait()
        self._leadership.begin(self._beat, self.stopping)
        last = self._writer.claim()
        self._ids.after(last)
        self._arrival.after(last)
        self._retained.installation = installation = self._writer.installation
        self._link.name(self._settings.client_id("" if self._writer.nameless else installation))
        self._subscribe()
        if self._writer.fresh:
            # A broker that kept our session may not repeat what it retains.
            self._retained.ask(self._builder.routes.subscriptions)

    def _open(self) -> None:
        settings = self._settings
        self._store: Any = self._waits.store(settings.store_address, settings.environment)
        check(self._store)
        check_policies(self._store, settings.durability)
        lie = buffers(settings.environment, Routes(6).filters)
        self._leadership = IngestLeadership(self._store, settings, self.health)
        given = (settings.environment, lie, self._wait, settings.shard, self._leadership.fence)
        self._writer = StreamWriter(self._store, *given)
        self._writer.replicas = settings.store_replicas
        beside = (settings.environment, self._link, lie, settings.shard, self._arrival)
        self._heartbeat = HeartbeatReporter(self._store, *beside)
        self._opened = True

    def _turn(self) -> None:
        self._beat()
        self._leadership.keep()
        if taken := self._queue.take(min(TAKE_TIMEOUT_S, self._leadership.due_in_s)):
            self._mirror_all(taken)
        if self._heartbeat.due():
            self._heartbeat.beat(self._counted, len(self._queue), self._journal_until())
            self._follow_class()
            self._retained.leave_when_done()
        if self._heartbeat.emptied:
            self._renew()
        if clock.monotonic() >= self._next_tidy:
            self._next_tidy = clock.monotonic() + TIDY_EVERY_S
            self._tidy()

    def _mirror_all(self, taken: QueuedMessages) -> None:
        self._in_hand = taken.since
        again = taken.connection == RETAINED_AGAIN
        if not again:
            self._recall(taken)
        batch = self._builder.batch(taken.blocks, again=again)
        failpoint("ingest.taken")
        began = clock.monotonic()
        appended = self._writer.append(batch)
        failpoint("ingest.appended")
        self._link.ack_all(taken.mids(), taken.connection)
        self._counted = appended.counted
        self._heartbeat.emptied |= appended.emptied
        if batch.too_large:
            self._heartbeat.refused(batch.too_large, batch.counts["rejected:too_large"])
        metrics.show_batch(len(taken), batch, appended)
        metrics.show_times(clock.monotonic() - began, self._arrival.now() - taken.since)
        self._in_hand = None

    def _recall(self, taken: QueuedMessages) -> None:
        """Some of it may be here already: the first of a connection, and whatever has DUP."""
        if taken.connection != self._connection:
            self._connection = taken.connection
            kept = self._sessions.begin(taken.connection)
            self._builder.begin(Redelivery(*self._writer.window()) if kept else None)
        elif repeats(taken.blocks):
            self._builder.recall(*self._writer.window())

    def _subscribe(self) -> None:
        """Ask for what the class needs; drop what an earlier run may have left in the session."""
        wanted = self._builder.routes.subscriptions
        state = key(self._settings.environment, self._settings.shard.name("ingest"))
        try:
            before = json.loads(self._store.hget(state, "subscriptions") or "[]")
            self._store.hset(state, "subscriptions", json.dumps(sorted({*before, *wanted})))
        except DriverError as error:
            _log.warning("old subscriptions are not known: %s", error)
            before = []
        self._link.subscribe(wanted, drop=before)

    def _renew(self) -> None:
        """Somebody emptied the store: a new subscription brings all that the broker retains."""
        _log.error(
            "the store was emptied; what was in it is gone, retained values are asked for again"
        )
        self._writer.renew()
        self._retained.ask(self._builder.routes.subscriptions)
        self._heartbeat.renewed()
        self._heartbeat.hurry()

    def _follow_class(self) -> None:
        chosen = self._heartbeat.priority or self._settings.priority
        if chosen != self._builder.routes.priority:
            _log.info("mirrors class %s from now on", chosen)
            self._builder.routes = Routes(chosen, self._settings.shard)
            self._subscribe()

    def _link_changed(self, state: LinkState) -> None:
        """Runs in the network thread, before any message of that connection."""
        if state.connected:
            self._sessions.opened(state.connection, kept=state.session_present)
        self._heartbeat.hurry()
        self._queue.wake()

    def _tidy(self) -> None:
        """Also when nothing arrives; the first shard does it for all."""
        if not self._settings.shard.first:
            return
        tidied = self._writer.tidy(int(self._arrival.now() * 1000))
        self._heartbeat.emptied |= tidied.emptied
        metrics.show_trimmed(tidied.trimmed)
        try:
            check_policies(self._store, self._settings.durability)
            self._heartbeat.measure()
        except DriverError as error:
            _log.warning("the buffers were not measured: %s", error)

    def _wait(self) -> None:
        self._beat()
        if self._opened:
            self._leadership.keep()
        if self.stopping.wait(APPEND_RETRY_S):
            raise StoppedError

    def _beat(self) -> None:
        self.health.beat("append")
        # A thread that dies before its first turn is missed as well: `start` was its first.
        if turned_at := self._link.turned_at:
            self.health.beat("network", turned_at)

    def _say_offline(self) -> None:
        """What the last will says: the broker keeps it to itself when we leave politely."""
        if not self._settings.announce:
            return
        with suppress(LinkError, TimeoutError):
            said = self._link.publish(self._settings.state_topic, INGEST_OFFLINE, retain=True)
            self._waits.aside(lambda: said.result(GOODBYE_S))

    def _farewell(self, *, acknowledged: bool) -> None:
        """Every PUBACK was sent before the DISCONNECT: nothing appended comes again."""
        try:
            if acknowledged:
                self._heartbeat.settle(self._counted)
            self._heartbeat.beat(self._counted, len(self._queue), self._journal_until())
        except DriverError as error:
            _log.warning("the store was away at the end: %s", error)
        self._leadership.end("release")

    def _journal_until(self) -> float:
        return self._queue.taken_until() if self._in_hand is None else self._in_hand

    def _lag_s(self) -> float:
        return max(0.0, self._arrival.now() - since) if (since := self._in_hand) else 0.0

    def _trouble(self) -> str:
        return self._writer.trouble if self._opened else self._opening

    def _missing(self) -> str | None:
        state = self._link.state
        if trouble := self._trouble():
            return f"the store does not take what comes: {trouble}"
        if not state.connected:
            return f"the broker is not connected: {state.detail}"
        if state.refused_filters:
            return state.detail
        return None if state.subscribed else "the broker has not confirmed the subscriptions"
