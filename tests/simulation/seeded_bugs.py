"""Fifty faults as somebody could write them; a simulation worth its name catches every one.

Each takes one promise out of one place: a line of a script, a check, a wait, an order of two steps.
"""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any, NamedTuple
from unittest import mock

from services.alarms import process as alarms_process
from services.alarms import repository as alarm_repository
from services.common.mqtt.link import Unacknowledged
from services.common.store import consumer, fold_reader
from services.common.store.keys import Reason, ReceiptStage, Stage
from services.common.store.lease import Lease
from services.gateway import repository as gateway_repository
from services.gateway import service as gateway_service
from services.ingest import batch_builder, stream_writer
from services.ingest import process as ingest_process
from services.orders import decision, effects, locks, records, reasons, stages, transitions
from services.orders import repository as orders_repository
from services.orders import service as orders_service
from services.orders import workflows as orders_workflows
from services.orders.execution import Transition
from services.orders.stages import Passage


class Wrong(NamedTuple):
    """One thing of the program, and what stands in its place."""

    where: Any
    name: str
    instead: Any


class SeededBug(NamedTuple):
    """A fault by the promise it breaks."""

    name: str
    wrongs: tuple[Wrong, ...]

    @contextmanager
    def worn(self) -> Iterator[None]:
        """The program has it in here."""
        with ExitStack() as stack:
            for where, name, instead in self.wrongs:
                stack.enter_context(mock.patch.object(where, name, instead))
            yield


def _bug(name: str, where: Any, attribute: str, instead: Any) -> SeededBug:
    return SeededBug(name, (Wrong(where, attribute, instead),))


def _script(name: str, module: Any, attribute: str, line: str, instead: str = "") -> SeededBug:
    """A script with one line changed; ValueError if it has no such line any more."""
    text = getattr(module, attribute)
    if line not in text:
        raise ValueError(f"{name}: {attribute} has no {line!r}")
    return _bug(name, module, attribute, text.replace(line, instead, 1))


def _nothing(*_: Any, **__: Any) -> None:
    """Leave it out."""


async def _later(*_: Any, **__: Any) -> None:
    """Leave it out, awaited."""


def _decide(name: str, line: str, instead: str = "") -> SeededBug:
    return _script(name, orders_repository, "_DECIDE", line, instead)


def _advance(name: str, line: str, instead: str = "") -> SeededBug:
    return _script(name, orders_repository, "_ADVANCE", line, instead)


def _append(name: str, line: str, instead: str = "") -> SeededBug:
    return _script(name, stream_writer, "_APPEND", line, instead)


async def _acknowledged_though_failed(self: Any, entry: Any) -> None:
    try:
        await self._handle(entry if entry.fields else await self._claim(entry.id, 0.0))
    except Exception:  # noqa: BLE001 - the fault
        await self.acknowledge(entry)
    self._left.discard(entry.id)
    if not self._left:
        self._caught_up.set()


async def _published_before_asked(self: Any, outgoing: Any) -> Any:
    if why := gateway_service.refusal(outgoing):
        return ReceiptStage.REFUSED, why
    found = await self._publish(outgoing, sent=False)
    await self._repository.attempt(outgoing)
    return found


async def _sent_again(self: Any, outgoing: Any, *, sent: bool) -> Any:
    del sent
    for _ in range(3):
        try:
            await self._publish_once(outgoing)
        except (Unacknowledged, TimeoutError, gateway_service.NotConnected):
            await asyncio.sleep(1.0)
        else:
            return ReceiptStage.ACKNOWLEDGED, None
    return ReceiptStage.UNKNOWN, None


async def _not_awaited(self: Any, outgoing: Any) -> None:
    self._link.publish(outgoing.topic, outgoing.payload.encode())


def _acknowledged_first(self: Any, taken: Any) -> None:
    again = taken.connection == ingest_process.RETAINED_AGAIN
    if not again and taken.connection != self._connection:
        self._begin(taken.connection)
    self._link.ack_all(taken.mids(), taken.connection)
    self._counted = self._writer.append(self._builder.batch(taken.blocks, again=again)).counted


def _never_acknowledged(self: Any, taken: Any) -> None:
    again = taken.connection == ingest_process.RETAINED_AGAIN
    if not again and taken.connection != self._connection:
        self._begin(taken.connection)
    self._counted = self._writer.append(self._builder.batch(taken.blocks, again=again)).counted


def _tried_anew(self: Any, call: Any) -> Any:
    """What was perhaps written gets a new number: the script takes it for something else."""
    while True:
        try:
            return call()
        except stream_writer.DriverError:
            self._sequence += 1
            self._wait()


def _anybody(
    kind: str, given: dict[str, Any], operator: str, lease: Lease, now: float
) -> Lease | Reason:
    del given
    holder = operator if kind == "control-take" else ""
    return lease.model_copy(update={"holder": holder, "since": now, "until": now + 3600.0})


