"""Module status: every module and vehicle on a row of its own, on request what is wrong first."""

from collections.abc import Callable, Sequence

from nicegui import ui

from services.ui.live.screen import Screen
from services.ui.types import Row
from services.ui.views import urls
from services.ui.views.device_status import module_rows, vehicle_rows
from services.ui.widgets.elements import attribute, div, panel, set_classes, text
from services.ui.widgets.table import Table, column

PROBLEMS_FIRST = "problems"
"""In the address, under `first`."""


class ModuleTable:
    """In the order of a piece's way, or with what is wrong on top; that choice is called out."""

    def __init__(
        self,
        screen: Screen,
        visible: Callable[[], bool],
        on_turn: Callable[[], None],
        *,
        first: bool,
    ) -> None:
        """`first`: what is wrong is on top; `on_turn` runs when that was changed.

        `visible`: only who looks at it is sent its rows, as every age in it grows.
        """
        self._screen, self._on_turn, self._first = screen, on_turn, first
        say, rows = screen.say, self._rows()
        self._wanted = [str(row["id"]) for row in rows]
        with panel(say("overview.tab.modules"), "fill"):
            with div("row"):
                self._turn = text(say("modules.problems_first"), "act small", "button")
            self._turn.on("click", self._change).mark("problems-first")
            attribute(self._turn, "title", say("modules.problems_first.is"))
            self._table = Table(
                _columns(screen),
                rows,
                empty=say("empty.modules"),
                row_classes={"old": "data.old"},
                on_pick=lambda serial: ui.navigate.to(urls.to_device(screen, serial)),
            )
        self._mark()
        screen.live(lambda: self._show() if visible() else None)

    @property
    def query(self) -> str:
        """What the address says of it."""
        return f"?first={PROBLEMS_FIRST}" if self._first else ""

    def _change(self) -> None:
        self._first = not self._first
        self._mark()
        self._show()
        self._on_turn()

    def _mark(self) -> None:
        set_classes(self._turn, current=self._first)
        attribute(self._turn, "aria-pressed", str(self._first).lower())

    def _show(self) -> None:
        """Send what changed; all of it only where rows stand in another order than before.

        A device that is new comes below the others, unless it belongs among those with a problem.
        """
        rows = self._rows()
        wanted, shown = [str(row["id"]) for row in rows], self._table.keys
        before, self._wanted = self._wanted, wanted
        moved = [one for one in before if one in wanted] != [one for one in wanted if one in before]
        if moved or (self._first and wanted != shown):
            self._table.replace(rows)
        else:
            self._table.show(rows)

    def _rows(self) -> Sequence[Row]:
        model, say = self._screen.model, self._screen.say
        rows = model.shared(
            ("devices", say.language), lambda: [*module_rows(model, say), *vehicle_rows(model, say)]
        )
        return sorted(rows, key=problem_rank) if self._first else rows


def problem_rank(row: Row) -> int:
    """How much is wrong with a device, the gravest first: 0 a fault, 4 nothing."""
    signs = (
        row["failed"] or row["faults"],
        row["link"] in {"down", "silent"},
        row["blocked"],
        row["unpaired"],
    )
    return next((rank for rank, wrong in enumerate(signs) if wrong), len(signs))


def _columns(screen: Screen) -> list[dict[str, object]]:
    say = screen.say

    def head(field: str, width: int = 0, **more: object) -> dict[str, object]:
        return column(field, say(f"column.{field}"), width, **more)

    gone = "data.link == 'down' || data.link == 'silent'"
    down = {"cell-comm": gone, "cell-dim": "data.link == 'unknown'"}
    failed = {"cell-bad": "data.failed"}
    return [
        head("name", 0, minWidth=112),
        head("id", 92, cellClass="cell-mono", headerName=say("column.serial")),
        head("type", 52),
        head("ip", 108, cellClass="cell-mono"),
        head("connection", 108, tooltipField="connection", cellClassRules=down),
        head("available", 96, cellClassRules={"cell-warn": "data.blocked || data.unpaired"}),
        head("order", 68, cellClass="cell-mono"),
        head("action", 0, minWidth=118, tooltipField="action", cellClassRules=failed),
        head("faults", 68, tooltipField="errors", cellClassRules={"cell-warn": "!!value"}),
        head("calibration", 66),
        head("version", 74, tooltipField="version"),
        head("messages", 60, type="rightAligned"),
        head("age", 52, type="rightAligned", sortable=False),
    ]
