"""The battery of a vehicle over the last hour, with the threshold at which it has to charge."""

from collections.abc import Callable, Sequence

from omf.state.battery import forecast
from omf.state.vehicles import BatteryReading, Vehicle
from services.ui import formats
from services.ui.live.screen import Screen
from services.ui.widgets.device_lines import battery_words
from services.ui.widgets.elements import attribute, div, panel, set_classes, text
from services.ui.widgets.svg import shape, sheet, words

WIDE, HIGH = 560, 112
LEFT, TOP, LOW = 40, 10, HIGH - 24
MIN_V, MAX_V = 7.84, 9.1
"""What every recorded vehicle said of its battery (PROTOCOL B.7); used until it says so itself."""
SPAN_S = 3600.0
ENDS = 2
"""A line has two."""


def battery_panel(screen: Screen, read: Callable[[], Vehicle | None]) -> None:
    """Charge now, the course of the voltage, the CCU's threshold."""
    with panel(screen.say("battery.title")):
        now, empty = text(""), text(screen.say("battery.no_trend"), "empty")
        with div("trend") as holder:
            trend = _trend(screen)
        threshold, until = text("", "hint"), text("", "hint")

    def draw() -> None:
        vehicle = read()
        if vehicle is None:
            return
        now.say(battery_words(screen, vehicle.battery_percentage, vehicle.battery_voltage))
        readings, percent = vehicle.battery, _threshold(screen)
        set_classes(holder, hidden=len(readings) < ENDS)
        set_classes(empty, hidden=len(readings) >= ENDS)
        trend(readings, percent)
        threshold.say(_threshold_words(screen, percent))
        until.say(_until_words(screen, vehicle, percent))

    screen.live(draw)


def _trend(screen: Screen) -> Callable[[Sequence[BatteryReading], float | None], None]:
    language = screen.user.language
    with sheet("trend-sheet", WIDE, HIGH):
        for volt, y in ((MAX_V, TOP), (MIN_V, LOW)):
            shape("line", "gantt-mark", x1=LEFT, x2=WIDE, y1=y, y2=y)
            words("trend-word", (0, y + 5), formats.number(volt, language, 1))
        limit = shape("line", "trend-limit", x1=LEFT, x2=WIDE, y1=LOW, y2=LOW)
        line = shape("polyline", "trend-line")
        began = words("trend-word", (LEFT, HIGH - 5))
        words("trend-word trend-end", (WIDE, HIGH - 5), screen.say("battery.now"))

    def draw(readings: Sequence[BatteryReading], percent: float | None) -> None:
        now = screen.model.now
        attribute(line, "points", _points(readings, now))
        began.say(formats.moment(now - _span(readings, now), screen.user.clock))
        set_classes(limit, hidden=percent is None)
        y = _y(MIN_V + (MAX_V - MIN_V) * (percent or 0.0) / 100)
        attribute(limit, "y1", f"{y:.1f}")
        attribute(limit, "y2", f"{y:.1f}")

    return draw


def _span(readings: Sequence[BatteryReading], now: float) -> float:
    """The time drawn: what was heard of, at most an hour, at least a minute."""
    first = readings[0].at if readings else now
    return min(SPAN_S, max(60.0, now - first))


def _points(readings: Sequence[BatteryReading], now: float) -> str:
    span = _span(readings, now)
    found = [
        (LEFT + (WIDE - LEFT) * (1 - (now - one.at) / span), _y(one.voltage))
        for one in readings
        if one.voltage is not None and now - one.at <= span
    ]
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in found)


def _y(volt: float) -> float:
    part = min(1.0, max(0.0, (volt - MIN_V) / (MAX_V - MIN_V)))
    return LOW - (LOW - TOP) * part


def _threshold(screen: Screen) -> float | None:
    config = screen.model.factory.config
    settings = config.fts_settings if config else None
    return settings.charge_threshold_percent if settings else None


def _threshold_words(screen: Screen, percent: float | None) -> str:
    say = screen.say
    if percent is None:
        return say("battery.no_threshold")
    return say("battery.threshold", percent=formats.number(percent, say.language))


def _until_words(screen: Screen, vehicle: Vehicle, percent: float | None) -> str:
    """When it has to charge: an estimate with what it rests on, or why there is none."""
    say = screen.say
    if percent is None:
        return ""
    if vehicle.charging:
        return say("battery.until_charging")
    last = vehicle.battery[-1].percentage if vehicle.battery else None
    if last is not None and last <= percent:
        return say("battery.until_now")
    found = forecast(vehicle.battery, percent, screen.model.now)
    if found is None:
        return say("battery.until_unknown")
    if not found.in_s:
        return say("battery.until_soon")
    return say(
        "battery.until",
        left=formats.age(found.in_s, say.language),
        seen=formats.age(found.seen_s, say.language),
    )
