"""Commands of which the view model no longer knows: read on demand, for one open page."""

from collections.abc import Callable

from services.common.store.bus import Bus
from services.common.store.keys import CommandRecord
from services.history.past_views import archived_command
from services.history.reader import History
from services.ui.live.archive_questions import answer
from services.ui.live.command_log import CommandLog

MORE_COMMANDS = 200


class OlderCommands:
    """What was read so far; `listed` joins it with the newest ones."""

    def __init__(
        self, bus: Bus | None, log: CommandLog, history: Callable[[], History] | None = None
    ) -> None:
        """Without a bus, in the past, the log is all there is; `history` opens the archive."""
        self._bus = bus
        self._history = history
        self._log = log
        self._read: dict[str, CommandRecord] = {}
        self._asked = MORE_COMMANDS
        self.kept: int | None = None
        """How many commands the store keeps; None until it was asked."""

    def get(self, command_id: str) -> CommandRecord | None:
        """One command, as far as it is known by now."""
        return self._log.get(command_id) or self._read.get(command_id)

    @property
    def listed(self) -> list[CommandRecord]:
        """Every command to list, newest first; whatever is known of them now."""
        newest = self._log.newest(MORE_COMMANDS)
        known = {r.command.command_id for r in newest}
        older = [self.get(key) or r for key, r in self._read.items() if key not in known]
        return newest + sorted(older, key=lambda r: -r.command.created_at)

    @property
    def more(self) -> bool:
        """True while more are kept than were asked for; new ones push others off the list."""
        return max(self.kept or 0, len(self._log)) > self._asked

    async def count(self) -> None:
        """Ask how many are kept; StoreError if the store is away."""
        if self._bus is None:
            return
        self.kept = await self._bus.call(self._bus.client.xlen(self._bus.key("commands")))

    async def go_on(self) -> None:
        """Read the next piece of older ones; StoreError if the store is away."""
        if self._bus is None:
            return
        wanted = self._asked + MORE_COMMANDS
        found = await self._bus.records(wanted)
        self._read |= {record.command.command_id: record for record in found}
        self._asked = wanted
        await self.count()

    async def fetch(self, command_id: str) -> bool:
        """Read one command of store or archive; False if none has it. StoreError."""
        record = await self._bus.record(command_id) if self._bus else None
        if record is None and self._bus and (history := self._history) is not None:
            record = await answer(lambda: archived_command(history(), command_id))
        if record:
            self._read[command_id] = record
        return record is not None
