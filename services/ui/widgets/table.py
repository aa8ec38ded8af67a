"""A dense table that is painted complete and then receives only the rows that changed."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from nicegui import ui

from omf.messages.printable import escaped
from services.ui.types import Row
from services.ui.widgets.elements import Label, div, set_classes, text
from services.ui.widgets.plain_element import hold_unwatched
from services.ui.widgets.table_cards import card_options
from services.ui.widgets.table_keys import KEYS

EXACT = frozenset({"id", "picture"})
"""Fields by which the server knows what was clicked or asked for."""
OPTIONS: dict[str, Any] = {
    ":getRowId": "params => params.data.id",
    "defaultColDef": {"sortable": True, "resizable": True, "suppressMovable": True},
    "headerHeight": 28,
    "animateRows": False,
    "rowSelection": {"mode": "singleRow", "checkboxes": False, "enableClickSelection": True},
    "enableCellTextSelection": True,
    "tooltipShowDelay": 400,
    "asyncTransactionWaitMillis": 10,
    "suppressNoRowsOverlay": True,
    **KEYS,
}


WHOLE: dict[str, Any] = {"cellClass": "cell-whole", "wrapText": True, "autoHeight": True}
"""For a column of what machines say, to be read to its end: it takes as many lines as it needs."""
WRAPPED: dict[str, Any] = {**WHOLE, "cellClass": "cell-wrap"}
"""The same for a column of plain words."""


def column(field: str, title: str, width: int = 0, **more: Any) -> dict[str, Any]:
    """A column; `width` in pixels, 0 shares what is left."""
    size = {"width": width} if width else {"flex": 1, "minWidth": 90}
    return {"field": field, "headerName": title, **size, **more}


def as_sent(row: Row) -> dict[str, object]:
    """A row as it is sent: ids as they are, text with what cannot be seen as an escape."""
    return {
        name: escaped(value) if isinstance(value, str) and name not in EXACT else value
        for name, value in row.items()
    }


class Table:
    """Rows are dictionaries with an `id`; order is the order of the rows first shown."""

    def __init__(
        self,
        columns: Sequence[dict[str, Any]],
        rows: Sequence[Row],
        *,
        empty: str,
        row_classes: Mapping[str, str] | None = None,
        on_pick: Callable[[str], Any] | None = None,
        whole: bool = False,
    ) -> None:
        """`row_classes` maps a class to an expression over `data`; `on_pick` gets a row's id.

        `whole` shows all rows at once, as high as they are: for a list that is short.
        """
        self._sent: dict[str, Row] = {str(row["id"]): row for row in rows}
        own = {**card_options(columns), "rowData": list(map(as_sent, rows))}
        rules = {"rowClassRules": dict(row_classes or {})}
        height = {"domLayout": "autoHeight"} if whole else {}
        with div("table whole" if whole else "table"):
            self.grid = ui.aggrid({}, theme="balham", auto_size_columns=False).classes("grid")
            given = {**self.grid.options, **OPTIONS, **own, **rules, **height}
            hold_unwatched(self.grid, "options", given)
            self.empty: Label = text(empty, "table-empty")
        self._mark_empty()
        if on_pick:
            self.grid.on("rowClicked", lambda event: on_pick(event.args["rowId"]), ["rowId"])

    @property
    def keys(self) -> list[str]:
        """The ids of the rows, in the order they were put."""
        return list(self._sent)

    def row(self, key: str) -> Row | None:
        """The row with this id; None if it is not among them."""
        return self._sent.get(key)

    def show(self, rows: Sequence[Row]) -> None:
        """Send what differs from what was sent before: added, changed and removed rows."""
        sent, wanted = self._sent, {str(row["id"]): row for row in rows}
        self._sent = wanted
        self._send(
            add=[as_sent(row) for key, row in wanted.items() if key not in sent],
            update=[as_sent(row) for key, row in wanted.items() if sent.get(key, row) != row],
            remove=[{"id": key} for key in sent if key not in wanted],
        )

    def put_on_top(self, rows: Sequence[Row], *, keep: int) -> bool:
        """Add rows above all others, first one first; True if the lowest left, beyond `keep`."""
        fresh = {str(row["id"]): row for row in rows if str(row["id"]) not in self._sent}
        order = {**fresh, **self._sent}
        kept, gone = list(order)[:keep], list(order)[keep:]
        self._sent = {key: order[key] for key in kept}
        added = [as_sent(row) for key, row in fresh.items() if key in self._sent]
        self._send(add=added, remove=[{"id": k} for k in gone if k not in fresh], addIndex=0)
        return bool(gone)

    def put_in_place(self, key: str, rows: Sequence[Row]) -> None:
        """Put rows where the row `key` stands, which leaves."""
        fresh = {str(row["id"]): row for row in rows if str(row["id"]) not in self._sent}
        place = self.keys.index(key)
        above, below = self.keys[:place], self.keys[place + 1 :]
        order = {**self._sent, **fresh}
        self._sent = {k: order[k] for k in (*above, *fresh, *below)}
        added = [as_sent(row) for row in fresh.values()]
        self._send(add=added, remove=[{"id": key}], addIndex=place)

    def put_below(self, rows: Sequence[Row]) -> None:
        """Add rows below all others, first one first; those already shown stay where they are."""
        fresh = {str(row["id"]): row for row in rows if str(row["id"]) not in self._sent}
        self._sent = {**self._sent, **fresh}
        self._send(add=[as_sent(row) for row in fresh.values()])

    def replace(self, rows: Sequence[Row]) -> None:
        """Show these rows and no others, in this order."""
        self._sent = {str(row["id"]): row for row in rows}
        self.grid.run_grid_method("flushAsyncTransactions")
        self.grid.run_grid_method("setGridOption", "rowData", list(map(as_sent, rows)))
        self._mark_empty()

    def _send(self, **change: Any) -> None:
        filled = {name: value for name, value in change.items() if value}
        if not filled:
            return
        if "addIndex" in change:
            filled["addIndex"] = change["addIndex"]
        self.grid.run_grid_method("applyTransactionAsync", filled)
        self._mark_empty()

    def _mark_empty(self) -> None:
        set_classes(self.empty, hidden=bool(self._sent))
