"""The keys of a table: Tab leads in and out, arrows move, Enter does what a click does."""

from typing import Any

_ENTER = "params => { if (params.event.key === 'Enter') params.event.target.click(); }"

_COME_IN = """params => {
  const rows = params.api.getDisplayedRowCount();
  if (!rows) return false;
  const last = params.api.getFocusedCell();
  const row = Math.min(last?.rowIndex ?? 0, rows - 1);
  params.api.ensureIndexVisible(row);
  params.api.setFocusedCell(row, last?.column ?? params.api.getAllDisplayedColumns()[0]);
  return true;
}"""
"""To the row that was left, else to the first; the headings are one arrow above it."""

_REMEMBER = """params => {
  const row = params.api.getDisplayedRowAtIndex(params.rowIndex);
  if (row) params.api.chosen = row.id;
}"""

_FORGET = "params => { params.api.chosen = null; }"
"""Whoever went up to a heading comes down to a place, not to the row that was left: where the rows
move in that moment, the focus would jump to it."""

_STAY = """params => {
  const focused = document.activeElement?.closest(".ag-cell")?.closest("[grid-id]");
  if (focused?.getAttribute("grid-id") !== params.api.getGridId()) return;
  const cell = params.api.getFocusedCell();
  const row = cell && params.api.chosen && params.api.getRowNode(params.api.chosen);
  if (!row || row.rowIndex === null || row.rowIndex === cell.rowIndex) return;
  params.api.setFocusedCell(row.rowIndex, cell.column);
}"""
"""The grid keeps the place; whoever reads a row wants Enter to open that row, not its follower."""

_LEAVE = """params => {
  const grid = document.activeElement.closest("[grid-id]");
  grid?.querySelectorAll(".ag-row, .ag-header-row").forEach(row => { row.tabIndex = -1; });
  return false;
}"""
"""The grid makes each row a stop of its own; here one Tab leads past all of them."""

_NO_STOP = """params => {
  const grid = document.querySelector(`[grid-id="${params.api.getGridId()}"]`);
  grid?.querySelectorAll("[data-ref=eViewport]").forEach(part => { part.tabIndex = -1; });
}"""
"""Chromium stops at each part that scrolls and holds nothing to stop at, as an empty pinned row."""

KEYS: dict[str, Any] = {
    ":onGridSizeChanged": _NO_STOP,
    ":onCellKeyDown": _ENTER,
    ":focusGridInnerElement": _COME_IN,
    ":tabToNextCell": _LEAVE,
    ":tabToNextHeader": _LEAVE,
    ":onCellFocused": _REMEMBER,
    ":onHeaderFocused": _FORGET,
    ":onModelUpdated": _STAY,
}
"""Options of the grid."""
