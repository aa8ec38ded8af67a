"""The alarm rules as data: what a site may change, read from rules.yaml and its own file.

How a rule finds out that it is met is code (`*_rules.py`); how urgent that is, how long it has to
last and by which numbers it is judged stands here.
"""

import hashlib
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import cached_property
from importlib.resources import files
from typing import Annotated, Literal, NamedTuple, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from omf.alarms.limits import LimitRule, RuleName, Words
from omf.alarms.sensor_tiles import BUILT_IN_TILES, SensorTile, SiteTile, with_site_tiles
from omf.constants import DAY_S
from omf.texts import Language, Text, text
from omf.yaml_files import YamlFault, YamlFileError, line_of, read_yaml

Severity: TypeAlias = Literal["critical", "warning", "communication", "advisory"]
SEVERITIES: tuple[Severity, ...] = ("critical", "warning", "communication", "advisory")
"""Gravest first (ISA-18.2 words of the user interface): of priority 1, 2, 3 and 4."""

Delay: TypeAlias = Annotated[float, Field(ge=0, le=DAY_S)]
Priority: TypeAlias = Annotated[int, Field(ge=1, le=len(SEVERITIES))]
Response: TypeAlias = Annotated[float, Field(gt=0)]
SuppressedWhile: TypeAlias = Literal["always", "factory-off", "out-of-layout", "calibrating"]
Number: TypeAlias = Annotated[float, Field(ge=0, allow_inf_nan=False)]
_STRICT = ConfigDict(frozen=True, extra="forbid")
ALWAYS_ON = frozenset({"danger"})
"""Rules no site may switch off: fire and gas."""
MAX_KNOWN_TOPICS = 4096


class AlarmRule(BaseModel):
    """One rule; times in seconds."""

    model_config = _STRICT

    priority: Priority
    respond_s: Response
    """Within this time a person should have done what is to be done."""
    on_delay_s: Delay = 0.0
    """So long the rule has to be met before the alarm is raised."""
    off_delay_s: Delay = 0.0
    """So long the rule has to be met no more before the alarm is over."""
    enabled: bool = True
    parameters: Mapping[str, Number] = {}

    @property
    def severity(self) -> Severity:
        """The class of its priority."""
        return SEVERITIES[self.priority - 1]


class SiteRule(BaseModel):
    """What a site changes about a rule; what is left out stays."""

    model_config = _STRICT

    priority: Priority | None = None
    respond_s: Response | None = None
    on_delay_s: Delay | None = None
    off_delay_s: Delay | None = None
    enabled: bool | None = None
    parameters: Mapping[str, Number] = {}


class Suppression(BaseModel):
    """Alarms that mean nothing while something else holds."""

    model_config = _STRICT

    when: SuppressedWhile
    rules: Annotated[tuple[str, ...], Field(min_length=1)]
    devices: tuple[str, ...] = ()
    """Serials, or other subjects of alarms; none: whichever."""
    reason: Mapping[Language, Words] = {}
    """Why, by language, where it is more than that it holds."""
    enabled: bool = True


class RulesFile(BaseModel):
    """rules.yaml."""

    model_config = _STRICT

    version: int
    rules: dict[str, AlarmRule]
    suppressions: dict[str, Suppression]


class SiteRulesFile(BaseModel):
    """The file of a site; `version` is its own count of its changes."""

    model_config = _STRICT

    version: Annotated[int, Field(ge=1)]
    rules: dict[str, SiteRule] = {}
    limits: dict[RuleName, LimitRule] = {}
    sensors: dict[RuleName, SiteTile] = {}
    suppressions: dict[str, Suppression] = {}
    """One of the name of one that comes with the software stands in its place."""


class Watching(NamedTuple):
    """Limits and tiles of one topic, by name."""

    limits: Mapping[str, LimitRule]
    tiles: Mapping[str, SensorTile]


