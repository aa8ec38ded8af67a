"""Puts the report together: words, plots and the plotting library in one file."""

import json
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from plotly.io import to_json
from plotly.offline import get_plotlyjs

from omf.analysis import Analysis, Comparison, OrderRow
from omf.messages.printable import escaped
from omf.texts import LANGUAGES, Language, Text
from services.replay.report import flow, gantt, tables
from services.replay.report.findings import findings
from services.replay.report.words import minutes, said

CONTENT_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:"
)
"""The browser itself sees to it that the file fetches nothing."""
REPORT_STATIC = files("services.replay.report") / "static"


def write(
    path: Path,
    name: str,
    analysis: Analysis,
    *,
    language: Language = "de",
    comparison: tuple[str, Comparison] | None = None,
) -> None:
    """Write the report of session `name`; `comparison` is the other session's name and result."""
    page = (
        _templates()
        .get_template("report.html")
        .stream(
            name=name,
            language=language,
            **_session(analysis),
            comparison=_comparison(*comparison) if comparison else None,
            **_plotting(analysis),
        )
    )
    page.dump(str(path), "utf-8")


def _templates() -> Environment:
    """Every text is escaped, and a name the template misspells is an error."""
    made = Environment(
        loader=PackageLoader("services.replay.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
    )
    made.globals |= {"languages": LANGUAGES, "said": said, "title": gantt.title}
    made.filters["printable"] = escaped
    made.tests["wording"] = lambda value: isinstance(value, Text)
    made.tests["failure"] = lambda value: isinstance(value, tables.Failure)
    return made


def _session(a: Analysis) -> dict[str, Any]:
    """What the template says about the session."""
    begin, end = (datetime.fromtimestamp(at, UTC) for at in (a.began_at, a.ended_at))
    return {
        "span": said(
            "span", date=f"{begin:%Y-%m-%d}", begin=f"{begin:%H:%M:%S}", end=f"{end:%H:%M:%S}"
        ),
        "facts": said(
            "facts",
            duration=minutes(a.duration_s),
            messages=a.messages,
            topics=len(a.topics),
            orders=len(a.orders),
        ),
        "findings": findings(a),
        "orders": a.orders,
        "silences": a.silences,
        "bucket": f"{a.rate.bucket_s:g}",
        "carried_over": a.carried_over,
        "tables": tables.tables(a),
        "end": tables.end(a),
    }


def _comparison(name: str, result: Comparison) -> dict[str, Any]:
    """What it says about the session this one is held against."""
    return {
        "name": name,
        "orders": tables.compared_orders(result),
        "steps": tables.compared_steps(result),
        "verdict": result.verdict,
        "topics": tables.compared_topics(result),
        "alarms": {"only_a": result.alarms_only_a, "only_b": result.alarms_only_b},
    }


def _plotting(analysis: Analysis) -> dict[str, Any]:
    """The plots in each language, and what shows them without a network."""
    plots = {
        lang: {key: json.loads(to_json(made)) for key, made in _figures(analysis, lang).items()}
        for lang in LANGUAGES
    }
    return {
        "languages": LANGUAGES,
        "policy": CONTENT_POLICY,
        "css": (REPORT_STATIC / "report.css").read_text("utf-8"),
        "script": (REPORT_STATIC / "report.js").read_text("utf-8"),
        "plotly": get_plotlyjs(),
        "plots": _embedded(plots),
    }


def _embedded(data: Any) -> str:
    """JSON that cannot end the element it stands in."""
    return json.dumps(data, separators=(",", ":")).replace("<", "\\u003c")


def _figures(analysis: Analysis, language: Language) -> dict[str, Any]:
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
