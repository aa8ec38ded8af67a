"""What the audit says of one command, each entry with whether its seal holds."""

from services.common.store import journal
from services.common.store.audit import SealedRecord, sealed
from services.common.store.bus import Bus
from services.common.store.keys import CommandRecord

AUDIT_PAGE = 200
MAX_AUDIT_ENTRIES = 4_000
EARLY_S, LATE_S = 2.0, 120.0
"""An entry is written when the command is decided on and when its outcome is known."""


async def of(bus: Bus, command: CommandRecord) -> list[SealedRecord]:
    """The entries about a command, oldest first; searched from its request to its last stage."""
    last = command.events[-1].at if command.events else command.command.created_at
    after = journal.id_before(command.command.created_at - EARLY_S)
    until = journal.id_at(last + LATE_S)
    if bus.times is not None:
        # What the pages know of a command is of the recorded time, what is kept here is not.
        after, until = journal.BEGINNING, "+"
    found: list[SealedRecord] = []
    for _ in range(0, MAX_AUDIT_ENTRIES, AUDIT_PAGE):
        rows = await bus.call(bus.client.xrange(bus.key("audit"), f"({after}", until, AUDIT_PAGE))
        found += [one for row in rows if (one := sealed(*row)) and _about(one, command)]
        if len(rows) < AUDIT_PAGE:
            break
        after = rows[-1][0].decode()
    return found


def _about(one: SealedRecord, command: CommandRecord) -> bool:
    return one.record.command.command_id == command.command.command_id
