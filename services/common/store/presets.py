"""Named parameters of commands and questions, kept per person or for everybody.

The only code that reads or writes `presets` and `presets:*`.
"""

import json
from typing import Any

from pydantic import Field, ValidationError

from services.common.store.bus import Bus
from services.common.store.keys import StreamModel

PRESETS_KEY = "presets"
EVERYBODY = ""
"""In place of a person; nobody is called so."""
MAX_PRESETS = 100
MAX_PRESET_BYTES = 16_384
"""Of the parameters; a layout, the longest of them, has some thousand."""
NEVER_KEPT = frozenset({"confirm"})
"""The word of a dangerous command is typed each time: that is what it is for."""


class PresetError(ValueError):
    """It cannot be kept: there are too many, or it is too large."""


class Preset(StreamModel):
    """What somebody wants to fill in again."""

    kind: str
    name: str = Field(min_length=1, max_length=40)
    parameters: dict[str, Any] = Field(default_factory=dict)


async def keep(bus: Bus, person: str, preset: Preset) -> None:
    """Keep it, in place of one of the same kind and name; PresetError if that cannot be."""
    kept = {name: value for name, value in preset.parameters.items() if name not in NEVER_KEPT}
    wanted = preset.model_copy(update={"parameters": kept})
    if len(json.dumps(kept).encode()) > MAX_PRESET_BYTES:
        raise PresetError("too large")
    known = await _all(bus, person)
    if len(known) >= MAX_PRESETS and _field(preset) not in {_field(one) for one in known}:
        raise PresetError("too many")
    written = bus.client.hset(_key(bus, person), _field(preset), wanted.model_dump_json())
    await bus.call(written)


async def forget(bus: Bus, person: str, kind: str, name: str) -> None:
    """Forget it, if it is there."""
    await bus.call(bus.client.hdel(_key(bus, person), f"{kind}/{name}"))


async def of(bus: Bus, person: str, kind: str) -> list[Preset]:
    """What this person kept for this kind, by name."""
    found = [one for one in await _all(bus, person) if one.kind == kind]
    return sorted(found, key=lambda one: one.name.casefold())


async def _all(bus: Bus, person: str) -> list[Preset]:
    found = await bus.call(bus.client.hvals(_key(bus, person)))
    return [one for one in map(_read, found) if one]


def _key(bus: Bus, person: str) -> str:
    return bus.key(PRESETS_KEY if person == EVERYBODY else f"{PRESETS_KEY}:{person}")


def _field(preset: Preset) -> str:
    return f"{preset.kind}/{preset.name}"


def _read(text: bytes) -> Preset | None:
    try:
        return Preset.model_validate_json(text)
    except ValidationError:
        return None