def _half_folded(self: Any, batch: Any) -> None:
    for message in batch[:-1]:
        self.state.apply(message, message.received_at)
    if batch:
        self.journal_id = batch[-1].id


async def _receipt_ignored(self: Any, entry: Any) -> None:
    await self.inbox.acknowledge(entry)


async def _forgotten_at_the_start(self: Any) -> None:
    del self


async def _proof_not_heard_again(self: Any, executions: Any, until: str = "") -> None:
    del self, executions, until


def _twice(execution: Any, *events: Any, **given: Any) -> Transition:
    return _TRANSITION_OF(execution, *events, *events[-1:], **given)


_TRANSITION_OF = transitions.transition_of


def _always_proven(execution: Any, receipt: Any, proof: Any, now: float) -> Transition:
    found = _ON_RECEIPT(execution, receipt, proof, now)
    if receipt.stage is ReceiptStage.EXPIRED:
        event = transitions.event_of(execution, Passage.PROVEN, now)
        return transitions.transition_of(None, event, release=True)
    return found


_ON_RECEIPT = transitions.on_receipt


def _no_effect_when_unknown(execution: Any, receipt: Any, proof: Any, now: float) -> Transition:
    if receipt.stage is ReceiptStage.UNKNOWN:
        why = receipt.reason or reasons.GATEWAY_SILENT
        event = transitions.event_of(execution, Passage.SILENT, now, why)
        return transitions.transition_of(None, event, release=True)
    return _ON_RECEIPT(execution, receipt, proof, now)


async def _wakes_too_soon(self: Any, monitor: Any, view: Any) -> None:
    execution = monitor.execution
    if execution is not None and view.now > execution.expires_at - 4.0:
        unsent = transitions.on_never_sent(execution, view.now)
        await self._time_out(monitor, execution, unsent)


async def _first_answer_is_false(self: Any, *chained: Any) -> Any:
    script, keys, args, sealed = chained
    before = self._head
    self._head = sealed(before)
    return await self._bus.script(script, keys, args(before))


async def _always_claims(self: Any, now: float, *, at_once: bool) -> None:
    del at_once
    await _CLAIM(self, now, at_once=True)
    self.lives = {}


_CLAIM = alarm_repository.AlarmRepository.claim


def _no_rights(_: Any) -> tuple[()]:
    return ()


