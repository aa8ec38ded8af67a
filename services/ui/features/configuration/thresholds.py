"""Limits by which alarms judge: of values and of silence, each with where it is set."""

from collections.abc import Iterator
from typing import NamedTuple

from omf import constants
from omf.alarms.alarm_texts import rule_title
from omf.state.staleness import MISSED_PERIODS
from services.ui import formats
from services.ui.live.screen import Screen
from services.ui.widgets.elements import div, link, text
from services.ui.widgets.keyed_list import Draw, KeyedList

RULES_VARIABLE = "OMF_ALARM_RULES"
SILENCES = {
    "module": constants.MODULE_SILENCE_S,
    "vehicle": constants.VEHICLE_SILENCE_S,
    "ccu": constants.CCU_SILENCE_S,
    "sensor": constants.SENSOR_SILENCE_S,
    "camera": constants.CAMERA_SILENCE_S,
    "service": constants.SERVICE_SILENCE_S,
}
"""Seconds after which each kind counts as silent; no file changes them."""


class _Threshold(NamedTuple):
    name: str
    value: str
    where: str


def thresholds(screen: Screen) -> None:
    """The limits of values, the numbers of the rules, and the silences."""
    say = screen.say
    text(say("configuration.thresholds_hint", variable=RULES_VARIABLE), "hint")
    shown: dict[str, _Threshold] = {}

    def line(key: str) -> Draw:
        with div("config-line wide threshold"):
            name, value, where = text(""), text(""), text("", "hint")

        def draw() -> None:
            name.say(shown[key].name)
            value.say(shown[key].value)
            where.say(shown[key].where)

        return draw

    listing = KeyedList(div("config-lines"), line, text("", "hidden"))

    def draw() -> None:
        shown.clear()
        shown.update(_thresholds(screen))
        listing.show(list(shown))

    screen.live(draw)
    link(say("configuration.all_rules"), screen.path("alarms/rules"), "way-in")


def _thresholds(screen: Screen) -> Iterator[tuple[str, _Threshold]]:
    say, rules = screen.say, screen.model.factory.alarm_rules
    own = say("configuration.by_site", variable=RULES_VARIABLE)
    built_in = say("configuration.built_in")
    for name, limit in rules.limits.items():
        sign = ">" if limit.above is not None else "<"
        number = formats.number(limit.limit, say.language, 0 if limit.limit % 1 == 0 else 2)
        value = f"{sign} {number} {limit.unit}".strip()
        title = f"{say.either(rule_title(rules, name))} · {limit.topic}"
        yield f"limit {name}", _Threshold(title, value, own)
    for name, seconds in SILENCES.items():
        value = formats.age(seconds, say.language)
        if name == "sensor":
            value = say("configuration.silence_periods", time=value, periods=MISSED_PERIODS)
        title = say(f"configuration.silence.{name}")
        yield f"silence {name}", _Threshold(title, value, built_in)
    for name, rule in rules.rules.items():
        told = {"on_delay_s": rule.on_delay_s} if rule.on_delay_s else {}
        numbers = {**told, **rule.parameters}
        if numbers and rule.enabled and name not in rules.limits:
            value = ", ".join(say(f"alarms.number.{n}", value=f"{v:g}") for n, v in numbers.items())
            where = own if name in rules.changed else built_in
            yield f"rule {name}", _Threshold(say.either(rule_title(rules, name)), value, where)