class AlarmRules(BaseModel):
    """The rules that are in force."""

    model_config = ConfigDict(frozen=True)

    version: str
    """Of the rules that come with the software, and of the site's file with a digest of it."""
    rules: Mapping[str, AlarmRule]
    changed: frozenset[str] = frozenset()
    """Rules about which the site changed something."""
    limits: Mapping[str, LimitRule] = {}
    """Limits of the site by the name of their rule, which is among the rules as well."""
    tiles: Mapping[str, SensorTile] = BUILT_IN_TILES
    """What is shown of the sensors, by name."""

    suppressions: Mapping[str, Suppression] = {}

    def watching(self, topic: str) -> Watching:
        """What watches the values of the messages of a topic."""
        found = self._known.get(topic)
        if found is None:
            if len(self._known) >= MAX_KNOWN_TOPICS:
                self._known.clear()
            limits = {name: one for name, one in self.limits.items() if one.watches(topic)}
            tiles = {name: one for name, one in self.tiles.items() if one.shows(topic)}
            found = self._known[topic] = Watching(limits, tiles)
        return found

    @cached_property
    def _known(self) -> dict[str, Watching]:
        """By topic: asked for with each message."""
        return {}

    def texts(self, rule: str) -> str:
        """The key under which the catalogues have what a rule says."""
        return f"alarm.{'limit' if rule in self.limits else rule}"

    def number(self, rule: str, name: str) -> float:
        """A parameter of a rule."""
        return self.rules[rule].parameters[name]

    def off_delay_s(self, rule: str) -> float:
        """How long a rule has to be met no more; 0 of a rule of another release."""
        known = self.rules.get(rule)
        return known.off_delay_s if known else 0.0


def with_site(source: str) -> AlarmRules:
    """The rules as the file of a site changes them; YamlFileError with line, name and mend."""
    site = read_yaml(source, SiteRulesFile)
    tiles, wrong_tiles = with_site_tiles(site.sensors)
    limits = {f"limit-{name}": limit for name, limit in site.limits.items()}
    limits |= {rule: limit for name, tile in tiles.items() for rule, limit in tile.rules(name)}
    found = [*_faults(site), *wrong_tiles, *_suppression_faults(site, limits)]
    if faults := [
        YamlFault(line_of(source, where), ".".join(map(str, where)), what) for where, what in found
    ]:
        raise YamlFileError(faults)
    rules = dict(BUILT_IN.rules)
    for name, change in site.rules.items():
        rules[name] = _changed(rules[name], change)
    rules |= {name: _rule_of(limit) for name, limit in limits.items()}
    digest = hashlib.sha256(source.encode()).hexdigest()[:8]
    return AlarmRules(
        version=f"{BUILT_IN.version} + {site.version} ({digest})",
        rules=rules,
        changed=frozenset(site.rules) | limits.keys(),
        limits=limits,
        tiles=tiles,
        suppressions={**BUILT_IN.suppressions, **site.suppressions},
    )


def _rule_of(limit: LimitRule) -> AlarmRule:
    return AlarmRule(
        priority=limit.priority,
        respond_s=limit.respond_s,
        on_delay_s=limit.on_delay_s,
        off_delay_s=limit.off_delay_s,
    )


def _changed(rule: AlarmRule, change: SiteRule) -> AlarmRule:
    told = change.model_dump(exclude_none=True, exclude={"parameters"})
    numbers = {**rule.parameters, **change.parameters}
    return rule.model_copy(update={**told, "parameters": numbers})


def _faults(site: SiteRulesFile) -> Iterator[tuple[tuple[str, ...], Text]]:
    for name, change in site.rules.items():
        rule = BUILT_IN.rules.get(name)
        if rule is None:
            yield ("rules", name), _unknown("alarm_rules.no_rule", name, BUILT_IN.rules)
            continue
        if change.enabled is False and name in ALWAYS_ON:
            yield ("rules", name, "enabled"), text("alarm_rules.always_on")
        for one in change.parameters.keys() - rule.parameters.keys():
            where = ("rules", name, "parameters", one)
            yield where, _unknown("alarm_rules.no_parameter", one, rule.parameters)


def _suppression_faults(
    site: SiteRulesFile, limits: Mapping[str, LimitRule]
) -> Iterator[tuple[tuple[str | int, ...], Text]]:
    known = {**BUILT_IN.rules, **limits}
    for name, row in site.suppressions.items():
        for place, rule in enumerate(row.rules):
            where = ("suppressions", name, "rules", place)
            if rule not in known:
                yield where, _unknown("alarm_rules.no_rule", rule, known)
            elif rule in ALWAYS_ON:
                yield where, text("alarm_rules.always_on")


def _unknown(key: str, name: str, known: Mapping[str, object]) -> Text:
    near = get_close_matches(name, known, n=1)
    return text(key, known=near[0] if near else ", ".join(known) or "–")


def _read() -> AlarmRules:
    source = files("omf.alarms").joinpath("rules.yaml").read_text("utf-8")
    found = read_yaml(source, RulesFile)
    return AlarmRules(
        version=str(found.version), rules=found.rules, suppressions=found.suppressions
    )


BUILT_IN: AlarmRules = _read()
"""The rules as they come with the software."""
