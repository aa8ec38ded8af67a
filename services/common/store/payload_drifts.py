"""What the drift watch learned and found; the owner of the alarms writes it."""

import json

from pydantic import TypeAdapter, ValidationError

from omf.payload_shapes.learning import PayloadShapes
from omf.payload_shapes.shape import ShapeDrift
from services.common.store.bus import Bus

PAYLOAD_SHAPES, PAYLOAD_DRIFTS = "shapes", "drifts"
_LIST: TypeAdapter[tuple[ShapeDrift, ...]] = TypeAdapter(tuple[ShapeDrift, ...])


async def read_drifts(bus: Bus) -> tuple[ShapeDrift, ...]:
    """What is not as it was learned and nobody took as normal, newest first; StoreError."""
    found = await bus.call(bus.client.get(bus.key(PAYLOAD_DRIFTS)))
    try:
        return _LIST.validate_json(found) if found else ()
    except ValidationError:  # of another release
        return ()


async def write_drifts(bus: Bus, drifts: tuple[ShapeDrift, ...]) -> None:
    """Let everybody know of these; of the owner alone."""
    await bus.call(bus.client.set(bus.key(PAYLOAD_DRIFTS), _LIST.dump_json(drifts)))


async def read_shapes(bus: Bus) -> PayloadShapes:
    """What was learned so far; nothing if there never was an owner, or one of another release."""
    found = await bus.call(bus.client.get(bus.key(PAYLOAD_SHAPES)))
    try:
        return PayloadShapes.restore(json.loads(found)) if found else PayloadShapes()
    except ValueError:
        return PayloadShapes()


async def write_shapes(bus: Bus, shapes: PayloadShapes) -> None:
    """Keep what was learned; of the owner alone."""
    await bus.call(bus.client.set(bus.key(PAYLOAD_SHAPES), shapes.snapshot_json()))
