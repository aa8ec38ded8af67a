"""`/api/v1/audit`: who asked for what and what was decided, with the seals that prove it."""

from collections.abc import Mapping
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict

from services.api import command_service
from services.api.access import ClientDep, EnvironmentDep
from services.api.description import PREFIX, refusals
from services.api.schemas import StreamIdText
from services.common.store.audit import seal, verify
from services.common.store.entries import DATA
from services.common.store.keys import Role

MOST_ENTRIES = 500
_SEALS = (b"before", b"seal")

router = APIRouter(prefix=f"{PREFIX}/audit", tags=["audit"])
Before = Annotated[
    StreamIdText | None, Query(description="Only entries older than this id; else the newest.")
]


class AuditEntryView(BaseModel):
    """One entry as it lies in the store."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    id: str
    before: str
    """Seal of the entry before it; empty for the very first."""
    seal: str
    """SHA-256, in hex, of `before`, a line feed and `data`, byte for byte."""
    data: str
    """The record as JSON, as it was sealed: command, decision, reasons, checks, outcome."""
    holds: bool
    """Whether the seal is that of these bytes."""

    @classmethod
    def of(cls, entry_id: bytes, fields: Mapping[bytes, bytes]) -> "AuditEntryView":
        """The view of an entry."""
        body = fields.get(DATA, b"")
        before, told = (fields.get(name, b"").decode(errors="replace") for name in _SEALS)
        return cls(
            id=entry_id.decode(),
            before=before,
            seal=told,
            data=body.decode(errors="replace"),
            holds=seal(before, body) == told,
        )


class AuditPart(BaseModel):
    """Entries of the audit, newest first."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    entries: tuple[AuditEntryView, ...]
    more: bool
    """Older ones are kept: ask again with `before`, the id of the last one here."""


class ChainBreak(BaseModel):
    """Where the chain does not hold."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    entry: str
    """Id of the entry; `+`: behind the newest one, whose seal is not the one that was noted."""
    what: Literal["altered", "gap"]
    """`altered`: it is not what was sealed; `gap`: one before it is missing."""


class ChainVerdict(BaseModel):
    """The whole chain, from the oldest entry that is kept to the newest."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    holds: bool
    checked: int
    """Entries that hold; at a break those of the parts that were read before it."""
    broken: ChainBreak | None


@router.get("", responses=refusals())
async def entries(
    served: EnvironmentDep,
    client: ClientDep,
    before: Before = None,
    limit: Annotated[int, Query(ge=1, le=MOST_ENTRIES)] = 100,
) -> AuditPart:
    """Every decision with its seal, to be kept and checked elsewhere; needs a supervisor."""
    command_service.check_role(client, served.environment, Role.SUPERVISOR)
    if before is not None and not before.strip("0-"):
        return AuditPart(entries=(), more=False)  # nothing is older than the beginning
    bus, newest = served.bus, f"({before}" if before else "+"
    key = bus.key("audit")
    found = await bus.call(bus.client.xrevrange(key, newest, "-", limit + 1))
    views = tuple(AuditEntryView.of(*entry) for entry in found[:limit])
    return AuditPart(entries=views, more=len(found) > limit)


@router.get("/chain", responses=refusals())
async def chain(served: EnvironmentDep, client: ClientDep) -> ChainVerdict:
    """Whether anything of the audit was altered, dropped or slipped in; needs a supervisor."""
    command_service.check_role(client, served.environment, Role.SUPERVISOR)
    checked, found = await verify(served.bus)
    at = ChainBreak(entry=found.entry_id, what=found.what) if found else None
    return ChainVerdict(holds=found is None, checked=checked, broken=at)
