"""The audit's chain: each entry seals the one before it, so nothing can be changed unseen.

An entry of `audit` holds `__data__` (AuditRecord), `before` (the seal of the entry before it) and
`seal`, the SHA-256 of both. Cutting off what is too old leaves a chain that begins later.
"""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

from pydantic import ValidationError

from services.common.store.bus import READ_COUNT, Bus
from services.common.store.entries import DATA
from services.common.store.keys import AuditRecord

CHAIN_BEGINNING = ""
"""What the very first entry has before it."""


class Break(NamedTuple):
    """Where the chain does not hold."""

    entry_id: str
    what: Literal["altered", "gap"]
    """`altered`: the entry is not what was sealed; `gap`: one before it is missing."""


class SealedRecord(NamedTuple):
    """One entry: its id, what it says, its seal, and whether that is the seal of these bytes."""

    entry_id: str
    record: AuditRecord
    seal: str
    holds: bool


def sealed(entry_id: bytes, fields: Mapping[bytes, bytes]) -> SealedRecord | None:
    """What an entry says, with whether its seal fits; None for one that is no audit record."""
    body, told = fields.get(DATA, b""), fields.get(b"seal", b"").decode(errors="replace")
    before = fields.get(b"before", b"").decode(errors="replace")
    try:
        record = AuditRecord.model_validate_json(body)
    except ValidationError:
        return None
    return SealedRecord(entry_id.decode(), record, told, seal(before, body) == told)


def seal(before: str, body: bytes) -> str:
    """The seal of an entry with this body behind an entry with that seal."""
    return hashlib.sha256(before.encode() + b"\n" + body).hexdigest()


def broken(
    found: Iterable[tuple[bytes, Mapping[bytes, bytes]]], before: str | None = None
) -> Break | None:
    """The first break in these entries, oldest first; `before` is the seal that must precede."""
    for entry_id, fields in found:
        named = fields.get(b"before", b"").decode(errors="replace")
        sealed = fields.get(b"seal", b"").decode(errors="replace")
        if seal(named, fields.get(DATA, b"")) != sealed:
            return Break(entry_id.decode(), "altered")
        if before is not None and named != before:
            return Break(entry_id.decode(), "gap")
        before = sealed
    return None


async def verify(bus: Bus) -> tuple[int, Break | None]:
    """Number of entries that hold, and the first break of the whole chain with its head."""
    count, after, before = 0, "-", None
    while page := await bus.call(bus.client.xrange(bus.key("audit"), after, "+", READ_COUNT)):
        if found := broken(page, before):
            return count, found
        count += len(page)
        before = page[-1][1][b"seal"].decode()
        after = f"({page[-1][0].decode()}"
    head = await bus.call(bus.client.get(bus.key("audit:head")))
    if head and head.decode() != (before or CHAIN_BEGINNING):
        return count, Break("+", "gap")
    return count, None
