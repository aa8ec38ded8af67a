"""Parts of the program as somebody could have written them wrong; `seeded_bugs` puts them in."""

import asyncio
import secrets
from typing import Any

from services.alarms.repository import AlarmRepository
from services.common.mqtt.link import Unacknowledged
from services.common.store.keys import Reason, ReceiptStage
from services.common.store.lease import Lease
from services.gateway import service as gateway_service
from services.ingest.inbound_queue import RETAINED_AGAIN
from services.ingest.stream_writer import StreamWriter
from services.orders import reasons, transitions
from services.orders.execution import Transition
from services.orders.stages import Passage


def nothing(*_: Any, **__: Any) -> None:
    """Leave it out."""


async def later(*_: Any, **__: Any) -> None:
    """Leave it out, awaited."""


async def acknowledged_though_failed(self: Any, entry: Any) -> None:
    try:
        await self._handle(entry if entry.fields else await self._claim(entry.id, 0.0))
    except Exception:  # noqa: BLE001 - the fault
        await self.acknowledge(entry)
    self._left.discard(entry.id)
    if not self._left:
        self._caught_up.set()


async def published_before_asked(self: Any, outgoing: Any) -> Any:
    if why := gateway_service.refusal(outgoing):
        return ReceiptStage.REFUSED, why
    found = await self._publish(outgoing, sent=False)
    await self._repository.attempt(outgoing)
    return found


async def sent_again(self: Any, outgoing: Any, *, sent: bool) -> Any:
    del sent
    for _ in range(3):
        try:
            await self._publish_once(outgoing)
        except (Unacknowledged, TimeoutError, gateway_service.NotConnected):
            await asyncio.sleep(1.0)
        else:
            return ReceiptStage.ACKNOWLEDGED, None
    return ReceiptStage.UNKNOWN, None


async def not_awaited(self: Any, outgoing: Any) -> None:
    self._link.publish(outgoing.topic, outgoing.payload.encode())


def acknowledged_first(self: Any, taken: Any) -> None:
    again = taken.connection == RETAINED_AGAIN
    if not again and taken.connection != self._connection:
        self._begin(taken.connection)
    self._link.ack_all(taken.mids(), taken.connection)
    self._counted = self._writer.append(self._builder.batch(taken.blocks, again=again)).counted


def another_number(self: Any, keys: Any, args: Any) -> Any:
    """What was perhaps written gets a new number: the script takes it for something else."""
    self._sequence += 1
    return _APPENDED(self, keys, [args[0], self._sequence, *args[2:]])


_APPENDED = StreamWriter._appended


def anybody(
    kind: str, given: dict[str, Any], operator: str, lease: Lease, now: float
) -> Lease | Reason:
    del given
    holder = operator if kind == "control-take" else ""
    return lease.model_copy(update={"holder": holder, "since": now, "until": now + 3600.0})


def half_folded(self: Any, batch: Any) -> None:
    for message in batch[:-1]:
        self.state.apply(message, message.received_at)
    if batch:
        self.journal_id = batch[-1].id


async def receipt_ignored(self: Any, entry: Any) -> None:
    await self.inbox.acknowledge(entry)


def twice(execution: Any, *events: Any, **given: Any) -> Transition:
    return _TRANSITION_OF(execution, *events, *events[-1:], **given)


_TRANSITION_OF = transitions.transition_of


def always_proven(execution: Any, receipt: Any, proof: Any, now: float) -> Transition:
    found = _ON_RECEIPT(execution, receipt, proof, now)
    if receipt.stage is ReceiptStage.EXPIRED:
        event = transitions.event_of(execution, Passage.PROVEN, now)
        return transitions.transition_of(None, event, release=True)
    return found


_ON_RECEIPT = transitions.on_receipt


def no_effect_when_unknown(execution: Any, receipt: Any, proof: Any, now: float) -> Transition:
    if receipt.stage is ReceiptStage.UNKNOWN:
        why = receipt.reason or reasons.GATEWAY_SILENT
        event = transitions.event_of(execution, Passage.SILENT, now, why)
        return transitions.transition_of(None, event, release=True)
    return _ON_RECEIPT(execution, receipt, proof, now)


async def own_name(_: Any) -> str:
    return secrets.token_hex(3)


async def wakes_too_soon(self: Any, monitor: Any, view: Any) -> None:
    execution = monitor.execution
    if execution is not None and view.now > execution.expires_at - 4.0:
        unsent = transitions.on_never_sent(execution, view.now)
        await self._time_out(monitor, execution, unsent)


async def asked_once(self: Any, *chained: Any) -> Any:
    script, keys, args, sealed = chained
    before = self._head
    self._head = sealed(before)
    return await self._bus.script(script, keys, args(before))


async def always_claims(self: Any, now: float, *, at_once: bool) -> None:
    del at_once
    await _CLAIM(self, now, at_once=True)
    self.lives = {}


_CLAIM = AlarmRepository.claim
