"""How the plots look: grey is normal, colour is not."""

from collections.abc import Mapping
from html import escape
from types import MappingProxyType
from typing import Any

import plotly.graph_objects as go

from services.replay.report.words import minutes

INK, MUTED, HAIR, PAPER = "#1f2933", "#7b8794", "#e4e7eb", "#ffffff"
WORK, DRIVE = "#9aa5b1", "#cbd2d9"
SLOW_COLOUR, FAILED_COLOUR = "#d97706", "#c62828"
VERDICT_COLOURS: Mapping[str, str] = MappingProxyType(
    {"slow": SLOW_COLOUR, "failed": FAILED_COLOUR}
)
"""Verdicts that are shown in colour; all others are grey."""
CLASS_COLOURS = ("#3e4c59", "#616e7c", "#7b8794", "#9aa5b1", "#cbd2d9", "#e4e7eb")
"""From class 1, dark, to 6."""
ROW_PX, HEAD_PX, FOOT_PX = 24, 8, 34
LABEL_PX = 168
MAX_LABEL_CHARS = 26
TICKS_S = (5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200)
MOST_TICKS = 12


def plain(text: str | None) -> str:
    """Text of the wire as a label: the plots would take a `<` for markup."""
    short = text or "–"
    return escape(short if len(short) <= MAX_LABEL_CHARS else f"{short[: MAX_LABEL_CHARS - 1]}…")


def figure(traces: list[Any], height_px: int, **layout: Any) -> go.Figure:
    """A figure in the house style, `height_px` high without its axes."""
    base = {
        "height": height_px + HEAD_PX + FOOT_PX,
        "margin": {"l": LABEL_PX, "r": 76, "t": HEAD_PX, "b": FOOT_PX},
        "paper_bgcolor": PAPER,
        "plot_bgcolor": PAPER,
        "font": {"family": "system-ui, sans-serif", "size": 12, "color": INK},
        "barmode": "overlay",
        "bargap": 0.45,
        "showlegend": False,
        "hoverlabel": {"bgcolor": PAPER, "bordercolor": MUTED, "font": {"color": INK}},
    }
    return go.Figure(traces, {**base, **layout})


def time_axis(length_s: float) -> dict[str, Any]:
    """Seconds from the begin, written as minutes."""
    step = next((s for s in TICKS_S if length_s / s <= MOST_TICKS), TICKS_S[-1])
    marks = list(range(0, int(length_s) + 1, step))
    return {
        "range": [-length_s * 0.004, length_s * 1.004],
        "tickvals": marks,
        "ticktext": [minutes(mark) for mark in marks],
        "tickfont": {"color": MUTED},
        "gridcolor": HAIR,
        "zeroline": False,
        "showline": False,
        "fixedrange": True,
    }


def rows_axis(labels: list[str]) -> dict[str, Any]:
    """One row per label, the first on top; labels may repeat, so rows are numbers."""
    return {
        "range": [len(labels) - 0.5, -0.5],
        "tickvals": list(range(len(labels))),
        "ticktext": labels,
        "showgrid": False,
        "zeroline": False,
        "fixedrange": True,
        "automargin": False,
    }


def note(x: float, row: float, text: str, colour: str = MUTED, **more: Any) -> dict[str, Any]:
    """A small text beside a bar."""
    return {
        "x": x,
        "y": row,
        "text": text,
        "showarrow": False,
        "xanchor": "left",
        "xshift": 6,
        "font": {"size": 11, "color": colour},
        **more,
    }
