"""The folder of golden sessions: kept with what they gave, and held against what they give now."""

import os
import uuid
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, Self

from pydantic import BaseModel, ConfigDict

from omf.alarms.rule_data import AlarmRules
from omf.analysis.golden import GoldenFold, GoldenKind, GoldenRow
from omf.analysis.golden_differences import GoldenDifference, counts, differences
from omf.analysis.shifts import ShiftCalendar
from omf.messages.message import Message
from omf.texts import text
from services.common.sessions.files import SESSION_NAME, Recorded, read, stamped
from services.common.sessions.golden_files import (
    GOLDEN_FORMAT,
    GOLDEN_SUFFIX,
    GoldenError,
    GoldenHead,
    GoldenOrigin,
    golden_head,
    read_golden,
    write_golden,
)
from services.common.store.alarm_rules import StoredRules
from services.common.store.keys import Role

GOLDEN_ROLE, UNGOLDEN_ROLE = Role.OPERATOR, Role.SUPERVISOR
"""Who may keep and check, and who may remove."""
PROGRESS_EVERY = 1000
Progress = Callable[[int], None]
"""Called with the number of messages folded, every `PROGRESS_EVERY` of them."""


class GoldenRules(NamedTuple):
    """What a session is judged by."""

    alarms: AlarmRules
    site: str
    """The site's file; "" without one."""
    calendar: ShiftCalendar

    @classmethod
    def of(cls, stored: StoredRules, calendar: ShiftCalendar) -> Self:
        """Those in force where alarms are kept."""
        return cls(stored.in_force(), stored.source, calendar)


class GoldenCheck(BaseModel):
    """A golden session held against what it gives now."""

    model_config = ConfigDict(frozen=True)

    name: str
    messages: int
    rows: dict[GoldenKind, int]
    """How many of each kind were kept."""
    rules_then: str
    rules_now: str
    differences: tuple[GoldenDifference, ...]


class GoldenFolder:
    """The golden sessions of one folder, by name."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @classmethod
    def of(cls, data: Path) -> Self:
        """Those of a data folder (OMF_DATA)."""
        return cls(data / "golden")

    def path(self, name: str) -> Path:
        """Where the one of that name lies; GoldenError for a name that is no plain one."""
        if not SESSION_NAME.fullmatch(name):
            raise GoldenError(text("golden.bad_name", name=name[:120]))
        return self._folder / f"{name}{GOLDEN_SUFFIX}"

    def names(self) -> list[str]:
        """Every golden session there is."""
        found = (
            one.name.removesuffix(GOLDEN_SUFFIX) for one in self._folder.glob(f"*{GOLDEN_SUFFIX}")
        )
        return sorted(one for one in found if SESSION_NAME.fullmatch(one))

    def head(self, name: str) -> GoldenHead:
        """What is said of one; GoldenError where it cannot be read."""
        return golden_head(read_golden(self.existing(name)))

    def existing(self, name: str) -> Path:
        """Where it lies; GoldenError if there is none."""
        path = self.path(name)
        if not path.is_file():
            raise GoldenError(text("golden.no_such", name=name))
        return path

    def remove(self, name: str) -> None:
        """Delete one; GoldenError if there is none, OSError."""
        self.existing(name).unlink()

    def keep(
        self,
        name: str,
        session: Path,
        origin: GoldenOrigin,
        rules: GoldenRules,
        progress: Progress = lambda _: None,
    ) -> GoldenHead:
        """Fold a session file and keep it with what it gave, whole or not at all.

        Damaged lines of it are left out. GoldenError if the name is taken, SessionError, OSError.
        """
        target = self.path(name)
        if target.exists():
            raise GoldenError(text("golden.taken", name=name))
        fold, told = _folded(stamped(read(session)), rules, progress)
        rows = fold.rows(rules.calendar)
        head = GoldenHead(
            golden=GOLDEN_FORMAT,
            name=name,
            origin=origin,
            from_at=told.since,
            to_at=told.until,
            messages=told.messages,
            rules=rules.alarms.version,
            site_rules=rules.site,
            rows=counts(rows),
        )
        self._folder.mkdir(parents=True, exist_ok=True)
        part = self._folder / f".{uuid.uuid4()}.gz"
        try:
            write_golden(part, head, session, rows)
            os.link(part, target)
        except FileExistsError:  # two people kept the same name at once: the first one did
            raise GoldenError(text("golden.taken", name=name)) from None
        finally:
            part.unlink(missing_ok=True)
        return head

    def check(
        self, name: str, rules: GoldenRules, progress: Progress = lambda _: None
    ) -> GoldenCheck:
        """Fold its messages again and compare; GoldenError where the file cannot be read."""
        items = read_golden(self.existing(name))
        head = golden_head(items)
        kept: list[GoldenRow] = []
        fold, told = _folded(stamped(_messages(items, kept)), rules, progress)
        if (told.messages, counts(kept)) != (head.messages, {**counts(()), **head.rows}):
            raise GoldenError(text("golden.not_whole", name=name))
        return GoldenCheck(
            name=name,
            messages=told.messages,
            rows=counts(kept),
            rules_then=head.rules,
            rules_now=rules.alarms.version,
            differences=_compared(kept, fold.rows(rules.calendar)),
        )


def _compared(kept: Sequence[GoldenRow], now: Sequence[GoldenRow]) -> tuple[GoldenDifference, ...]:
    """What differs; GoldenError for kept rows that say what none can say."""
    try:
        return differences(kept, now)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise GoldenError(
            text("golden.odd_rows", why=f"{type(error).__name__}: {error}")
        ) from error


class _Folded(NamedTuple):
    messages: int
    since: float
    until: float


def _folded(
    messages: Iterator[Message], rules: GoldenRules, progress: Progress
) -> tuple[GoldenFold, _Folded]:
    fold, since, until, count = None, 0.0, 0.0, 0
    for count, message in enumerate(messages, 1):
        at = message.received_at
        if fold is None:
            fold, since = GoldenFold(at, rules.alarms), at
        fold.take(message)
        until = max(until, at)
        if count % PROGRESS_EVERY == 0:
            progress(count)
    if fold is None:
        raise GoldenError(text("golden.empty"))
    return fold, _Folded(count, since, until)


def _messages(
    items: Iterator[GoldenHead | Recorded | GoldenRow], kept: list[GoldenRow]
) -> Iterator[Recorded]:
    for item in items:
        if isinstance(item, GoldenRow):
            kept.append(item)
        elif isinstance(item, Recorded):
            yield item
