"""What the page of the sensors shows: which field of which topic, its unit, names and limits.

The tiles that come with the software stand in sensors.yaml. A site changes or adds some under
`sensors` of its file of alarm rules; a limit of a tile is a rule like those under `limits` there.
"""

from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from typing import Annotated, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from omf.alarms.limits import (
    FieldPath,
    LimitBounds,
    LimitRule,
    PathStep,
    RuleName,
    TopicFilter,
    Unit,
    Words,
    path_steps,
)
from omf.faults import fault_text
from omf.texts import Language, Text, text
from omf.topics.filters import matches
from omf.yaml_files import read_yaml

MAX_TILES = 64
_STRICT = ConfigDict(frozen=True, extra="forbid")
Digits: TypeAlias = Annotated[int, Field(ge=0, le=6)]
Where: TypeAlias = tuple[str | int, ...]


class SensorTile(BaseModel):
    """One value that is shown; a filter with wildcards gives a tile for each topic it matches."""

    model_config = _STRICT

    topic: TopicFilter
    path: FieldPath
    unit: Unit = ""
    """Where the message itself does not tell another one."""
    digits: Digits = 1
    title: Annotated[Mapping[Language, Words], Field(min_length=1)]
    accuracy: FieldPath | None = None
    """The field that says how far the value can be trusted, 0 to 3 (PROTOCOL B.9: aq)."""
    limits: Mapping[RuleName, LimitBounds] = {}
    enabled: bool = True

    @property
    def steps(self) -> tuple[PathStep, ...]:
        """The path, step by step."""
        return path_steps(self.path)

    def shows(self, topic: str) -> bool:
        """True of a topic that its filter matches."""
        return self.enabled and matches(self.topic, topic)

    def rules(self, name: str) -> Iterator[tuple[str, LimitRule]]:
        """Its limits as rules of alarms, each with the name of the rule."""
        told = {"topic": self.topic, "path": self.path, "unit": self.unit, "title": self.title}
        for limit, bounds in self.limits.items() if self.enabled else ():
            yield f"limit-{name}.{limit}", LimitRule(**bounds.model_dump(), **told)


class SiteTile(BaseModel):
    """What a site changes about a tile, or a tile of its own; what is left out stays."""

    model_config = _STRICT

    topic: TopicFilter | None = None
    path: FieldPath | None = None
    unit: Unit | None = None
    digits: Digits | None = None
    title: Mapping[Language, Words] = {}
    accuracy: FieldPath | None = None
    limits: Mapping[RuleName, LimitBounds] = {}
    enabled: bool | None = None


class SensorsFile(BaseModel):
    """sensors.yaml."""

    model_config = _STRICT

    sensors: dict[RuleName, SensorTile]


def with_site_tiles(
    site: Mapping[str, SiteTile],
) -> tuple[dict[str, SensorTile], list[tuple[Sequence[str | int], Text]]]:
    """The tiles as a site changes them by name, and what is wrong where in its file."""
    tiles, faults = dict(BUILT_IN_TILES), list[tuple[Sequence[str | int], Text]]()
    for name, change in site.items():
        known = BUILT_IN_TILES.get(name)
        given = known.model_dump() if known else {}
        told = change.model_dump(exclude_unset=True)
        for merged in ("title", "limits"):
            told[merged] = {**given.get(merged, {}), **told.get(merged, {})}
        wanted = {key: value for key, value in told.items() if value is not None}
        if not wanted["title"]:
            del wanted["title"]
        try:
            tiles[name] = SensorTile.model_validate({**given, **wanted})
        except ValidationError as error:
            faults += [(("sensors", name, *one["loc"]), fault_text(one)) for one in error.errors()]
    if len(tiles) > MAX_TILES:
        faults.append((("sensors",), text("alarm_rules.too_many_tiles", limit=MAX_TILES)))
    return tiles, faults


def _read() -> dict[str, SensorTile]:
    source = files("omf.alarms").joinpath("sensors.yaml").read_text("utf-8")
    return read_yaml(source, SensorsFile).sensors


BUILT_IN_TILES: Mapping[str, SensorTile] = _read()
"""The tiles as they come with the software, in the order in which they are shown."""
