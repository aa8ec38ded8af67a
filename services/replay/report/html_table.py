"""A table as HTML; every cell is text and escaped here."""

from collections.abc import Iterable, Sequence
from html import escape

from omf.printable import escaped
from services.replay.report.words import both, spans


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


def table(heads: Sequence[str], rows: Iterable[Sequence[object]], *, numbers: int = 99) -> str:
    """A table whose columns from `numbers` on are aligned to the right; `none` without rows."""
    lines = [_row(row, numbers) for row in rows]
    if not lines:
        return f'<p class="none">{both("none")}</p>'
    head = "".join(
        f"<th{_right(index, numbers)}>{both(name)}</th>" for index, name in enumerate(heads)
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table>"


def _row(cells: Sequence[object], numbers: int) -> str:
    inner = "".join(
        f"<td{_right(index, numbers)}>{_cell(cell)}</td>" for index, cell in enumerate(cells)
    )
    return f"<tr>{inner}</tr>"


def _right(index: int, numbers: int) -> str:
    return ' class="n"' if index >= numbers else ""


def _cell(cell: object) -> str:
    if isinstance(cell, Html):
        return cell
    return "–" if cell is None else escape(escaped(str(cell)))


def mark(text: str, *, bad: bool) -> str:
    """The text, in the look of a failure if it is one."""
    return Html(f'<b class="failed">{escape(escaped(text))}</b>') if bad else text


def decimal(value: float | None) -> str | None:
    """One digit behind the comma of the reader's language."""
    if value is None:
        return None
    text = f"{value:.1f}"
    return Html(spans(text.replace(".", ","), text))
