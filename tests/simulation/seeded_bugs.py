"""Fifty faults as somebody could write them; a simulation worth its name catches every one.

Each takes one promise out of one place: a line of a script, a check, a wait, an order of two steps.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, NamedTuple
from unittest.mock import Mock, patch

from services.alarms import repository as alarm_repository
from services.alarms.repository import AlarmRepository
from services.common.store import fence, fold_reader
from services.common.store.consumer import StreamConsumer
from services.common.store.leader_lease import LeaderLease
from services.gateway import process as gateway_process
from services.gateway import repository as gateway_repository
from services.gateway.service import PublishService
from services.ingest import process as ingest_process
from services.ingest import stream_writer
from services.ingest.process import Ingest
from services.ingest.stream_writer import StreamWriter
from services.orders import decision, transitions
from services.orders import repository as orders_repository
from services.orders import service as orders_service
from services.orders.repository import CommandRepository
from services.orders.workflows import WorkflowOrderManager
from tests.simulation.faulty_parts import (
    acknowledged_first,
    acknowledged_though_failed,
    always_claims,
    always_proven,
    another_number,
    anybody,
    asked_once,
    half_folded,
    later,
    no_effect_when_unknown,
    not_awaited,
    nothing,
    own_name,
    published_before_asked,
    receipt_ignored,
    sent_again,
    twice,
    wakes_too_soon,
)


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
                stack.enter_context(patch.object(where, name, instead))
            yield


def _bug(name: str, where: Any, attribute: str, instead: Any) -> SeededBug:
    return SeededBug(name, (Wrong(where, attribute, instead),))


def _script(
    name: str, module: Any, attribute: str, line: str, instead: str = "", *, last: bool = False
) -> SeededBug:
    """A script without the first (or last) line that begins so; LookupError if there is none."""
    lines = getattr(module, attribute).split("\n")
    places = [n for n, one in enumerate(lines) if one.strip().startswith(line)]
    if not places:
        raise LookupError(f"{name}: no line of {attribute} begins with {line!r}")
    lines[places[-1 if last else 0]] = instead
    return _bug(name, module, attribute, "\n".join(lines))


def _decide(name: str, *line: str, last: bool = False) -> SeededBug:
    return _script(name, orders_repository, "_DECIDE", *line, last=last)


def _advance(name: str, *line: str, last: bool = False) -> SeededBug:
    return _script(name, orders_repository, "_ADVANCE", *line, last=last)


def _attempt(name: str, *line: str) -> SeededBug:
    return _script(name, gateway_repository, "_ATTEMPT", *line)


def _append(name: str, *line: str) -> SeededBug:
    return _script(name, stream_writer, "_APPEND", *line)


def _all(name: str, *bugs: SeededBug) -> SeededBug:
    """Several at once, where each alone is caught by another protection."""
    return SeededBug(name, tuple(wrong for bug in bugs for wrong in bug.wrongs))


_NO_FENCE = _bug("", fence, "_CHECK", "table.remove(KEYS)\ntable.remove(ARGV)")
_YES = property(lambda _: True)
NEVER = "if false then"
SAME_ID = "00000000-0000-4000-8000-00000000000a"
BUGS: tuple[SeededBug, ...] = (
    # The arbiter decides once.
    _decide("a command is decided each time it is read", "if redis.call('EXISTS', KEYS[2])", NEVER),
    _decide("a decision leaves its entry in hand", "redis.call('XACK'", last=True),
    _decide("the lock of another is written over", "if other and (other.held", NEVER),
    _decide("no lock is taken", "for i = 10, #KEYS do redis.call('SET'"),
    _decide("the lease is not written", "if ARGV[13] ~= lease then"),
    _decide("the audit is written behind another one's back", "if head ~= ARGV[14]"),
    _decide("the head of the audit stays where it was", "redis.call('SET', KEYS[7]"),
    _decide("an accepted command is not kept", "if ARGV[7] ~= ''"),
    _decide("an accepted command is not handed over", "if ARGV[8] ~= ''"),
    _decide("it is not written into the audit", "redis.call('XADD', KEYS[5]"),
    _decide("its life is not written", "redis.call('RPUSH', KEYS[2], ARGV[5])"),
    # It goes one stage on at a time.
    _advance("a stage is written over a newer one", "if told ~= tonumber(ARGV[2])"),
    _advance("what was attempted ends as never sent", "if ARGV[8] == '1'"),
    _advance("an outcome takes the audit's chain as it comes", "if head ~= ARGV[12]"),
    _advance("what has ended is still awaited", "redis.call('HDEL', KEYS[4]", last=True),
    _advance("the locks of what has ended stay", "if claim and claim.command_id", NEVER),
    _advance("the next step is not handed over", "if ARGV[5] ~= ''"),
    _advance("a receipt stays in hand", "if ARGV[7] ~= ''"),
    _bug("each last event is written twice", transitions, "transition_of", twice),
    _bug("what expired counts as proven", transitions, "on_receipt", always_proven),
    _bug("doubt is told as no effect", transitions, "on_receipt", no_effect_when_unknown),
    _bug("a receipt is acknowledged unread", WorkflowOrderManager, "on_receipt", receipt_ignored),
    _bug("time decides nothing", WorkflowOrderManager, "_check_time", later),
    _bug(
        "time decides too soon and without asking",
        WorkflowOrderManager,
        "_check_time",
        wakes_too_soon,
    ),
    _bug("what was awaited is forgotten at a start", WorkflowOrderManager, "open", later),
    _bug("what was missed while away is not heard", WorkflowOrderManager, "_replay", later),
    _bug("a decision that failed stays awaited", WorkflowOrderManager, "forget", nothing),
    _bug("the chain is not taken up where it stands", CommandRepository, "chained", asked_once),
    _bug("every command has the same order ids", orders_service, "_new_id", lambda: SAME_ID),
    _bug("nobody's lease is asked", decision, "_violations_of", lambda *_: iter(())),
    _bug("whoever asks has the lease", orders_service, "transfer_lease", anybody),
    # The gateway publishes once, in time.
    _attempt("a publish is permitted however often it was begun", "if before and (before ~="),
    _attempt("a publish is permitted after its time", "if left <= 0"),
    _attempt("what orders ended unsent is published", "if redis.call('EXISTS', KEYS[3])"),
    _attempt("an attempt is not noted", "redis.call('SET', KEYS[1], 'attempted'"),
    _script("a published entry stays in hand", gateway_repository, "_SETTLE", "redis.call('XACK'"),
    _script("no receipt is written", gateway_repository, "_SETTLE", "redis.call('XADD'"),
    _bug("it publishes before it asks", PublishService, "_outcome", published_before_asked),
    _bug("what was not acknowledged is sent again", PublishService, "_publish", sent_again),
    _bug("it does not wait for the PUBACK", PublishService, "_publish_once", not_awaited),
    # Ingest mirrors each message once.
    _bug("it acknowledges before it appends", Ingest, "_mirror_all", acknowledged_first),
    _bug(
        "what the broker repeats is new",
        ingest_process,
        "Redelivery",
        lambda *_: Mock(over=True, repeated=lambda _: set()),
    ),
    _bug("a batch of unknown outcome is another one", StreamWriter, "_appended", another_number),
    _append("a batch is appended as often as it is sent", "if state[2] and tonumber(state[2])"),
    # The check of the lead keeps a former life out as well: it goes too.
    _all("a former life still appends", _append("", "if (state[1] and state[1]"), _NO_FENCE),
    _append(
        "what was acknowledged is not remembered",
        "local size = redis.call('APPEND', WINDOW",
        "local size = 0",
    ),
    _append("a retained value is always news", "news = not known(topic, payload, head)"),
    _append("no last value is kept", "redis.call('HSET', LATEST, topic"),
    _append("each message is counted twice", "appended = appended + 1", "appended = appended + 2"),
    # Who reads a stream handles each entry.
    _bug("what failed is taken for done", StreamConsumer, "_attempt", acknowledged_though_failed),
    _bug("what failed does not come again", StreamConsumer, "sweep", later),
    _bug("the last of each batch is not folded", fold_reader.FoldReader, "fold", half_folded),
    # The alarms have one owner and one life each.
    _script("of two owners both write", alarm_repository, "_WRITE", "if word ~= ARGV[1]"),
    _script("the alarms of now are not kept", alarm_repository, "_WRITE", "redis.call('HSET'"),
    _bug("a new owner begins with none", AlarmRepository, "claim", always_claims),
    # Of several processes of a role one leads.
    # The broker throws out whoever has the client id of the next leader: each has one of its own.
    _all(
        "whoever lost the lead still publishes",
        _bug("", LeaderLease, "certain", _YES),
        _bug("", gateway_process.Gateway, "_installation", own_name),
    ),
)
