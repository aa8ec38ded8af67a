"""Bars over time: all orders, all devices, and each order step by step."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import plotly.graph_objects as go

from omf.analysis import Analysis, OrderRow, StepRow
from omf.texts import Language
from services.replay.report import plot_style
from services.replay.report.words import minutes, say

OPEN_STEP = "open"


class Bar(NamedTuple):
    """One bar: row, begin and length in seconds, how it looks, what it says."""

    row: int
    begin: float
    length: float
    colour: str
    hover: str
    pattern: str = ""


def orders(analysis: Analysis, language: Language) -> go.Figure:
    """One row per order over the whole session."""
    shown = analysis.orders
    bars, lines = [], []
    for row, order in enumerate(shown):
        end = order.ended_at or analysis.ended_at
        lines.append(_line(row, order.began_at - analysis.began_at, end - analysis.began_at))
        bars += [_bar(analysis, row, step, language) for step in _begun(order)]
    length = analysis.duration_s
    return plot_style.figure(
        _bars(bars),
        plot_style.ROW_PX * len(shown),
        xaxis=plot_style.time_axis(length),
        yaxis=plot_style.rows_axis([plot_style.plain(title(order)) for order in shown]),
        shapes=lines,
        annotations=[_outcome(analysis, row, order) for row, order in enumerate(shown)],
    )


def devices(analysis: Analysis, language: Language) -> go.Figure:
    """One row per device over the whole session, with its share of the time."""
    work: dict[str, list[Bar]] = {}
    for order in analysis.orders:
        for step in _begun(order):
            mine = work.setdefault(step.device or "–", [])
            text = f"{plot_style.plain(title(order))}<br>"
            mine.append(_bar(analysis, 0, step, language, text))
    names = sorted(work)
    bars = [bar._replace(row=row) for row, name in enumerate(names) for bar in work[name]]
    length = analysis.duration_s
    busy = [sum(bar.length for bar in work[name]) / max(length, 1.0) for name in names]
    shares = [
        plot_style.note(1, row, f"{share:.0%}", xref="paper") for row, share in enumerate(busy)
    ]
    return plot_style.figure(
        _bars(bars),
        plot_style.ROW_PX * len(names),
        xaxis=plot_style.time_axis(length),
        yaxis=plot_style.rows_axis([plot_style.plain(name) for name in names]),
        annotations=shares,
    )


def steps(order: OrderRow, analysis: Analysis, length_s: float, language: Language) -> go.Figure:
    """One row per step, from the begin of the order; `length_s` is the same for all orders."""
    rows = order.steps
    bars = [_bar(analysis, row, step, language) for row, step in enumerate(rows) if _has_bar(step)]
    bars = [bar._replace(begin=bar.begin + analysis.began_at - order.began_at) for bar in bars]
    traces = [*_ranges(order), *_waits(order), *_bars(bars)]
    return plot_style.figure(
        traces,
        plot_style.ROW_PX * len(rows),
        xaxis=plot_style.time_axis(length_s),
        yaxis=plot_style.rows_axis([plot_style.plain(step.name) for step in rows]),
        annotations=[_told(order, analysis, row, step, language) for row, step in enumerate(rows)],
    )


def title(order: OrderRow) -> str:
    """What people call an order."""
    return f"{order.type or '–'} {order.colour or '–'}"


def _has_bar(step: StepRow) -> bool:
    return step.began_at is not None


def _begun(order: OrderRow) -> Iterable[StepRow]:
    return filter(_has_bar, order.steps)


def _bar(analysis: Analysis, row: int, step: StepRow, language: Language, prefix: str = "") -> Bar:
    began = step.began_at or analysis.began_at
    ended = step.ended_at or analysis.ended_at
    grey = plot_style.DRIVE if step.drive else plot_style.WORK
    usual = f" ({say(language, 'usual')} {minutes(step.usual.usual)})" if step.usual else ""
    words = say(language, f"verdict.{step.verdict}")
    hover = f"{prefix}{plot_style.plain(step.name)}: {minutes(ended - began)}{usual}<br>{words}"
    colour = plot_style.VERDICT_COLOURS.get(step.verdict, grey)
    pattern = "/" if step.verdict == OPEN_STEP else ""
    return Bar(row, began - analysis.began_at, ended - began, colour, hover, pattern)


def _bars(bars: Sequence[Bar]) -> list[Any]:
    """One trace for each look: the plots take one colour a trace without grumbling."""
    looks = dict.fromkeys((bar.colour, bar.pattern) for bar in bars)
    return [
        _alike([bar for bar in bars if (bar.colour, bar.pattern) == one], *one) for one in looks
    ]


def _alike(bars: Sequence[Bar], colour: str, pattern: str) -> Any:
    return go.Bar(
        orientation="h",
        y=[bar.row for bar in bars],
        base=[bar.begin for bar in bars],
        x=[bar.length for bar in bars],
        marker={
            "color": colour,
            "line": {"width": 1, "color": plot_style.PAPER},
            "pattern": {"shape": pattern, "fgcolor": plot_style.PAPER, "size": 5},
        },
        hovertext=[bar.hover for bar in bars],
        hoverinfo="text",
        width=0.62,
    )


def _line(row: int, begin: float, end: float) -> dict[str, Any]:
    return {
        "type": "line",
        "layer": "below",
        "x0": begin,
        "x1": end,
        "y0": row,
        "y1": row,
        "line": {"color": plot_style.DRIVE, "width": 1},
    }


def _outcome(analysis: Analysis, row: int, order: OrderRow) -> dict[str, Any]:
    """How long it took, behind its last bar."""
    end = order.ended_at or analysis.ended_at
    bad = order.state == "ERROR" or order.vanished
    colour = plot_style.FAILED_COLOUR if bad else plot_style.MUTED
    text = minutes(order.duration_s) if order.duration_s is not None else "…"
    return plot_style.note(end - analysis.began_at, row, text, colour)


def _ranges(order: OrderRow) -> Iterable[Any]:
    """The usual range as a thin line under the bar, the usual value as a mark on it."""
    known = [
        (row, step.began_at - order.began_at, step.usual)
        for row, step in enumerate(order.steps)
        if step.usual and step.began_at is not None
    ]
    low = 0.41
    for row, begin, usual in known:
        yield go.Scatter(
            x=[begin + usual.least, begin + usual.most],
            y=[row + low, row + low],
            mode="lines",
            line={"color": plot_style.MUTED, "width": 1.5},
            hoverinfo="skip",
        )
    yield go.Scatter(
        x=[begin + usual.usual for _, begin, usual in known],
        y=[row + low for row, _, _ in known],
        mode="markers",
        marker={"symbol": "line-ns", "size": 5, "line": {"width": 1.5, "color": plot_style.INK}},
        hoverinfo="skip",
    )


def _waits(order: OrderRow) -> Iterable[Any]:
    for row, step in enumerate(order.steps):
        if step.began_at is not None and step.wait_s and step.wait_s >= 1:
            begin = step.began_at - order.began_at
            yield go.Scatter(
                x=[begin - step.wait_s, begin],
                y=[row, row],
                mode="lines",
                line={"color": plot_style.MUTED, "width": 1, "dash": "dot"},
                hoverinfo="skip",
            )


def _told(
    order: OrderRow, analysis: Analysis, row: int, step: StepRow, language: Language
) -> dict[str, Any]:
    """The figure behind the bar; in words where there is none."""
    if step.began_at is None:
        return plot_style.note(0, row, say(language, f"verdict.{step.verdict}"))
    ended = step.ended_at or analysis.ended_at
    colour = plot_style.VERDICT_COLOURS.get(step.verdict, plot_style.MUTED)
    text = minutes(ended - step.began_at)
    if step.verdict in {"failed", "slow", "open"}:
        text = f"{text} {say(language, f'verdict.{step.verdict}')}"
    most = step.began_at + step.usual.most if step.usual else ended
    return plot_style.note(max(ended, most) - order.began_at, row, text, colour)
