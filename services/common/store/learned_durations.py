"""How long the steps of this factory take, as the historian learned it from the archive."""

from pydantic import Field

from omf.simulation.learned import LearnedDurations
from services.common.store.bus import Bus
from services.common.store.entries import readable
from services.common.store.keys import StreamModel

LEARNED_DURATIONS_KEY = "durations"
MOST_NAMES = 2_000


class StoredDurations(StreamModel):
    """Times by module, command, colour and leg, ascending, in seconds at the speed of life."""

    at: float
    """Store clock, when it was learned."""
    samples: dict[str, tuple[float, ...]] = Field(max_length=MOST_NAMES)
    speed: float = Field(gt=0)
    orders: int = Field(ge=0)
    failing: float = Field(ge=0, le=1)


async def tell_learned_durations(bus: Bus, learned: LearnedDurations, at: float) -> None:
    """Write it; the historian alone does."""
    told = StoredDurations(
        at=at,
        samples=dict(list(learned.samples.items())[:MOST_NAMES]),
        speed=learned.speed,
        orders=learned.orders,
        failing=learned.failing,
    )
    await bus.call(bus.client.set(bus.key(LEARNED_DURATIONS_KEY), told.model_dump_json()))


async def read_learned_durations(bus: Bus) -> LearnedDurations | None:
    """What was learned last; None where no historian ever learned anything."""
    found = await bus.call(bus.client.get(bus.key(LEARNED_DURATIONS_KEY)))
    if (told := readable(StoredDurations, found)) is None:
        return None
    return LearnedDurations(told.samples, told.speed, told.orders, told.failing)
