"""The report of a replayed session counts what was told meanwhile, which the store dates today."""

from pathlib import Path

import pytest

from omf.alarms.life import AlarmEntry
from omf.alarms.lifecycle import AlarmEvent, AlarmState
from omf.analysis.shifts import default_shifts
from omf.texts import verbatim
from services.common.sessions.recorded_time import Anchor
from services.common.store import entries
from services.common.store.alarm_lives import ALARMS
from services.common.store.bus import CLOCK, Bus
from services.history.reader import History
from services.history.shift_reading import figures_between

RECORDED, PLAYED = 1_778_673_000.0, 1_795_965_353.0


def raised(alarm: str, at: float) -> AlarmEntry:
    return AlarmEntry(
        alarm=alarm,
        rule="collision",
        subject="5iO4",
        severity="warning",
        priority=2,
        event=AlarmEvent.RAISED,
        before=AlarmState.NORMAL,
        after=AlarmState.UNACKNOWLEDGED,
        at=at,
        since=None,
        text=verbatim("obstacle"),
    )


async def test_the_alarms_of_a_replayed_range_are_counted(store_url: str, tmp_path: Path) -> None:
    anchor = Anchor(at=PLAYED, begins=PLAYED, recorded=RECORDED, pace=10.0, session="one")
    told = [raised("collision:early", 5), raised("collision:5iO4", PLAYED + 30)]
    told.append(raised("collision:later", PLAYED + 90))
    async with Bus(store_url, "replay") as bus:
        await bus.client.xadd(bus.key(CLOCK), entries.encode(anchor))
        for one in told:
            at_ms = round(one.at * 1000)
            await bus.client.xadd(bus.key(ALARMS), entries.encode(one), f"{at_ms}-0")
        history = History(tmp_path / "history" / "replay")
        span = RECORDED, RECORDED + 600
        found = await figures_between(bus, history, span, default_shifts())
    counted = {one[:3]: one.value for one in found.figures if one.group == "alarms"}
    assert counted["alarms", "", "raised"] == 1
    assert counted["alarms", "collision:5iO4", "raised"] == pytest.approx(1)
