"""Messages over time by class, with the silences."""

from typing import Any

import plotly.graph_objects as go

from omf.analysis import Analysis
from omf.texts import Language, text
from services.replay.report import plot_style
from services.replay.report.words import minutes, say

HEIGHT_PX = 170


def rate(analysis: Analysis, language: Language) -> go.Figure:
    """Stacked columns, the most urgent class at the bottom."""
    said = analysis.rate
    traces = []
    for number, counts in said.counts.items():
        if not any(counts):
            continue
        starts = [said.bucket_s * index for index in range(len(counts))]
        name = f"{number} {text(f'priority.{number}').in_(language)}"
        traces.append(
            go.Bar(
                x=starts,
                y=counts,
                offset=0,
                width=said.bucket_s,
                name=name,
                marker={"color": plot_style.CLASS_COLOURS[number - 1], "line": {"width": 0}},
                hovertext=[
                    f"{minutes(at)} · {name}: {n}" for at, n in zip(starts, counts, strict=True)
                ],
                hoverinfo="text",
            )
        )
    return plot_style.figure(
        traces,
        HEIGHT_PX,
        barmode="stack",
        bargap=0,
        showlegend=True,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "traceorder": "normal"},
        margin={"l": 52, "r": 20, "t": 40, "b": plot_style.FOOT_PX},
        xaxis=plot_style.time_axis(max(analysis.duration_s, said.bucket_s)),
        yaxis={
            "gridcolor": plot_style.HAIR,
            "zeroline": False,
            "tickfont": {"color": plot_style.MUTED},
            "fixedrange": True,
            "rangemode": "tozero",
        },
        shapes=[
            _band(row.began_at - analysis.began_at, row.ended_at - analysis.began_at)
            for row in analysis.silences
            if row.source == "*"
        ],
    )


def silences(analysis: Analysis, language: Language) -> go.Figure:
    """One row per silent sender."""
    names = list(dict.fromkeys(row.source for row in analysis.silences))
    rows = analysis.silences
    shown = [say(language, "anybody") if name == "*" else plot_style.plain(name) for name in names]
    bars: Any = go.Bar(
        orientation="h",
        y=[names.index(row.source) for row in rows],
        base=[row.began_at - analysis.began_at for row in rows],
        x=[row.ended_at - row.began_at for row in rows],
        marker={"color": plot_style.FAILED_COLOUR},
        hovertext=[minutes(row.ended_at - row.began_at) for row in rows],
        hoverinfo="text",
        width=0.5,
    )
    return plot_style.figure(
        [bars],
        plot_style.ROW_PX * len(names),
        xaxis=plot_style.time_axis(analysis.duration_s),
        yaxis=plot_style.rows_axis(shown),
    )


def _band(begin: float, end: float) -> dict[str, Any]:
    return {
        "type": "rect",
        "x0": begin,
        "x1": end,
        "y0": 0,
        "y1": 1,
        "yref": "paper",
        "fillcolor": plot_style.FAILED_COLOUR,
        "opacity": 0.18,
        "line": {"width": 0},
    }
