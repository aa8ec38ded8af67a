"""What is said to and by the session station, and the only code that reads or writes it."""

import zlib
from typing import Literal

from services.common.store.bus import Bus
from services.common.store.entries import readable
from services.common.store.keys import Role, StreamModel

CONTROL, STATUS = "replay:control", "replay:status"
KEPT_CONTROLS = 1000
STATION_ROLE = Role.OPERATOR
"""Who may hand wishes to the station from the pages."""
REPORT, REPORT_KEPT_S = "replay:report", 3600


class ReplayControl(StreamModel):
    """One wish to the session station (docs/adr/0006)."""

    action: Literal[
        "play",
        "stop",
        "pause",
        "resume",
        "step",
        "seek",
        "seek_order",
        "jump",
        "speed",
        "loop",
        "take",
        "report",
    ]
    value: str = ""
    """play: name in the library; seek: seconds; seek_order: order id; jump: topic filter; speed:
    a number or `max`; loop: `on`, `off` or the seconds of a part, `12.5-60`; take:
    `<environment>/<name>` of a named session, then `?` and the presets to leave out; report: a name
    in the library, then `?` and the language, then `?` and the name of the session it is held
    against, if any."""
    operator: str = ""


class ReplayStatus(StreamModel):
    """What the session station does."""

    state: Literal["empty", "playing", "paused", "ended"] = "empty"
    session: str = ""
    begin_at: float | None = None
    """When its first message was recorded, Unix seconds."""
    position_s: float = 0.0
    length_s: float = 0.0
    index: int = 0
    """The next message."""
    total: int = 0
    speed: float | None = 1.0
    """None is as fast as the broker takes it."""
    loop: bool = False
    loop_range: tuple[float, float] | None = None
    """Seconds of the session that are repeated; None: the whole of it."""
    sent: int = 0
    damaged: int = 0
    p99_ms: float | None = None
    control: str = "0-0"
    """Id of the last control that was obeyed or refused."""
    refused: str = ""
    """Why the last control was refused; empty when it was obeyed."""
    sessions: tuple[str, ...] = ()
    """Names in the library."""
    busy: str = ""
    """The errand under way, `take` or `report` and its value; empty when there is none."""
    failed: str = ""
    """Why the last errand failed; empty when it did not."""
    reports: tuple[str, ...] = ()
    """Sessions whose report was made lately, newest last."""
    at: float = 0.0
    """Store clock; older than five seconds means the station itself is gone."""


async def control(bus: Bus, wish: ReplayControl) -> str:
    """Hand a wish to the station; its id, at or behind which `status().control` will be."""
    return await bus.add(CONTROL, wish)


async def status(bus: Bus) -> ReplayStatus | None:
    """What the station does; None if it never ran."""
    return readable(ReplayStatus, await bus.call(bus.client.get(bus.key(STATUS))))


async def tell(bus: Bus, now: ReplayStatus) -> None:
    """Write what the station does, and forget old wishes; for the station."""
    await bus.call(bus.client.set(bus.key(STATUS), now.model_dump_json()))
    await bus.call(bus.client.xtrim(bus.key(CONTROL), maxlen=KEPT_CONTROLS))


async def keep_report(bus: Bus, name: str, page: bytes) -> None:
    """Keep the report of a session for an hour, for whoever asked for it; for the station."""
    packed = zlib.compress(page, 6)
    await bus.call(bus.client.set(bus.key(f"{REPORT}:{name}"), packed, ex=REPORT_KEPT_S))


async def report(bus: Bus, name: str) -> bytes | None:
    """The report of a session as a page; None if none was made lately."""
    found = await bus.call(bus.client.get(bus.key(f"{REPORT}:{name}")))
    return zlib.decompress(found) if found else None


async def newest_control(bus: Bus) -> str:
    """The id behind which new wishes will be: old ones are not obeyed after a restart."""
    newest = await bus.newest_models(CONTROL, ReplayControl, 1)
    return newest[-1][0] if newest else "0-0"
