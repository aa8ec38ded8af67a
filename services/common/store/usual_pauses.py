"""How long it usually is between two messages on a topic, as the historian learned it."""

from collections.abc import Mapping

from pydantic import Field

from services.common.store.bus import Bus
from services.common.store.entries import readable
from services.common.store.keys import StreamModel

USUAL_PAUSES_KEY = "pauses"


class UsualPauses(StreamModel):
    """Of the topics that are spoken on regularly and that no other rule judges the silence of."""

    at: float
    """Store clock, when it was learned."""
    seconds: dict[str, float] = Field(max_length=2000)
    """Topic -> the longest pause there usually was in the last days."""


async def tell_usual_pauses(bus: Bus, pauses: UsualPauses) -> None:
    """Write it; the historian alone does."""
    await bus.call(bus.client.set(bus.key(USUAL_PAUSES_KEY), pauses.model_dump_json()))


async def read_usual_pauses(bus: Bus) -> Mapping[str, float]:
    """What was learned last; empty where no historian ever ran."""
    told = readable(UsualPauses, await bus.call(bus.client.get(bus.key(USUAL_PAUSES_KEY))))
    return told.seconds if told else {}
