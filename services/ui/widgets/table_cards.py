"""A table on a phone: each row is a card of several lines, with the names of its columns in it.

The grid draws only the rows in sight and needs their height beforehand: it follows from the
columns. The media query is that of static/narrow.css, which lays the cells out.
"""

from collections.abc import Sequence
from typing import Any

NARROW_WINDOW = 'matchMedia("(max-width: 700px)")'
"""In the browser; at its `change` a phone was turned or a window drawn wider."""
CARD_PX = 290
"""What the narrowest phone has for a line of cells."""
LINE_PX, EDGE_PX, GRID_ROW_PX = 22, 14, 28
GAP_PX, SHORT_PX = 12, 110
"""Between two cells, and what a short one needs however wide its column is on a desk."""
NOT_ON_CARDS = "card-none"
"""The class of cells that a card does without: the row opens what they say."""
WRAPPED_LINES = 2
"""A text of several lines is cut after these; the row opens it whole."""


def card_options(columns: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The options of the grid by which it draws cards where a window is narrow."""
    height = f"{NARROW_WINDOW}.matches ? {_height(columns)} : {GRID_ROW_PX}"
    turned = f'() => params.api.setGridOption("rowHeight", {height})'
    return {
        "columnDefs": [_column(one) for one in columns],
        ":rowHeight": height,
        "suppressColumnVirtualisation": True,
        ":onGridReady": f'params => {NARROW_WINDOW}.addEventListener("change", {turned})',
    }


def _height(columns: Sequence[dict[str, Any]]) -> int:
    """Pixels of a card: short cells side by side, each text on lines of its own."""
    shown = [one for one in columns if not one.get("hide") and one.get("cellClass") != NOT_ON_CARDS]
    short = [min(one["width"], SHORT_PX) + GAP_PX for one in shown if "width" in one]
    lines = -(-sum(short) // CARD_PX) if short else 0
    lines += sum(WRAPPED_LINES if one.get("autoHeight") else 1 for one in shown if "flex" in one)
    return lines * LINE_PX + EDGE_PX


def _column(column: dict[str, Any]) -> dict[str, Any]:
    """The column with its name in each cell, for the card, where the cell is short."""
    made = {name: value for name, value in column.items() if name != "autoHeight"}
    if column.get("autoHeight"):
        made[":autoHeight"] = f"!{NARROW_WINDOW}.matches"
    # A class of the column's own takes the place of the one its type brings.
    right = "ag-right-aligned-cell" if column.get("type") == "rightAligned" else ""
    classes = f"{column.get('cellClass', '')} {right}"
    made["cellClass"] = f"{classes} {'card-text' if 'flex' in column else 'card-short'}".split()
    if title := str(column.get("headerName", "")):
        quoted = title.replace("\\", "").replace('"', "'")
        made["cellStyle"] = {"--name": f'"{quoted} "'}
    return made
