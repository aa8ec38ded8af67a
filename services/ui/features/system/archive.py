"""What the archive holds, how long its limits will do, and what is wrong with it."""

from services.common.store.archive_status import ArchivedKind, ArchiveStatus
from services.ui import formats
from services.ui.live.screen import Screen
from services.ui.types import Row
from services.ui.widgets.elements import panel, set_classes, text
from services.ui.widgets.table import Table, column

NAMED_KINDS = ("messages", "camera", "values", "lives", "states", "events", "alarms", "audit")


class ArchivePanel:
    """A line of facts, what is wrong, and each kind of file with its forecast."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        with panel(screen.say("system.archive"), "fill"):
            self._facts = text("", "hint").mark("archive-facts")
            self._gaps = text("", "hint wrong hidden").mark("archive-gaps")
            self._faults = text("", "hint wrong hidden").props("role=alert").mark("archive-faults")
            self._table = Table(self._columns(), self._rows(), empty=screen.say("empty.archive"))
        screen.live(self.draw)

    def draw(self) -> None:
        """Bring it up to date."""
        self._table.show(self._rows())
        status, say = self._screen.model.archive, self._screen.say
        if status is None:
            self._facts.say(say("system.archive.none"))
            return
        self._facts.say(self._summary(status))
        self._gaps.say(self._missing(status))
        set_classes(self._gaps, hidden=not status.gaps)
        self._faults.say(say("system.archive.faults", faults=" · ".join(status.faults)))
        set_classes(self._faults, hidden=not status.faults)

    def _summary(self, status: ArchiveStatus) -> str:
        screen, language = self._screen, self._screen.user.language
        said = [screen.say("system.archive.place", place=status.place)]
        if status.free is not None:
            said.append(screen.say("system.archive.free", size=formats.size(status.free, language)))
        if status.silent(screen.model.wall):
            age = formats.age(screen.model.wall - status.at, language)
            said.append(screen.say("system.archive.silent", age=age))
        return " · ".join(said)

    def _missing(self, status: ArchiveStatus) -> str:
        say = self._screen.say
        if status.lost is None:
            return say("system.archive.gaps_unknown", gaps=status.gaps)
        count = formats.number(status.lost, self._screen.user.language)
        return say("system.archive.gaps", gaps=status.gaps, count=count)

    def _rows(self) -> list[Row]:
        status = self._screen.model.archive
        return [self._row(one) for one in (status.kinds if status else ())]

    def _row(self, one: ArchivedKind) -> Row:
        say, user = self._screen.say, self._screen.user
        known = one.kind in NAMED_KINDS
        left = one.full_days
        return {
            "id": one.kind,
            "kind": say(f"system.archive.kind.{one.kind}") if known else one.kind,
            "files": formats.number(one.files, user.language),
            "size": formats.size(one.size, user.language),
            "oldest": formats.date_and_time(one.oldest_at, user.clock, user.language),
            "left": say("system.archive.unknown")
            if left is None
            else say("format.days", count=int(left)),
            "soon": left is not None and left < 1,
        }

    def _columns(self) -> list[dict[str, object]]:
        say, right = self._screen.say, {"type": "rightAligned"}
        return [
            column("kind", say("column.archived_kind"), 0, minWidth=120),
            column("files", say("column.files"), 84, **right),
            column("size", say("column.size"), 92, **right),
            column("oldest", say("column.oldest"), 164),
            column("left", say("column.days_left"), 148, **right),
        ]
