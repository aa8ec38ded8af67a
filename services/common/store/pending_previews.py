"""Previews of commands that nobody has sent or discarded yet: the only code for the key `previews`.

They outlive the page they were made on, and whoever works at the same factory sees them.
"""

from typing import Any

from pydantic import Field

from omf.messages.edited import EditedMessages
from services.common.store.bus import Bus
from services.common.store.entries import all_readable
from services.common.store.keys import StreamModel
from services.common.store.presets import MAX_PRESET_BYTES, NEVER_KEPT

PREVIEWS_KEY = "previews"
MAX_PENDING_PREVIEWS = 40
"""More than people prepare at a time; the oldest goes first."""
MAX_PREVIEW_BYTES = 8 * MAX_PRESET_BYTES
"""Of one with its edited messages."""


class PendingPreview(StreamModel):
    """A command in preparation: what it is made of, and who prepares it since when."""

    id: str = Field(pattern=r"^[0-9a-f]{32}$")
    """The id the command will have, and what its own ids are made of."""
    kind: str
    parameters: dict[str, Any] = Field(default_factory=dict)
    edited: EditedMessages | None = None
    operator: str
    since: float
    """Store clock, Unix seconds."""


async def keep_preview(bus: Bus, preview: PendingPreview) -> None:
    """Keep it as it is now, without the word of a dangerous command; StoreError as any call."""
    kept = {name: value for name, value in preview.parameters.items() if name not in NEVER_KEPT}
    written = preview.model_copy(update={"parameters": kept}).model_dump_json()
    if len(written.encode()) > MAX_PREVIEW_BYTES:
        return
    await bus.call(bus.client.hset(bus.key(PREVIEWS_KEY), preview.id, written))
    found = await pending_previews(bus)
    if old := [one.id for one in found[:-MAX_PENDING_PREVIEWS]]:
        await bus.call(bus.client.hdel(bus.key(PREVIEWS_KEY), *old))


async def drop_preview(bus: Bus, preview_id: str) -> None:
    """It was sent or discarded; harmless when repeated."""
    await bus.call(bus.client.hdel(bus.key(PREVIEWS_KEY), preview_id))


async def pending_previews(bus: Bus) -> tuple[PendingPreview, ...]:
    """Every one of them, the oldest first."""
    found = await bus.call(bus.client.hvals(bus.key(PREVIEWS_KEY)))
    known = all_readable(PendingPreview, found)
    return tuple(sorted(known, key=lambda one: (one.since, one.id)))
