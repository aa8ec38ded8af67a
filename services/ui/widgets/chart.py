"""Lines over one time axis, each on its own scale, drawn as SVG."""

import math
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from omf.messages import exact_json
from services.ui import formats
from services.ui.live.screen import Screen
from services.ui.translator import Language
from services.ui.widgets.elements import attribute, div, text
from services.ui.widgets.plain_element import PlainElement
from services.ui.widgets.svg import shape, words

WIDTH, BAND, LEFT, GAP = 420.0, 74.0, 4.0, 18.0
"""In drawing units; each field has a band of its own below the one before."""

Point = tuple[float, float]


class ChartLine(NamedTuple):
    """One field: its name, and its values as (Unix seconds, value), oldest first."""

    name: str
    points: Sequence[Point]


def chart(screen: Screen, lines: Sequence[ChartLine]) -> None:
    """Draw the lines, one below the other, over the same time."""
    drawn = [line for line in lines if line.points]
    if not drawn:
        text(screen.say("chart.nothing"), "hint")
        return
    begin = min(line.points[0][0] for line in drawn)
    end = max(line.points[-1][0] for line in drawn)
    height = len(drawn) * (BAND + GAP) + GAP
    with div("chart", "svg") as drawing:
        attribute(drawing, "viewBox", f"0 0 {WIDTH:.0f} {height:.0f}")
        attribute(drawing, "role", "img")
        attribute(drawing, "aria-label", ", ".join(line.name for line in drawn))
        for place, line in enumerate(drawn):
            _band(screen, line, GAP + place * (BAND + GAP), (begin, end))
        words("chart-time", (LEFT, height - 4), screen.when(begin))
        words("chart-time chart-end", (WIDTH - LEFT, height - 4), screen.when(end))


def _band(screen: Screen, line: ChartLine, top: float, span: tuple[float, float]) -> None:
    values = [value for _, value in line.points]
    low, high = min(values), max(values)
    shape("rect", "chart-ground", x=LEFT, y=top, width=WIDTH - 2 * LEFT, height=BAND)
    path = PlainElement("polyline", "chart-line")
    attribute(path, "points", " ".join(_places(line.points, top, span, (low, high))))
    language = screen.user.language
    shown = {"low": _figure(low, language), "high": _figure(high, language)}
    now = _figure(values[-1], language)
    said = screen.say("chart.line", name=line.name, now=now, count=len(values), **shown)
    words("chart-name", (LEFT + 2, top - 4), said)


def _places(
    points: Sequence[Point], top: float, span: tuple[float, float], scale: tuple[float, float]
) -> list[str]:
    (begin, end), (low, high) = span, scale
    wide, tall = max(end - begin, 1e-9), high - low
    found = []
    for at, value in points:
        x = LEFT + (at - begin) / wide * (WIDTH - 2 * LEFT)
        share = (value - low) / tall if tall else 0.5
        found.append(f"{x:.1f},{top + BAND - 4 - share * (BAND - 8):.1f}")
    # A single value is a line of its own across the band, not an invisible dot.
    if len(found) > 1:
        return found
    height = found[0].partition(",")[2]
    return [f"{LEFT},{height}", f"{WIDTH - LEFT},{height}"]


def _figure(value: float, language: Language) -> str:
    return formats.number(value, language, 0 if value == int(value) else 2)


def fields_of(bodies: Sequence[tuple[float, Mapping[str, object]]]) -> tuple[list[str], int]:
    """The numeric leaves of the newest of many messages, and how many of them tell something.

    What changes and is a measurement comes first, then what stands still, last what only counts
    or names: ids, numbers of updates, times.
    """
    newest = bodies[-1][1] if bodies else {}
    names = [name for name, leaf in newest.items() if is_number(leaf)]
    moving = {n for n in names if len({str(b[n]) for _, b in bodies if is_number(b.get(n))}) > 1}
    telling = {name for name in moving if not _counts(name)}
    return sorted(names, key=lambda n: (_counts(n), n not in moving)), len(telling)


def _counts(name: str) -> bool:
    last = re.sub(r"\[\d+\]| \(\d+\)", "", name).rpartition(".")[2]
    return bool(_COUNTER.search(last))


_COUNTER = re.compile(r"(?:Id|ID|_id|^id|^ts|[Tt]imestamp|[Ss]equence\w*|^lastSeen|^version)$")


def lines_of(
    names: Sequence[str], bodies: Sequence[tuple[float, Mapping[str, object]]]
) -> list[ChartLine]:
    """The named leaves of many messages, given as (Unix seconds, leaves), oldest first."""
    return [
        ChartLine(
            name, [(at, float(str(body[name]))) for at, body in bodies if is_number(body.get(name))]
        )
        for name in names
    ]


def is_number(value: object) -> bool:
    """True for what can be drawn: neither a switch nor a figure beyond all bounds."""
    try:
        return exact_json.is_number(value) and math.isfinite(float(str(value)))
    except (ValueError, OverflowError):
        return False
