"""`python -m services.history.golden_process`: keeps or checks one golden session for a page.

A shift of messages takes a minute to fold, and no page of the present may wait for it. The first
line of its input is a `GoldenTask` as JSON; each line of its output a `GoldenWord`: how far it is,
and last what came of it. Whoever wants it no more ends the process.
"""

import asyncio
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from omf.analysis.shifts import ShiftCalendar, default_shifts
from omf.texts import Text, verbatim
from services.common.process import clock
from services.common.sessions import named_ranges
from services.common.sessions.export import Range, export
from services.common.sessions.files import SessionError
from services.common.sessions.golden_files import GoldenError, GoldenHead, GoldenOrigin
from services.common.sessions.golden_folder import GoldenCheck, GoldenFolder, GoldenRules, Progress
from services.common.store import journal
from services.common.store.alarm_rules import StoredRules, read_rules
from services.common.store.bus import Bus, StoreError
from services.common.store.keys import Environment
from services.history.location import storage_of
from services.history.manifest import ArchiveError
from services.history.reader import History
from services.history.session_source import ArchiveSource


class GoldenTask(BaseModel):
    """What is to be done."""

    model_config = ConfigDict(frozen=True)

    what: Literal["keep", "check"]
    name: str
    """Of the golden session."""
    environment: Environment
    session: str = ""
    """The named session to keep."""
    operator: str = ""
    store: str
    """Address of the store with its password."""
    data: Path
    history: str = ""
    shifts: Path | None = None
    """The calendar of shifts; None: as delivered."""

    @property
    def calendar(self) -> ShiftCalendar:
        """The calendar of shifts."""
        if self.shifts is None:
            return default_shifts()
        return ShiftCalendar.parse(self.shifts.read_text("utf-8"))


class GoldenWord(BaseModel):
    """What the process says: one of its fields is set."""

    model_config = ConfigDict(frozen=True)

    folded: int | None = None
    """So many messages are folded by now."""
    kept: GoldenHead | None = None
    checked: GoldenCheck | None = None
    failed: Text | None = None


async def keep_range(
    source: ArchiveSource,
    wanted: Range,
    keep: Callable[[Path], GoldenHead],
) -> GoldenHead:
    """Keep a range of journal and archive; errors as `GoldenFolder.keep`, StoreError."""
    with tempfile.TemporaryDirectory() as folder:
        session = Path(folder) / "range.jsonl.gz"
        await export(source, session, wanted)
        return await asyncio.to_thread(keep, session)


async def _done(task: GoldenTask, progress: Progress) -> GoldenWord:
    folder = GoldenFolder.of(task.data)
    async with Bus(task.store, task.environment) as bus:
        stored = await read_rules(bus) or StoredRules()
        rules = GoldenRules.of(stored, task.calendar)
        if task.what == "check":
            return GoldenWord(checked=folder.check(task.name, rules, progress))
        found = await named_ranges.find(bus, task.session)
        origin = GoldenOrigin(
            source=found.name,
            environment=task.environment,
            operator=task.operator,
            note=found.note,
            kept_at=clock.now(),
        )
        history = History(storage_of(task.environment, task.data, task.history))
        wanted = Range(journal.id_before(found.from_at), journal.id_before(found.to_at))

        def keep(session: Path) -> GoldenHead:
            return folder.keep(task.name, session, origin, rules, progress)

        return GoldenWord(kept=await keep_range(ArchiveSource(bus, history), wanted, keep))


def _say(word: GoldenWord) -> None:
    sys.stdout.write(f"{word.model_dump_json(exclude_none=True)}\n")
    sys.stdout.flush()


def main() -> None:
    """Do what the first line of the input asks for."""
    try:
        task = GoldenTask.model_validate_json(sys.stdin.readline())
        word = asyncio.run(_done(task, lambda count: _say(GoldenWord(folded=count))))
    except GoldenError as error:
        word = GoldenWord(failed=error.told)
    except (
        SessionError,
        named_ranges.SessionNameError,
        StoreError,
        ArchiveError,
        ValidationError,
        ValueError,
        OSError,
    ) as error:
        word = GoldenWord(failed=verbatim(str(error)))
    _say(word)


if __name__ == "__main__":
    main()