BUGS: tuple[SeededBug, ...] = (
    # The arbiter decides once.
    _decide("a command is decided each time it is read", "if redis.call('EXISTS', KEYS[2]) == 1", "if false"),
    _decide("a decision leaves its entry in hand", "if ARGV[13] ~= lease then redis.call('SET', KEYS[9], ARGV[13]) end\nredis.call('XACK', KEYS[1], ARGV[1], ARGV[2])", ""),
    _decide("the lock of another is written over", "if other and (other.held or other.operator ~= mine.operator) then", "if false then"),
    _decide("no lock is taken", "for i = 10, #KEYS do redis.call('SET', KEYS[i], ARGV[9], 'PX', ARGV[10]) end", ""),
    _decide("a decision on an old lease stands", "if lease ~= ARGV[12] then return {'lease', lease} end", ""),
    _decide("the lease is not written", "if ARGV[13] ~= lease then redis.call('SET', KEYS[9], ARGV[13]) end", ""),
    _decide("the audit is written behind another one's back", "if head ~= ARGV[14] then return {'behind', head} end", ""),
    _decide("the head of the audit stays where it was", "redis.call('SET', KEYS[7], ARGV[15])", ""),
    _decide("an accepted command is not kept", "if ARGV[7] ~= '' then redis.call('HSET', KEYS[6], ARGV[3], ARGV[7]) end", ""),
    _decide("an accepted command is not handed over", "if ARGV[8] ~= '' then redis.call('XADD', KEYS[4], '*', '__data__', ARGV[8]) end", ""),
    _decide("it is handed over twice", "if ARGV[8] ~= '' then", "if ARGV[8] ~= '' then redis.call('XADD', KEYS[4], '*', '__data__', ARGV[8])"),
    # It goes one stage on at a time.
    _advance("a stage is written over a newer one", "if told ~= tonumber(ARGV[2]) then return {'stale'} end", ""),
    _advance("what was attempted ends as never sent", "if ARGV[8] == '1' and redis.call('EXISTS', KEYS[6]) == 1 then return {'sent'} end", ""),
    _advance("an outcome takes the audit's chain as it comes", "if head ~= ARGV[12] then return {'behind', head} end", ""),
    _advance("what has ended is still awaited", "redis.call('HDEL', KEYS[4], ARGV[1])\nend\nif ARGV[10]", "end\nif ARGV[10]"),
    _advance("the locks of what has ended stay", "if claim and claim.command_id == ARGV[1] then", "if false then"),
    _advance("the next step is not handed over", "if ARGV[5] ~= '' then redis.call('XADD', KEYS[3], '*', '__data__', ARGV[5]) end", ""),
    _advance("a receipt stays in hand", "if ARGV[7] ~= '' then redis.call('XACK', KEYS[5], ARGV[6], ARGV[7]) end", ""),
    _bug("each last event is written twice", transitions, "transition_of", _twice),
    _bug("what expired counts as proven", orders_workflows.transitions, "on_receipt", _always_proven),
    _bug("doubt is told as no effect", orders_workflows.transitions, "on_receipt", _no_effect_when_unknown),
    _bug("a receipt is acknowledged and not read", orders_workflows.WorkflowOrderManager, "on_receipt", _receipt_ignored),
    _bug("time decides nothing", orders_workflows.WorkflowOrderManager, "_check_time", _later),
    _bug("time decides too soon and without asking", orders_workflows.WorkflowOrderManager, "_check_time", _wakes_too_soon),
    _bug("what was awaited is forgotten at a start", orders_workflows.WorkflowOrderManager, "open", _forgotten_at_the_start),
    _bug("what was heard while away is not heard again", orders_workflows.WorkflowOrderManager, "_replay", _proof_not_heard_again),
    _bug("a decision that failed stays awaited", orders_workflows.WorkflowOrderManager, "forget", _nothing),
    _bug("the chain is not taken up where it stands", orders_repository.CommandRepository, "_chained", _first_answer_is_false),
    _bug("every command has the same order ids", orders_service, "_new_id", lambda: "00000000-0000-0000-0000-00000000000a"),
    _bug("nobody's right is asked", decision, "_violations_of", lambda *_: iter(())),
    _bug("whoever asks has the lease", orders_service, "transfer_lease", _anybody),
    # The gateway publishes once, in time.
    _script("a publish is permitted however often it was begun", gateway_repository, "_ATTEMPT", "if before and (before ~= 'attempted' or ARGV[2] == '1') then return before end", ""),
    _script("a publish is permitted after its time", gateway_repository, "_ATTEMPT", "if left <= 0 or left > tonumber(ARGV[5]) then", "if false then"),
    _script("an attempt is not noted", gateway_repository, "_ATTEMPT", "redis.call('SET', KEYS[1], 'attempted', 'EX', ARGV[4])", ""),
    _script("a published entry stays in hand", gateway_repository, "_SETTLE", "redis.call('XACK', KEYS[3], ARGV[3], ARGV[4])", ""),
    _script("no receipt is written", gateway_repository, "_SETTLE", "redis.call('XADD', KEYS[2], '*', '__data__', ARGV[2])", ""),
    _bug("it publishes before it asks", gateway_service.PublishService, "_outcome", _published_before_asked),
    _bug("what was not acknowledged is sent again", gateway_service.PublishService, "_publish", _sent_again),
    _bug("it does not wait for the PUBACK", gateway_service.PublishService, "_publish_once", _not_awaited),
    # Ingest mirrors each message once.
    _bug("it acknowledges before it appends", ingest_process.Ingest, "_mirror_all", _acknowledged_first),
    _bug("it never acknowledges", ingest_process.Ingest, "_mirror_all", _never_acknowledged),
    _bug("what the broker repeats is new to it", batch_builder, "Redelivery", lambda *_: mock.Mock(over=True)),
    _bug("a batch of unknown outcome is another one", stream_writer.StreamWriter, "_tried", _tried_anew),
    _append("a batch is appended as often as it is sent", "if state[2] and tonumber(state[2]) >= tonumber(ARGV[2]) then", "if false then"),
    _append("a former life still appends", "if (state[1] and state[1] ~= ARGV[1]) or (all[4] and all[4] ~= ARGV[3]) then return {'superseded'} end", ""),
    _append("what was acknowledged is not remembered", "local size = redis.call('APPEND', WINDOW, ARGV[4])", "local size = 0"),
    _append("each retained value is news", "news = not known(topic, payload, head)", "news = true"),
    _append("no last value is kept", "redis.call('HSET', LATEST, topic, ARGV[i] .. flags .. ARGV[i + 2])", ""),
    # Who reads a stream handles each entry.
    _bug("what failed is taken for done", consumer.StreamConsumer, "_attempt", _acknowledged_though_failed),
    _bug("what failed does not come again", consumer.StreamConsumer, "sweep", _later),
    _bug("the last of each batch is not folded", fold_reader.FoldReader, "fold", _half_folded),
    # The alarms have one owner and one life each.
    _script("of two owners both write", alarm_repository, "_WRITE", "if word ~= ARGV[1] then return {'behind', word} end", ""),
    _script("the alarms of now are not kept", alarm_repository, "_WRITE", "redis.call('HSET', KEYS[2], ARGV[at], ARGV[at + 1])", ""),
    _bug("a new owner begins with none", alarm_repository.AlarmRepository, "claim", _always_claims),
)
