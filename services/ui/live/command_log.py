"""The lives of the commands of one environment, as far as their events have been heard."""

from collections import OrderedDict
from collections.abc import Iterable

from services.common.store.keys import Command, CommandEvent, CommandRecord
from services.common.store.own_publishes import OwnPublishes

KEPT_COMMANDS = 500


class CommandLog:
    """Records by command id, oldest first; bounded."""

    def __init__(self) -> None:
        self._records: OrderedDict[str, CommandRecord] = OrderedDict()
        self.publishes = OwnPublishes()

    def __len__(self) -> int:
        return len(self._records)

    def load(self, records: Iterable[CommandRecord]) -> None:
        """Take over whole lives, e.g. at start."""
        for record in records:
            self.publishes.load(record.events)
            self._put(record)

    def clear(self) -> None:
        """Forget every life."""
        self._records.clear()

    def ask(self, command: Command) -> None:
        """Remember a command at the moment it is handed in, before orders has said a word."""
        if command.command_id not in self._records:
            self._put(CommandRecord(command=command))

    def hear(self, event: CommandEvent, command: Command | None = None) -> bool:
        """Add one stage; False if the command itself is not known yet."""
        self.publishes.hear(event)
        record = self._records.get(event.command_id)
        if record is None and command is not None:
            record = CommandRecord(command=command)
        if record is None:
            return False
        if event not in record.events:
            self._put(CommandRecord(command=record.command, events=(*record.events, event)))
        return True

    def get(self, command_id: str) -> CommandRecord | None:
        """The life of one command; None if it was never seen here."""
        return self._records.get(command_id)

    def of_order(self, order_id: str) -> list[CommandRecord]:
        """The commands that began or steered an order, newest first."""
        named = [r for r in self._records.values() if any(e.order_id == order_id for e in r.events)]
        return named[::-1]

    @property
    def last(self) -> CommandRecord | None:
        """The command whose stage changed last."""
        records = self._records.values()
        return max(records, key=changed_at, default=None)

    def newest(self, count: int) -> list[CommandRecord]:
        """The commands asked for last, newest first."""
        found = sorted(self._records.values(), key=lambda r: r.command.created_at, reverse=True)
        return found[:count]

    def _put(self, record: CommandRecord) -> None:
        self._records[record.command.command_id] = record
        while len(self._records) > KEPT_COMMANDS:
            self._records.popitem(last=False)


def changed_at(record: CommandRecord) -> float:
    """When the command last moved on, store clock."""
    return record.events[-1].at if record.events else record.command.created_at
