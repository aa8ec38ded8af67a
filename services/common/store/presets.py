"""Named parameters of commands and questions, kept per person or for everybody.

The only code that reads or writes `presets` and `presets:*`. Whatever takes the place of a preset
keeps the earlier ones with it: who wrote which when, and the way back.
"""

import json
from typing import Any

from pydantic import Field

from services.common.store.bus import Bus
from services.common.store.entries import all_readable
from services.common.store.keys import StreamModel

PRESETS_KEY = "presets"
EVERYBODY = ""
"""In place of a person; nobody is called so."""
MAX_PRESETS = 100
MAX_PRESET_BYTES = 16_384
"""Of the parameters; a layout, the longest of them, has some thousand."""
MAX_PRESET_VERSIONS = 10
"""Earlier ones that are kept with each."""
NEVER_KEPT = frozenset({"confirm"})
"""The word of a dangerous command is typed each time: that is what it is for."""
_VALUES = "values of "
"""Begins the kind under which the last values of variables are kept; no kind is called so."""


class PresetError(ValueError):
    """It cannot be kept: there are too many, or it is too large."""


class PresetVersion(StreamModel):
    """Parameters as somebody kept them."""

    parameters: dict[str, Any] = Field(default_factory=dict)
    by: str = ""
    """Who kept them; empty in what was kept before this was written down."""
    at: float = 0.0
    """Store clock, Unix seconds."""


class Preset(PresetVersion):
    """What somebody wants to fill in again."""

    kind: str
    name: str = Field(min_length=1, max_length=40)
    earlier: tuple[PresetVersion, ...] = ()
    """What it was before, the newest first."""


async def keep(bus: Bus, person: str, preset: Preset) -> None:
    """Keep it, in place of one of the same kind and name; PresetError if that cannot be."""
    kept = {name: value for name, value in preset.parameters.items() if name not in NEVER_KEPT}
    if len(json.dumps(kept).encode()) > MAX_PRESET_BYTES:
        raise PresetError("too large")
    known = {_field(one): one for one in await _all(bus, person)}
    before = known.get(_field(preset))
    if len(known) >= MAX_PRESETS and before is None:
        raise PresetError("too many")
    wanted = preset.model_copy(update={"parameters": kept, "earlier": _earlier(before, kept)})
    written = bus.client.hset(_key(bus, person), _field(preset), wanted.model_dump_json())
    await bus.call(written)


async def forget(bus: Bus, person: str, kind: str, name: str) -> None:
    """Forget it, if it is there, and what this person last filled into it."""
    fields = (f"{kind}/{name}", f"{_VALUES}{kind}/{name}")
    await bus.call(bus.client.hdel(_key(bus, person), *fields))


async def of(bus: Bus, person: str, kind: str) -> list[Preset]:
    """What this person kept for this kind, by name."""
    found = [one for one in await _all(bus, person) if one.kind == kind]
    return sorted(found, key=lambda one: one.name.casefold())


async def last_values(bus: Bus, person: str, preset: Preset) -> dict[str, Any]:
    """What this person last filled in for the variables of a preset."""
    kept = {_field(one): one.parameters for one in await _everything(bus, person)}
    return kept.get(f"{_VALUES}{preset.kind}/{preset.name}", {})


async def keep_values(bus: Bus, person: str, preset: Preset, values: dict[str, Any]) -> None:
    """Remember them for the next time; they are no preset that is offered.

    Those of `MAX_PRESETS` presets at most, and none that are too large: guests have them too.
    """
    if len(json.dumps(values).encode()) > MAX_PRESET_BYTES:
        return
    kept = Preset(kind=f"{_VALUES}{preset.kind}", name=preset.name, parameters=values)
    found = {_field(one) for one in await _everything(bus, person) if one.kind.startswith(_VALUES)}
    others = sorted(found - {_field(kept)})
    if len(others) >= MAX_PRESETS:
        await bus.call(bus.client.hdel(_key(bus, person), *others[MAX_PRESETS - 1 :]))
    await bus.call(bus.client.hset(_key(bus, person), _field(kept), kept.model_dump_json()))


def _earlier(before: Preset | None, kept: dict[str, Any]) -> tuple[PresetVersion, ...]:
    """The former parameters in front of those before them; keeping the same again adds nothing."""
    if before is None or before.parameters == kept:
        return before.earlier if before else ()
    former = PresetVersion(parameters=before.parameters, by=before.by, at=before.at)
    return (former, *before.earlier)[:MAX_PRESET_VERSIONS]


async def every(bus: Bus, person: str) -> list[Preset]:
    """All that this person kept, by kind and name."""
    found = await _all(bus, person)
    return sorted(found, key=lambda one: (one.kind, one.name.casefold()))


async def _all(bus: Bus, person: str) -> list[Preset]:
    known = await _everything(bus, person)
    return [one for one in known if not one.kind.startswith(_VALUES)]


async def _everything(bus: Bus, person: str) -> list[Preset]:
    return all_readable(Preset, await bus.call(bus.client.hvals(_key(bus, person))))


def _key(bus: Bus, person: str) -> str:
    return bus.key(PRESETS_KEY if person == EVERYBODY else f"{PRESETS_KEY}:{person}")


def _field(preset: Preset) -> str:
    return f"{preset.kind}/{preset.name}"
