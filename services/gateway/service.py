"""One outbox entry from the checks to its receipt: published once, in time, or not at all."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from typing import Protocol
from weakref import WeakValueDictionary

from omf.messages.properties import NO_PROPERTIES, MessageProperties
from services.common.mqtt.link import NotConnected, PublishRefused, Unacknowledged, WindowFull
from services.common.process import logs, tracing
from services.common.process.failpoint import failpoint
from services.common.store import entries
from services.common.store.bus import Bus
from services.common.store.consumer import StreamConsumer, StreamEntry
from services.common.store.keys import Outgoing, Reason, ReceiptStage
from services.gateway import metrics, reasons
from services.gateway.checks import device, refusal
from services.gateway.repository import GROUP, ReceiptRepository

PUBACK_S = 5.0
"""A broker that is well acknowledges in a millisecond; one that takes longer is frozen."""
PUBLISH_RETRY_S = 0.05
"""Pause before the next try when nothing was sent."""
COMMAND_ID = "command_id"
"""User property by which a message on the broker is found in the audit."""

Outcome = tuple[ReceiptStage, Reason | None]


class UncertainLeadError(Exception):
    """Nothing was sent: the lead has not been renewed, so another gateway may have it."""


class TooLateError(Exception):
    """Nothing was sent: its time passed between the store's permission and the publish."""


class Lead(Protocol):
    """The part of Leadership that is needed here."""

    @property
    def certain(self) -> bool:
        """True while no other gateway can have taken over."""

    def doubt(self) -> None:
        """Ask the store now."""


class Publisher(Protocol):
    """The part of MqttLink that is needed here."""

    def publish(
        self,
        topic: str,
        payload: bytes,
        *,
        qos: int = 1,
        retain: bool = False,
        told: MessageProperties = NO_PROPERTIES,
    ) -> "Future[None]":
        """Send now; the future completes at PUBACK."""


