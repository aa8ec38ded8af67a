"""What is said to and by the session station, and the only code that reads or writes it."""

from typing import Literal

from services.common.bus import Bus
from services.common.streams import Wire

CONTROL, STATUS = "replay:control", "replay:status"
KEPT_CONTROLS = 1000


class ReplayControl(Wire):
    """One wish to the session station (docs/adr/0006)."""

    action: Literal[
        "play", "stop", "pause", "resume", "step", "seek", "seek_order", "jump", "speed", "loop"
    ]
    value: str = ""
    """play: name in the library; seek: seconds; seek_order: order id; jump: topic filter; speed:
    a number or `max`; loop: `on` or `off`."""
    operator: str = ""


class ReplayStatus(Wire):
    """What the session station does."""

    state: Literal["empty", "playing", "paused", "ended"] = "empty"
    session: str = ""
    position_s: float = 0.0
    length_s: float = 0.0
    index: int = 0
    """The next message."""
    total: int = 0
    speed: float | None = 1.0
    """None is as fast as the broker takes it."""
    loop: bool = False
    sent: int = 0
    damaged: int = 0
    p99_ms: float | None = None
    control: str = "0-0"
    """Id of the last control that was obeyed or refused."""
    refused: str = ""
    """Why the last control was refused; empty when it was obeyed."""
    sessions: tuple[str, ...] = ()
    """Names in the library."""
    at: float = 0.0
    """Store clock; older than five seconds means the station itself is gone."""


async def control(bus: Bus, wish: ReplayControl) -> str:
    """Hand a wish to the station; its id, at or behind which `status().control` will be."""
    return await bus.add(CONTROL, wish)


async def status(bus: Bus) -> ReplayStatus | None:
    """What the station does; None if it never ran."""
    found = await bus.call(bus.client.get(bus.key(STATUS)))
    return ReplayStatus.model_validate_json(found) if found else None


async def tell(bus: Bus, now: ReplayStatus) -> None:
    """Write what the station does, and forget old wishes; for the station."""
    await bus.call(bus.client.set(bus.key(STATUS), now.model_dump_json()))
    await bus.call(bus.client.xtrim(bus.key(CONTROL), maxlen=KEPT_CONTROLS))


async def newest_control(bus: Bus) -> str:
    """The id behind which new wishes will be: old ones are not obeyed after a restart."""
    newest = await bus.newest_models(CONTROL, ReplayControl, 1)
    return newest[-1][0] if newest else "0-0"
