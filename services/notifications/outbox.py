"""What is told and what waits to be sent, as it lies in the store; pure, the time is passed in.

An entry is in one of three states: it waits; a process is sending it, which was written before it
began; it is gone, for the provider took it. Whoever finds an entry that a process which is no more
was sending cannot know whether it arrived: it is not sent again, and it is counted as unknown, as
the gateway does with a command. Its alarm is still open, so who comes later in the escalation is
told of it.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from pydantic import Field

from omf.notifications.decision import AlarmNotice, Decided
from omf.notifications.shift_notices import DecidedReports, ShiftNotice
from omf.texts import Text
from services.common.store.keys import StreamModel

GAP_S = 3.0
"""Between two notifications to one address: what comes meanwhile goes into the second together."""
FIRST_RETRY_S = 5.0
MAX_RETRY_S = 300.0
MAX_DOUBLINGS = 10
"""Of the pause; more are longer than `MAX_RETRY_S` anyway, and after days no float holds them."""
MAX_NOTICES_WAITING = 1000
"""Of one address; beyond, the oldest are given up and counted."""


class OutboxEntry(StreamModel):
    """One notice on its way to one address."""

    address: str
    notice: AlarmNotice | ShiftNotice
    queued_at: float
    sender: str = ""
    """The process that is sending it; "" while it waits."""

    @property
    def key(self) -> str:
        """The same for the same news to the same address."""
        return f"{self.address}|{self.notice.identity}"


class AddressRecord(StreamModel):
    """How it went with one address so far."""

    failures: int = Field(default=0, ge=0)
    """Attempts since one succeeded."""
    failing_since: float | None = None
    why: Text | None = None
    next_at: float = 0.0
    """Not before this."""
    sent_at: float | None = None
    unknown: int = 0
    dropped: int = 0

    def but(self, **changes: object) -> "AddressRecord":
        """The same with some fields changed."""
        return self.model_copy(update=changes)


class SendingResult(NamedTuple):
    """What became of one attempt."""

    address: str
    keys: tuple[str, ...]
    why: Text | None = None
    """None: the provider took it."""
    gone_browser: str = ""
    """A browser that has unsubscribed: it is never told again."""


class Outbox:
    """Changed in memory by one task; the repository writes the whole difference in one step."""

    def __init__(
        self,
        told: Mapping[str, AlarmNotice] | None = None,
        entries: Mapping[str, OutboxEntry] | None = None,
        records: Mapping[str, AddressRecord] | None = None,
        reported: Mapping[str, ShiftNotice] | None = None,
    ) -> None:
        self.told = dict(told or {})
        """By `told_key`, what each receiver was told last."""
        self.reported = dict(reported or {})
        """By `told_key`, of which shift each receiver was told last."""
        self.entries = dict(entries or {})
        self.records = dict(records or {})

    def record(self, address: str) -> AddressRecord:
        """How it went with an address."""
        return self.records.get(address, AddressRecord())

    def take(self, decided: Decided, addresses: Mapping[str, Collection[str]], now: float) -> None:
        """Queue what was decided; who has no address at the moment is told once there is one."""
        for key in decided.forgotten:
            self.told.pop(key, None)
        for notice in decided.notices:
            if self._queue(notice, addresses, now):
                self.told[notice.told_key] = notice

    def take_reports(
        self, decided: DecidedReports, addresses: Mapping[str, Collection[str]], now: float
    ) -> None:
        """Queue the reports of shifts; who has no address at the moment is told once there is."""
        for key in decided.forgotten:
            self.reported.pop(key, None)
        self.reported |= {one.told_key: one for one in decided.noted}
        for notice in decided.notices:
            if self._queue(notice, addresses, now):
                self.reported[notice.told_key] = notice

    def _queue(
        self,
        notice: AlarmNotice | ShiftNotice,
        addresses: Mapping[str, Collection[str]],
        now: float,
    ) -> bool:
        reached = addresses.get(notice.receiver, ())
        for address in reached:
            entry = OutboxEntry(address=address, notice=notice, queued_at=now)
            self.entries[entry.key] = entry
        return bool(reached)

    @property
    def shifts(self) -> list[OutboxEntry]:
        """The reports that wait to be sent, the oldest shift first."""
        waiting = [one for one in self.entries.values() if isinstance(one.notice, ShiftNotice)]
        return sorted(waiting, key=lambda one: one.notice.at)

    def due(
        self, known: Collection[str], now: float, sender: str, made: Collection[str] = ()
    ) -> dict[str, list[OutboxEntry]]:
        """What is to be sent to each address now, oldest first, marked as being sent.

        Alarms go first; of reports of shifts those that are `made` go, all in one message.
        """
        self._drop_surplus(known)
        found: dict[str, list[OutboxEntry]] = {}
        for address, waiting in self._by_address().items():
            busy = any(one.sender for one in waiting)
            if busy or now < self.record(address).next_at:
                continue
            batch = [one.model_copy(update={"sender": sender}) for one in _first(waiting, made)]
            if batch:
                self.entries |= {one.key: one for one in batch}
                found[address] = batch
        return found

    def finish(self, result: SendingResult, now: float) -> None:
        """Note what became of an attempt."""
        record = self.record(result.address)
        if result.why is None:
            done = {"failures": 0, "failing_since": None, "why": None, "sent_at": now}
            self.records[result.address] = record.but(**done, next_at=now + GAP_S)
            for key in result.keys:
                self.entries.pop(key, None)
            return
        pause = min(FIRST_RETRY_S * 2.0 ** min(record.failures, MAX_DOUBLINGS), MAX_RETRY_S)
        self.records[result.address] = record.but(
            failures=record.failures + 1,
            failing_since=record.failing_since or now,
            why=result.why,
            next_at=now + pause,
        )
        self.wait_again(result.keys)

    def wait_again(self, keys: Iterable[str]) -> None:
        """Entries that are not being sent after all."""
        for key in keys:
            if key in self.entries:
                self.entries[key] = self.entries[key].model_copy(update={"sender": ""})

    def left_behind(self, own: str, in_flight: Collection[str]) -> list[OutboxEntry]:
        """Take over from whoever wrote before; the entries of which nobody knows whether they went.

        What this process marked and never began to send waits again.
        """
        lost: list[OutboxEntry] = []
        for key, entry in list(self.entries.items()):
            if entry.sender == own and key not in in_flight:
                self.wait_again([key])
            elif entry.sender not in ("", own):
                lost.append(self.entries.pop(key))
                record = self.record(entry.address)
                self.records[entry.address] = record.but(unknown=record.unknown + 1)
        return lost

    def waiting(self) -> Counter[str]:
        """How many entries of each address are not gone yet."""
        return Counter(one.address for one in self.entries.values())

    def _by_address(self) -> dict[str, list[OutboxEntry]]:
        found: dict[str, list[OutboxEntry]] = defaultdict(list)
        for entry in sorted(self.entries.values(), key=lambda one: (one.notice.at, one.queued_at)):
            found[entry.address].append(entry)
        return found

    def _drop_surplus(self, known: Collection[str]) -> None:
        """What no address is left for, and the oldest where too many wait."""
        for address, waiting in self._by_address().items():
            idle = [one for one in waiting if not one.sender]
            most = MAX_NOTICES_WAITING if address in known else 0
            surplus = idle[: max(0, len(idle) - most)]
            for one in surplus:
                del self.entries[one.key]
            if surplus and address in known:
                record = self.record(address)
                self.records[address] = record.but(dropped=record.dropped + len(surplus))
        for address in [one for one in self.records if one not in known]:
            del self.records[address]


def _first(waiting: Iterable[OutboxEntry], made: Collection[str]) -> list[OutboxEntry]:
    alarms, reports = list[OutboxEntry](), list[OutboxEntry]()
    for one in waiting:
        if not isinstance(one.notice, ShiftNotice):
            alarms.append(one)
        elif one.notice.shift in made:
            reports.append(one)
    return alarms or reports
