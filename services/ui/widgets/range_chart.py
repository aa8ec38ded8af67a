"""Fields over a range, each in a band with a scale of its own: lowest to highest of each column.

Numbers are a stepped line, for a value holds until the next one; where nobody said anything for
longer than the archive repeats itself the line is broken. Texts are bars with their words. Colour
means nothing here: bands stand apart and bear their names.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from nicegui.events import GenericEventArguments

from services.history.field_search import STATED_MS, FieldColumn, HistoryMark
from services.ui import formats
from services.ui.live.screen import Screen
from services.ui.widgets.elements import attribute, div, text
from services.ui.widgets.plain_element import PlainElement
from services.ui.widgets.svg import shape, words

RANGE_WIDTH, BAND_HEIGHT, SIDE, HEAD, FOOT = 1000.0, 96.0, 6.0, 18.0, 18.0
COLUMNS = 494
"""Two units each."""
TICKS = 5
CLICK_UNITS = 4.0
LETTER = 6.6
"""Units that a letter in a bar takes at most."""
ZOOM_BEGIN = """e => {
  const svg = e.currentTarget, box = svg.getBoundingClientRect();
  svg.dataset.from = (e.clientX - box.left) / box.width;
  svg.setPointerCapture(e.pointerId);
}"""
ZOOM_DRAG = """e => {
  const svg = e.currentTarget, box = svg.getBoundingClientRect();
  if (!svg.dataset.from) return;
  const from = Number(svg.dataset.from) * UNITS, to = (e.clientX - box.left) / box.width * UNITS;
  const band = svg.querySelector(".chart-zoom");
  band?.setAttribute("x", Math.min(from, to));
  band?.setAttribute("width", Math.abs(to - from));
}""".replace("UNITS", f"{RANGE_WIDTH:.0f}")
ZOOM_DROP = """e => {
  const svg = e.currentTarget, box = svg.getBoundingClientRect();
  const from = Number(svg.dataset.from);
  if (!svg.dataset.from) return;
  delete svg.dataset.from;
  svg.querySelector(".chart-zoom")?.setAttribute("width", 0);
  emit({from, to: (e.clientX - box.left) / box.width, y: (e.clientY - box.top) / box.height});
}"""
ZOOM_CANCEL = """e => {
  delete e.currentTarget.dataset.from;
  e.currentTarget.querySelector(".chart-zoom")?.setAttribute("width", 0);
}"""
"""A finger on a phone moves the chart itself: the browser takes it over."""


class ChartBand(NamedTuple):
    """One field: what it is called, and its columns in order of time."""

    name: str
    columns: Sequence[FieldColumn]

    @property
    def extent(self) -> tuple[float, float] | None:
        """Lowest and highest number; None if it has none."""
        lows = [one.low for one in self.columns if one.low is not None]
        highs = [one.high for one in self.columns if one.high is not None]
        return (min(lows), max(highs)) if lows and highs else None


class RangeChart(NamedTuple):
    """What is drawn: bands over [since, until), ms since 1970."""

    since_ms: int
    until_ms: int
    bands: Sequence[ChartBand]
    marks: Sequence[HistoryMark] = ()

    def place(self, at_ms: float) -> float:
        """Where a time is, in units."""
        share = (at_ms - self.since_ms) / max(1, self.until_ms - self.since_ms)
        return SIDE + min(max(share, 0), 1) * (RANGE_WIDTH - 2 * SIDE)

    def time(self, place: float) -> int:
        """Which time is at a place, ms since 1970."""
        share = min(max((place - SIDE) / (RANGE_WIDTH - 2 * SIDE), 0), 1)
        return round(self.since_ms + share * (self.until_ms - self.since_ms))

    @property
    def height(self) -> float:
        """Of the drawing, in units."""
        return len(self.bands) * (BAND_HEIGHT + HEAD) + FOOT

    def pointed(self, x: float, y: float) -> str | None:
        """Id of the message nearest to a place, given as shares of the drawing; None without one.

        Of several in a column it is the lowest or the highest one, whichever is nearer.
        """
        number = int(y * self.height // (BAND_HEIGHT + HEAD))
        if not 0 <= number < len(self.bands):
            return None
        band, at = self.bands[number], self.time(x * RANGE_WIDTH)
        near = min(band.columns, key=lambda c: _away(c, at), default=None)
        if near is None:
            return None
        if near.values == 1 or near.low is None or near.high is None:
            return near.last_id
        low, high = band.extent or (0.0, 0.0)
        inside = y * self.height - number * (BAND_HEIGHT + HEAD) - HEAD
        value = high - (inside - 4) / (BAND_HEIGHT - 8) * (high - low)
        upper = abs(near.high - value) < abs(near.low - value)
        return near.high_id if upper else near.low_id


def _away(column: FieldColumn, at_ms: int) -> float:
    return max(column.first_ms - at_ms, at_ms - column.last_ms, 0)


def range_chart(
    screen: Screen,
    chart: RangeChart,
    on_zoom: Callable[[int, int], Any],
    on_message: Callable[[str], Any],
) -> None:
    """Draw it; `on_zoom` gets the range that was dragged, `on_message` the id that was clicked."""

    def dropped(event: GenericEventArguments) -> Any:
        told = event.args if isinstance(event.args, dict) else {}
        begin, end, y = (_share(told.get(name)) for name in ("from", "to", "y"))
        if abs(end - begin) * RANGE_WIDTH >= CLICK_UNITS:
            low, high = sorted((begin, end))
            return on_zoom(
                chart.time(low * RANGE_WIDTH),
                max(chart.time(high * RANGE_WIDTH), chart.time(low * RANGE_WIDTH) + 1),
            )
        found = chart.pointed(end, y)
        return on_message(found) if found else None

    with div("chart range-chart", "svg").mark("range-chart") as drawing:
        attribute(drawing, "viewBox", f"0 0 {RANGE_WIDTH:.0f} {chart.height:.0f}")
        attribute(drawing, "role", "img")
        attribute(drawing, "aria-label", _heard(screen, chart))
        _grounds(chart)
        _marks(screen, chart)
        for number, band in enumerate(chart.bands):
            _band(screen, chart, band, number * (BAND_HEIGHT + HEAD) + HEAD)
        _axis(screen, chart)
        shape("rect", "chart-zoom", x=0, y=0, width=0, height=chart.height - FOOT)
    drawing.on("pointerdown", js_handler=ZOOM_BEGIN)
    drawing.on("pointermove", js_handler=ZOOM_DRAG)
    drawing.on("pointercancel", js_handler=ZOOM_CANCEL)
    drawing.on("pointerup", dropped, js_handler=ZOOM_DROP)


def _share(value: object) -> float:
    return min(max(float(value), 0.0), 1.0) if isinstance(value, int | float) else 0.0


def _heard(screen: Screen, chart: RangeChart) -> str:
    return "; ".join(said_of(screen, band) for band in chart.bands)


def said_of(screen: Screen, band: ChartBand) -> str:
    """A field in words: what it was last, and between which values it lay."""
    language = screen.user.language
    count = sum(one.values for one in band.columns if one.place >= 0)
    extent = band.extent
    if extent is None:
        now = next((one.text for one in reversed(band.columns) if one.text), None)
        shown = now or screen.say("unknown")
        return screen.say("history.band_text", name=band.name, now=shown, count=count)
    last = next((one.last for one in reversed(band.columns) if one.last is not None), None)
    low, high = (figure(one, language) for one in extent)
    now = figure(last, language)
    return screen.say("chart.line", name=band.name, now=now, low=low, high=high, count=count)


def figure(value: float | None, language: Any) -> str:
    """A number as it is shown beside a chart."""
    return formats.number(value, language, 0 if value is None or value == int(value) else 2)


def _band(screen: Screen, chart: RangeChart, band: ChartBand, top: float) -> None:
    words("chart-name", (SIDE + 2, top - 5), said_of(screen, band))
    extent = band.extent
    if extent is not None:
        path = PlainElement("path", "chart-line")
        attribute(path, "d", " ".join(_line(chart, band.columns, top, extent)))
        language = screen.user.language
        words("chart-scale", (SIDE + 3, top + 12), figure(extent[1], language))
        if extent[0] != extent[1]:
            words("chart-scale", (SIDE + 3, top + BAND_HEIGHT - 4), figure(extent[0], language))
        return
    for number, bar in enumerate(_bars(band.columns, chart.until_ms)):
        _bar(screen, chart, bar, top, number)


def _line(
    chart: RangeChart, columns: Sequence[FieldColumn], top: float, extent: tuple[float, float]
) -> Iterator[str]:
    low, high = extent

    def y(value: float) -> float:
        share = (value - low) / (high - low) if high > low else 0.5
        return top + BAND_HEIGHT - 4 - share * (BAND_HEIGHT - 8)

    said_ms: int | None = None
    for one in columns:
        if one.low is None or one.high is None or one.first is None or one.last is None:
            continue
        x = chart.place(one.first_ms)
        broken = said_ms is None or one.first_ms - said_ms > STATED_MS
        yield f"M {x:.1f} {y(one.first):.1f}" if broken else f"H {x:.1f} V {y(one.first):.1f}"
        yield f"V {y(one.low):.1f} V {y(one.high):.1f} V {y(one.last):.1f}"
        yield f"H {chart.place(one.last_ms) + (0.8 if broken else 0):.1f}"
        said_ms = one.last_ms
    if said_ms is not None:
        yield f"H {chart.place(min(said_ms + STATED_MS, chart.until_ms)):.1f}"


class _Bar(NamedTuple):
    begin_ms: int
    end_ms: int
    text: str
    several: bool


def _bars(columns: Sequence[FieldColumn], until_ms: int) -> Iterator[_Bar]:
    """Runs of one text; what changed within a column is one of its own."""
    open_bar: _Bar | None = None
    for one in columns:
        if one.text is None:
            continue
        if open_bar is not None:
            end_ms = min(one.first_ms, open_bar.end_ms + STATED_MS)
            same = open_bar.text == one.text and one.texts == 1 and not open_bar.several
            if same and one.first_ms <= open_bar.end_ms + STATED_MS:
                open_bar = open_bar._replace(end_ms=one.last_ms)
                continue
            yield open_bar._replace(end_ms=end_ms)
        open_bar = _Bar(one.first_ms, one.last_ms, one.text, one.texts > 1)
    if open_bar is not None:
        yield open_bar._replace(end_ms=min(open_bar.end_ms + STATED_MS, until_ms))


def _bar(screen: Screen, chart: RangeChart, bar: _Bar, top: float, number: int) -> None:
    begin, end = chart.place(bar.begin_ms), chart.place(bar.end_ms)
    height = BAND_HEIGHT / 2 - 6
    # Neighbours stand at two heights, so that an end is seen without any colour.
    y = top + 4 + (number % 2) * (BAND_HEIGHT / 2 - 2)
    classes = "chart-bar several" if bar.several else "chart-bar"
    with shape("rect", classes, x=begin, y=y, width=max(1.0, end - begin), height=height):
        said = screen.say("history.several", last=bar.text) if bar.several else bar.text
        text(said, "", "title")
    # A word stands there whole or not at all; the title of the bar has it in any case.
    if end - begin >= len(bar.text) * LETTER + 8:
        words("chart-scale", (begin + 4, y + height / 2 + 4), bar.text)


def _grounds(chart: RangeChart) -> None:
    for number in range(len(chart.bands)):
        top = number * (BAND_HEIGHT + HEAD) + HEAD
        wide = RANGE_WIDTH - 2 * SIDE
        shape("rect", "chart-ground", x=SIDE, y=top, width=wide, height=BAND_HEIGHT)


def _marks(screen: Screen, chart: RangeChart) -> None:
    for mark in chart.marks:
        x = chart.place(mark.at_ms)
        for number in range(len(chart.bands)):
            top = number * (BAND_HEIGHT + HEAD) + HEAD
            classes = f"chart-mark mark-{mark.kind}"
            with shape("line", classes, x1=x, y1=top, x2=x, y2=top + BAND_HEIGHT):
                text(mark_words(screen, mark), "", "title")


def mark_words(screen: Screen, mark: HistoryMark) -> str:
    """A mark in words."""
    at = screen.when(mark.at_ms / 1000)
    if mark.kind == "order":
        return screen.say("history.mark.order", at=at, type=screen.say.known("colour", mark.name))
    if mark.said is not None:
        return screen.say("past.mark.alarm", at=at, said=screen.say.either(mark.said))
    return screen.say("history.mark.command", at=at, kind=screen.say.known("kind", mark.name))


def _axis(screen: Screen, chart: RangeChart) -> None:
    y = chart.height - 4
    for number in range(TICKS):
        share = number / (TICKS - 1)
        at = chart.since_ms + share * (chart.until_ms - chart.since_ms)
        x = chart.place(at)
        ends = "" if number == 0 else "chart-end" if number == TICKS - 1 else "chart-middle"
        words(f"chart-time {ends}".strip(), (x, y), screen.when(at / 1000))