class PublishService:
    """Publishes the entries of one outbox; nothing waits inside the client library.

    `inbox` calls `handle` and `give_up` in the event loop, entries side by side; those of one
    device are published in the order of the calls, each after the PUBACK of the one before.
    ValidationError: the entry is not an Outgoing at all. StoreError: the entry is tried again, with
    the outcome known by then. After a crash between attempt and receipt the outcome is `unknown`,
    unless publishing twice is harmless.
    """

    def __init__(
        self,
        bus: Bus,
        repository: ReceiptRepository,
        link: Publisher,
        connection: "BrokerConnection",
        lead: "Lead",
    ) -> None:
        self.inbox = StreamConsumer(
            bus, "outbox", GROUP, self.handle, lane=_entry_lane, give_up=self.give_up
        )
        self._repository = repository
        self._link = link
        self._connection = connection
        self._lead = lead
        self._outcomes: dict[str, Outcome] = {}
        self._device_locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def handle(self, entry: StreamEntry) -> None:
        """Bring an entry to its receipt."""
        outgoing = entries.decode(Outgoing, entry.fields)
        facts = {"command_id": outgoing.command_id, "topic": outgoing.topic}
        with (
            logs.about(command_id=outgoing.command_id),
            tracing.span("gateway publishes", outgoing.trace, step=outgoing.step, **facts),
        ):
            known = self._outcomes.get(entry.id)
            if outcome := known or await self._one_by_one(outgoing):
                # If the receipt cannot be written now, this must survive until it can.
                self._outcomes[entry.id] = outcome
                await self._settle(entry, outgoing, outcome)
                failpoint("gateway.settled")
                del self._outcomes[entry.id]
            else:
                await self.inbox.acknowledge(entry)

    async def give_up(self, entry: StreamEntry) -> None:
        """Tell how an entry ends whose end was never reached, however often it was tried."""
        outgoing = entries.decode(Outgoing, entry.fields)
        known = self._outcomes.pop(entry.id, None)
        outcome = known or (
            (ReceiptStage.UNKNOWN, reasons.GIVEN_UP_SENT)
            if await self._repository.attempted(outgoing)
            else (ReceiptStage.REFUSED, reasons.GIVEN_UP_UNSENT)
        )
        await self._settle(entry, outgoing, outcome)

    async def _settle(self, entry: StreamEntry, outgoing: Outgoing, outcome: Outcome) -> None:
        await self._repository.settle(entry, outgoing, *outcome)
        metrics.RECEIPTS.labels(outcome[0].value).inc()

    async def _one_by_one(self, outgoing: Outgoing) -> Outcome | None:
        async with self._device_locks.setdefault(device(outgoing.topic), asyncio.Lock()):
            return await self._outcome(outgoing)

    async def _outcome(self, outgoing: Outgoing) -> Outcome | None:
        """None: an earlier attempt settled it already."""
        if why := refusal(outgoing):
            return ReceiptStage.REFUSED, why
        left_s = self._repository.left_s(outgoing)
        waited = not await self._connection.connected_within(left_s) and left_s > 0
        answer = await self._repository.attempt(outgoing)
        if answer in ("go", "again"):
            failpoint("gateway.attempted")
            return await self._publish(outgoing, sent=answer == "again")
        if answer == "attempted":
            return ReceiptStage.UNKNOWN, reasons.ALREADY_SENT
        if answer == "expired":
            return ReceiptStage.EXPIRED, reasons.BROKER_AWAY if waited else reasons.EXPIRED
        return None

    async def _publish(self, outgoing: Outgoing, *, sent: bool) -> Outcome:
        """Try while it is fresh; again only if nothing was sent, or if twice is harmless."""
        why = reasons.BROKER_AWAY
        while True:
            try:
                await self._publish_once(outgoing)
            except (NotConnected, WindowFull, UncertainLeadError, TooLateError) as error:
                away = isinstance(error, NotConnected)
                why = reasons.BROKER_AWAY if away else reasons.EXPIRED
                await asyncio.sleep(PUBLISH_RETRY_S)
            except PublishRefused as error:
                return ReceiptStage.REFUSED, reasons.broker_refused(error.code, error.said)
            except (Unacknowledged, TimeoutError):
                sent = True
                if outgoing.once:
                    return ReceiptStage.UNKNOWN, reasons.NO_PUBACK
            else:
                return ReceiptStage.ACKNOWLEDGED, None
            if not await self._connection.connected_within(self._repository.left_s(outgoing)):
                expired = (ReceiptStage.EXPIRED, why)
                return (ReceiptStage.UNKNOWN, reasons.NO_PUBACK) if sent else expired

    async def _publish_once(self, outgoing: Outgoing) -> None:
        payload = outgoing.payload.encode()
        left_s = self._repository.left_s(outgoing)
        # Frozen since the store permitted it, or behind others of its device that took long.
        if left_s <= 0:
            raise TooLateError
        told = told_with(outgoing, left_s)
        # The last moment: after a freeze between the store's answer and here somebody else leads.
        if not self._lead.certain:
            metrics.UNCERTAIN.inc()
            self._lead.doubt()
            raise UncertainLeadError
        future = self._link.publish(
            outgoing.topic, payload, qos=outgoing.qos, retain=outgoing.retain, told=told
        )
        failpoint("gateway.published")
        await asyncio.wait_for(asyncio.wrap_future(future), PUBACK_S)
        failpoint("gateway.acknowledged")


def told_with(outgoing: Outgoing, left_s: float) -> MessageProperties:
    """What goes with a command by MQTT 5: how long it is good for yet, and its id.

    A receiver that is away until then gets it never, instead of late. What the broker shall retain
    does not expire; 0 would mean that nobody gets it at all.
    """
    expiry_s = None if outgoing.retain else max(1, int(left_s))
    return MessageProperties(expiry_s=expiry_s, user=((COMMAND_ID, outgoing.command_id),))


class BrokerConnection:
    """Whether the broker is connected now, as something the event loop can wait for."""

    def __init__(self, connected: Callable[[], bool]) -> None:
        self._connected = connected
        self._changed = asyncio.Event()

    def on_change(self) -> None:
        """The link came up or broke; call in the event loop."""
        self._changed.set()

    async def connected_within(self, seconds: float) -> bool:
        """True as soon as the broker is connected; False if it was not within that time."""
        end = asyncio.get_running_loop().time() + seconds
        while (left := end - asyncio.get_running_loop().time()) > 0:
            if self._connected():
                return True
            self._changed.clear()
            try:
                await asyncio.wait_for(self._changed.wait(), left)
            except TimeoutError:
                return False
        return False


def _entry_lane(entry: StreamEntry) -> str:
    """Entries side by side: the service knows whose turn it is."""
    return entry.id
