"""Entries of the audit that a person asks for, newest first, read piece by piece."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, tzinfo

from omf.commands.command_types import LEASES
from services.common.process import time_parsing
from services.common.store.audit import SealedRecord, sealed
from services.common.store.bus import READ_COUNT, Bus
from services.common.store.keys import AuditRecord
from services.ui.formats import Clock

LEASE_KINDS = "lease"
"""Asks for every kind that is about who leads."""
MORE_ENTRIES = 200
MAX_LOOKED_AT = 10_000
"""Of one press, about a second; the next one goes on where it ended."""

SLACK_S = 120.0
"""Entries lie in the order of their times, but for clocks that were set and slow writers."""

AuditEntry = tuple[bytes, Mapping[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries are wanted; an empty field asks nothing."""

    operator: str = ""
    kind: str = ""
    stage: str = ""
    since: str = ""
    until: str = ""
    text: str = ""

    def moments(self, clock: Clock, now: float) -> tuple[float | None, float | None]:
        """Both ends in Unix seconds; ValueError, with what was given, for what is no time."""
        zone = UTC if clock == "utc" else None
        since, until = (_moment(given, zone, now) for given in (self.since, self.until))
        return since, until

    def takes(self, record: AuditRecord) -> bool:
        """True if it is wanted, whenever it was."""
        command = record.command
        kinds = LEASES if self.kind == LEASE_KINDS else {self.kind or command.kind}
        return (
            command.kind in kinds
            and self.stage in {"", record.decision}
            and self.operator.casefold() in command.operator.casefold()
            and self.text.casefold() in _words(record)
        )


def _moment(given: str, zone: tzinfo | None, now: float) -> float | None:
    try:
        return time_parsing.moment(given, zone, now) if given else None
    except ValueError:
        raise ValueError(given) from None


def _words(record: AuditRecord) -> str:
    command = record.command
    reasons = " ".join(f"{one.en} {one.de} {one.fr}" for one in record.reasons)
    parts = (command.command_id, command.kind, command.source, command.note, command.parameters)
    return " ".join(map(str, (*parts, record.topic, record.payload, reasons))).casefold()


class AuditSearch:
    """What was found so far, and how much was looked at for it."""

    def __init__(
        self, bus: Bus, wanted: AuditFilter, between: tuple[float | None, float | None]
    ) -> None:
        """`between` are the ends in Unix seconds; None: open."""
        self._bus, self._wanted = bus, wanted
        self._since, self._until = between
        self._oldest, self._newest = "+", ""
        self.found: list[SealedRecord] = []
        self.looked_at = 0
        self.unreadable = 0
        """Entries that are no audit records: something else wrote into the stream."""
        self.kept = 0
        self.ended = False
        """True once there is nothing older that could be wanted."""

    async def go_on(self) -> None:
        """Find the next older ones; StoreError if the store is away."""
        wanted = len(self.found) + MORE_ENTRIES
        last = self.looked_at + MAX_LOOKED_AT
        self.kept = await self._bus.call(self._bus.client.xlen(self._bus.key("audit")))
        while not self.ended and len(self.found) < wanted and self.looked_at < last:
            page = await self._older()
            for entry in page:
                self._take(entry)
            self.ended = self.ended or len(page) < READ_COUNT

    async def newer(self) -> None:
        """Find what came since; StoreError if the store is away."""
        key = self._bus.key("audit")
        start = f"({self._newest}" if self._newest else "-"
        page = await self._bus.call(self._bus.client.xrange(key, start, "+", READ_COUNT))
        known = {one.entry_id for one in self.found}
        for entry_id, fields in page:
            self.kept += 1
            self.looked_at += 1
            self._newest = entry_id.decode()
            one = sealed(entry_id, fields)
            if one is None:
                self.unreadable += 1
            elif one.entry_id not in known and self._wants(one.record):
                self.found.insert(0, one)

    async def every(self, most: int) -> AsyncIterator[AuditEntry]:
        """The wanted entries as they lie in the store, newest first, of the last `most`."""
        while not self.ended and self.looked_at < most:
            page = await self._older()
            for entry in page:
                one = sealed(*entry)
                if one is not None and self._wants(one.record):
                    yield entry
            self.looked_at += len(page)
            self.ended = self.ended or len(page) < READ_COUNT

    async def _older(self) -> list[AuditEntry]:
        key = self._bus.key("audit")
        start = self._oldest if self._oldest == "+" else f"({self._oldest}"
        page: list[AuditEntry] = await self._bus.call(
            self._bus.client.xrevrange(key, start, "-", READ_COUNT)
        )
        if page:
            self._newest = self._newest or page[0][0].decode()
            self._oldest = page[-1][0].decode()
        return page

    def _take(self, entry: AuditEntry) -> None:
        self.looked_at += 1
        one = sealed(*entry)
        if one is None:
            self.unreadable += 1
            return
        early = self._since is not None and one.record.at < self._since - SLACK_S
        self.ended = self.ended or early
        if self._wants(one.record):
            self.found.append(one)

    def _wants(self, record: AuditRecord) -> bool:
        late = self._until is not None and record.at > self._until
        early = self._since is not None and record.at < self._since
        return not late and not early and self._wanted.takes(record)
