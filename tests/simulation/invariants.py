"""What must be true at the end of every run, whatever happened in it."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from pydantic import ValidationError

from omf.alarms.life import AlarmEntry, AlarmLife
from omf.alarms.lifecycle import AlarmState
from omf.commands import KINDS
from omf.messages.stream_id import StreamId
from services.common.store.audit import broken
from services.common.store.keys import (
    FINAL_STAGES,
    AuditRecord,
    Outgoing,
    Stage,
)
from services.orders.stages import Passage
from tests.simulation.contents import READERS, StoreContents
from tests.simulation.handover import handed_over
from tests.simulation.people import SimulatedPerson
from tests.simulation.system import SimulatedSystem

UUID = re.compile(r"\b[0-9a-f]{8}-[0-9a-f-]{27}\b")
STARTED_AGAIN = ("StoreError", "SupersededError")
"""Whoever loses the store while it opens ends and is started again; and so does the ingest behind
which the store carries out what a dead one had asked for, to take the buffers over."""
FOLLOWED = {(before, one.after) for one in Passage for before in one.before}
EXCLUSIVE = {"production-order", "module-sequence", "mock-refill"}
"""Of these a second one with the same parameters waits until the first has ended."""
UNSENT = {Stage.REFUSED, Stage.EXPIRED}


def violations(system: SimulatedSystem, people: Sequence[SimulatedPerson]) -> list[str]:
    """Each broken promise in words; none when all hold."""
    store = StoreContents(system.network.store)
    try:
        found = _broken(store, system, people)
    except ValidationError as error:
        return [f"what was written cannot be read: {error.title}"]
    for process in system.processes.values():
        ended = [why for why in process.broken if not why.startswith(STARTED_AGAIN)]
        found += [f"{process.name} ended by itself: {why}" for why in ended]
    return found


def _broken(
    store: StoreContents, system: SimulatedSystem, people: Sequence[SimulatedPerson]
) -> list[str]:
    return [
        *_ended(store, people),
        *_stages(store, people),
        *_published(store, system),
        *handed_over(store, people),
        *_leases(store),
        *_exclusive(store),
        *_audit(store),
        *_buffers(store),
        *_mirrored(store, system),
        *_latest(store),
        *_alarms(store),
        *_folded(store, system),
        *_handled(store),
    ]


def all_mirrored(system: SimulatedSystem) -> bool:
    """Whatever the broker took lies in the journal."""
    return not any(_mirrored(StoreContents(system.network.store), system))


def _ended(store: StoreContents, people: Sequence[SimulatedPerson]) -> Iterator[str]:
    """Every command a person was told to be taken has one end."""
    for person in people:
        for command_id, command in person.asked.items():
            stages = [event.stage for event in store.life(command_id)]
            ends = [stage for stage in stages if stage in FINAL_STAGES]
            known = [stage for stage in ends if stage is not Stage.EFFECT]
            waits = stages[-1:] == [Stage.ACCEPTED]
            if (not ends and not waits) or (known and len(ends) != 1):
                yield f"{command.kind} {command_id} has these ends: {ends}"


def _stages(store: StoreContents, people: Sequence[SimulatedPerson]) -> Iterator[str]:
    """Stages follow one another as the table of stages allows."""
    for person in people:
        for command_id in person.asked:
            stages = [event.stage for event in store.life(command_id)]
            before: Stage | None = None
            for stage in stages:
                if (before, stage) not in FOLLOWED:
                    yield f"{command_id} went from {before} to {stage}: {stages}"
                before = stage


def _published(store: StoreContents, system: SimulatedSystem) -> Iterator[str]:
    """What the gateway sent was wanted, and what may act once only was sent once."""
    wanted: dict[tuple[str, bytes], list[Outgoing]] = defaultdict(list)
    for outgoing in store.models("outbox", Outgoing):
        wanted[outgoing.topic, outgoing.payload.encode()].append(outgoing)
    yield from _ids(one for each in wanted.values() for one in each)
    sent = [one for one in system.broker.accepted if one.sender.startswith("omf-gateway")]
    for one in sent:
        if not wanted[one.topic, one.payload]:
            yield f"nobody wanted {one}"
    times = Counter((one.topic, one.payload) for one in sent)
    for said, outgoings in wanted.items():
        if all(one.once for one in outgoings) and times[said] > len(outgoings):
            yield f"{outgoings[0].outbox_id} was sent {times[said]} times"
        for outgoing in outgoings:
            yield from _truth(store, outgoing, times[said])


def _ids(outgoings: Iterable[Outgoing]) -> Iterator[str]:
    """No two commands share an id of an order or an action."""
    owners: dict[str, str] = {}
    for one in outgoings:
        for found in UUID.findall(one.payload):
            if owners.setdefault(found, one.command_id) != one.command_id:
                yield f"{owners[found]} and {one.command_id} both have the id {found}"


def _truth(store: StoreContents, outgoing: Outgoing, sent: int) -> Iterator[str]:
    """What a person was told of the end agrees with what was sent."""
    ends = [e.stage for e in store.life(outgoing.command_id) if e.stage in FINAL_STAGES]
    only_step = outgoing.step == 0 and outgoing.kind != "module-sequence"
    if only_step and sent and ends and ends[0] in UNSENT:
        yield f"{outgoing.outbox_id} was sent and told {ends}"
    if outgoing.kind == "free-message" and sent and Stage.NO_EFFECT in ends:
        yield f"{outgoing.outbox_id} was mirrored and told {ends}"
    if only_step and not sent and Stage.EFFECT in ends:
        yield f"{outgoing.outbox_id} was never sent and told {ends}"


def _leases(store: StoreContents) -> Iterator[str]:
    """Who took the lease last has it; where it counts, nobody else was allowed what is risky."""
    counts, holder, until = store.lease().required, "", 0.0
    for record in store.models("audit", AuditRecord):
        command, stage = record.command, record.decision
        if command.kind == "control-take" and stage is Stage.EFFECT:
            if holder not in ("", command.operator) and record.at < until:
                yield f"{command.command_id} took the lease that {holder} had"
            holder, until = command.operator, record.at + 3600.0
        if command.kind == "control-release" and stage is Stage.EFFECT:
            holder, until = "", 0.0
        kind = KINDS.get(command.kind)
        holds = command.operator == holder and record.at <= until
        if counts and kind and kind.risky and stage is Stage.ACCEPTED and not holds:
            yield f"{command.command_id} was accepted though {holder!r} had the lease"
    if (kept := store.lease().holder) != holder:
        yield f"{holder!r} took the lease last and {kept!r} has it"


def _latest(store: StoreContents) -> Iterator[str]:
    """The last value of a topic is its last message, and the counters count what is there."""
    newest = {fields[b"t"]: (entry, fields[b"p"]) for entry, fields in store.rows("buffer:#")}
    for topic, framed in store.hash("latest").items():
        head, _, payload = framed.partition(b"\n")
        if newest.get(topic) != (head.split(b" ")[0], payload):
            yield f"the last value of {topic.decode()} is not its last message"
    counted = int(store.hash("counters").get(b"appended", b"0"))
    if counted != (there := len(store.rows("buffer:#"))):
        yield f"{counted} messages were counted and {there} are there"


def _alarms(store: StoreContents) -> Iterator[str]:
    """Each passage of an alarm begins where the one before it ended, and the last one is kept."""
    after: dict[str, str] = {}
    for entry in store.models("alarms", AlarmEntry):
        if after.get(entry.alarm, entry.before) != entry.before:
            yield f"{entry.alarm} was {after[entry.alarm]} and went on from {entry.before}"
        after[entry.alarm] = entry.after
    kept = {
        alarm.decode(): AlarmLife.model_validate_json(written).state
        for alarm, written in store.hash("alarms:now").items()
    }
    for alarm, state in after.items():
        if kept.pop(alarm, AlarmState.NORMAL) != state:
            yield f"the last passage of {alarm} led to {state}, which is not kept"
    yield from (f"{alarm} is {state} without a passage" for alarm, state in kept.items())


def _folded(store: StoreContents, system: SimulatedSystem) -> Iterator[str]:
    """Who has read the journal to its end sees the same factory, however it was cut for each."""
    rows = store.rows("buffer:#")
    last = rows[-1][0].decode() if rows else ""
    read = {n: fold for n, fold in system.folds.items() if fold.current and fold.journal_id == last}
    seen = {name: fold.state.snapshot() for name, fold in read.items()}
    for (one, first), (other, second) in pairwise(seen.items()):
        if different := [part for part in first if first[part] != second.get(part)]:
            yield f"{one} and {other} see another factory: {different}"


def _exclusive(store: StoreContents) -> Iterator[str]:
    """Of what occupies the same device or wish, one runs at a time."""
    running: dict[str, str] = {}
    for record in store.models("audit", AuditRecord):
        command = record.command
        if command.kind not in EXCLUSIVE:
            continue
        wish = f"{command.kind} {command.parameters}"
        holder = running.get(wish)
        if record.part == "outcome" and holder == command.command_id:
            del running[wish]
        if record.part == "decision" and record.decision is Stage.ACCEPTED:
            if holder:
                yield f"{command.command_id} was accepted while {holder} had what it needs"
            running[wish] = command.command_id


def _audit(store: StoreContents) -> Iterator[str]:
    """The chain of the audit holds from its beginning."""
    if found := broken(store.rows("audit"), ""):
        yield f"the audit is {found.what} at {found.entry_id}"
    seen: Counter[tuple[str, str]] = Counter()
    for record in store.models("audit", AuditRecord):
        seen[record.command.command_id, record.part] += 1
    yield from (
        f"{said} stands {count} times in the audit" for said, count in seen.items() if count > 1
    )


def _buffers(store: StoreContents) -> Iterator[str]:
    """Ids rise in every buffer, and a message has one id in all of them."""
    journal = dict(store.rows("buffer:#"))
    for name in store.buffers():
        rows = store.rows(name)
        ids = [StreamId.parse(entry.decode()) for entry, _ in rows]
        if any(later <= earlier for earlier, later in pairwise(ids)):
            yield f"ids of {name} do not rise"
        for entry, fields in rows:
            if journal.get(entry) != fields:
                yield f"{entry.decode()} of {name} is another message in the journal"


def _mirrored(store: StoreContents, system: SimulatedSystem) -> Iterator[str]:
    """What the broker took since ingest subscribed lies in the journal, once."""
    begun = system.broker.subscribed_at
    taken = Counter((one.topic, one.payload) for one in system.broker.accepted[begun:])
    # A value told while a new store asks for what is retained may come by two connections.
    early = system.broker.accepted[: max(begun, system.broker.told_again_until)]
    before = {(one.topic, one.payload) for one in early}
    found = Counter((f[b"t"].decode(), f[b"p"]) for _, f in store.rows("buffer:#"))
    for said, count in taken.items():
        if found[said] < count or (found[said] > count and said not in before):
            short = f"{said[0]} {said[1].decode()[:120]}"
            yield f"{short} was taken {count} times and mirrored {found[said]} times"


def _handled(store: StoreContents) -> Iterator[str]:
    """Nothing is left in hand or locked, and nothing had to be given up."""
    awaited = {one.decode() for one in store.hash("open")}
    for name, lock in store.locks().items():
        if lock.held and lock.command_id not in awaited:
            yield f"{name} is still held by {lock.command_id}, which has ended"
    for stream, group in READERS:
        if left := store.pending(stream, group):
            yield f"{left} entries of {stream} were never handled"
    yield from (f"given up: {fields}" for _, fields in store.rows("dead"))
