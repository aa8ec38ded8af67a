"""Why is it as it is? Of everything with a name, from the state, the archive and the store."""

import asyncio
from collections.abc import Iterator

from omf.analysis.account import Clause, FactAccount, account_of
from omf.state import FactoryState
from omf.terms import term
from omf.texts import joined, of_fields, text, verbatim
from services.common.store.bus import Bus
from services.common.store.keys import CommandRecord
from services.history.lives import find_lives
from services.history.manifest import ArchiveError
from services.history.reader import History


async def account(
    bus: Bus, history: History, state: FactoryState, wanted: str, now: float
) -> FactAccount | None:
    """The account of a tag, an order, a serial, an alarm or a command; None if nobody knows it.

    A piece that left the house long ago is looked for in the archive: while `history.faults` has
    something, None means only that nobody could look everywhere. StoreError.
    """
    found = account_of(state, wanted, now)
    if found is not None:
        return found
    if (record := await bus.record(wanted)) is not None:
        return command_account(record)
    past = await asyncio.to_thread(find_lives, history, wanted)
    if past.unread_days:
        first, last = past.unread_days[0], past.unread_days[-1]
        unread = f"{history.storage.place}: pieces that left from {first} to {last} are not listed"
        history.note_fault(ArchiveError(f"{unread} yet; the historian does so after an upgrade"))
    return account_of(state, wanted, now, past.lives)


def command_account(record: CommandRecord) -> FactAccount:
    """What became of a command, stage by stage, with the reasons given and what proved it."""
    return FactAccount("command", verbatim(record.command.kind), tuple(_stages(record)))


def _stages(record: CommandRecord) -> Iterator[Clause]:
    command = record.command
    words = text("why.asked_by", who=command.operator)
    yield Clause(words, subject=command.command_id, at=command.created_at)
    for event in record.events:
        reasons = [of_fields(one) for one in event.reasons]
        stage = term("stage", event.stage.value)
        told = joined(": ", [stage, joined("; ", reasons)]) if reasons else stage
        yield Clause(told, event.evidence, command.command_id, event.at)
    if not record.final:
        yield Clause(text("why.outcome_open"), subject=command.command_id)
