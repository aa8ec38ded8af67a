"""Puts the report together: words, plots and the plotting library in one file."""

import json
from datetime import UTC, datetime
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any

from plotly.io import to_json
from plotly.offline import get_plotlyjs

from omf.analysis import Analysis, Comparison, OrderRow
from services.replay.report import end_state, flow, gantt, tables
from services.replay.report.compared import compared
from services.replay.report.findings import findings
from services.replay.report.words import LANGUAGES, both, minutes

POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:"
"""The browser itself sees to it that the file fetches nothing."""
STATIC = files("services.replay.report") / "static"


def write(
    path: Path,
    name: str,
    analysis: Analysis,
    *,
    language: str = "de",
    comparison: tuple[str, Comparison] | None = None,
) -> None:
    """Write the report of session `name`; `comparison` is the other session's name and result."""
    sections = [*_plots(analysis), *_tables(analysis)]
    if comparison:
        other, result = comparison
        hint = both("compare_hint", a=name, b=other)
        sections.insert(1, _section("compare", compared(result), hint))
    path.write_text(_page(name, analysis, "".join(sections), language), "utf-8")


def _page(name: str, analysis: Analysis, body: str, language: str) -> str:
    plots = {
        lang: {key: json.loads(to_json(made)) for key, made in _figures(analysis, lang).items()}
        for lang in LANGUAGES
    }
    return f"""<!doctype html>
<html lang="{escape(language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(name)}</title>
<style>{(STATIC / "report.css").read_text("utf-8")}</style>
</head>
<body>
{_head(name, analysis)}
<main>{body}</main>
<script>{get_plotlyjs()}</script>
<script type="application/json" id="plots">{_embedded(plots)}</script>
<script>{(STATIC / "report.js").read_text("utf-8")}</script>
</body>
</html>
"""


def _embedded(data: Any) -> str:
    """JSON that cannot end the element it stands in."""
    return json.dumps(data, separators=(",", ":")).replace("<", "\\u003c")


def _head(name: str, analysis: Analysis) -> str:
    begin, end = (datetime.fromtimestamp(at, UTC) for at in (analysis.began_at, analysis.ended_at))
    span = both("span", date=f"{begin:%Y-%m-%d}", begin=f"{begin:%H:%M:%S}", end=f"{end:%H:%M:%S}")
    facts = both(
        "facts",
        duration=minutes(analysis.duration_s),
        messages=analysis.messages,
        topics=len(analysis.topics),
        orders=len(analysis.orders),
    )
    buttons = "".join(
        f'<button data-language="{lang}">{lang.upper()}</button>' for lang in LANGUAGES
    )
    return f"""<header><nav>{buttons}</nav><p class="kind">{both("title")}</p>
<h1>{escape(name)}</h1><p>{span} · {facts}</p>{_outstanding(analysis)}</header>"""


def _outstanding(analysis: Analysis) -> str:
    found = findings(analysis)
    if not found:
        return f"<p>{both('all_usual')}</p>"
    lines = "".join(f'<li class="{gravity}">{sentence}</li>' for gravity, sentence in found)
    return f"<h2>{both('stands_out')}</h2><ul>{lines}</ul>"


def _figures(analysis: Analysis, language: str) -> dict[str, Any]:
    made: dict[str, Any] = {"rate": flow.rate(analysis, language)}
    if analysis.silences:
        made["silences"] = flow.silences(analysis, language)
    if not analysis.orders:
        return made
    made["orders"] = gantt.orders(analysis, language)
    made["devices"] = gantt.devices(analysis, language)
    longest = max(_length(order, analysis) for order in analysis.orders)
    for index, order in enumerate(analysis.orders):
        made[f"steps{index}"] = gantt.steps(order, analysis, longest * 1.05, language)
    return made


def _length(order: OrderRow, analysis: Analysis) -> float:
    return (order.ended_at or analysis.ended_at) - order.began_at


def _plots(analysis: Analysis) -> list[str]:
    orders, devices, steps = "", "", ""
    if analysis.orders:
        orders = _plot("orders")
        devices = _section("devices", _plot("devices"), both("devices_hint"))
        parts = (
            f"<h3>{escape(gantt.title(order))} <small>{escape(order.id)}</small></h3>"
            + _plot(f"steps{index}")
            for index, order in enumerate(analysis.orders)
        )
        steps = _section("steps", "".join(parts), both("steps_hint"))
    hint = both("rate_hint", bucket=f"{analysis.rate.bucket_s:g}")
    quiet = _plot("silences") if analysis.silences else f'<p class="none">{both("none")}</p>'
    return [
        _section("orders", orders + tables.orders(analysis), both("orders_hint")),
        devices,
        steps,
        _section("rate", _plot("rate"), hint),
        _section("silences", quiet),
    ]


def _tables(analysis: Analysis) -> list[str]:
    hint = both("losses_hint")
    return [
        _section("alarms", tables.alarms(analysis)),
        _section("losses", tables.losses(analysis), hint),
        _section("rejects", tables.rejects(analysis)),
        _section("drift", tables.drift(analysis)),
        _section("end", end_state.end(analysis)),
        _section("topics", tables.topics(analysis)),
    ]


def _section(key: str, inner: str, hint: str = "") -> str:
    note = f'<p class="hint">{hint}</p>' if hint else ""
    return f'<section id="{key}"><h2>{both(key)}</h2>{note}{inner}</section>'


def _plot(key: str) -> str:
    return f'<div class="plot" data-plot="{key}"></div>'
