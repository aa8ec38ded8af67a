"""Alarms of a page: one that stands, one that is over, one that is shelved."""

from pathlib import Path

import pytest

from omf.alarms.changes import carry_out, observe
from omf.alarms.life import AlarmAct, AlarmEntry, AlarmLife
from omf.alarms.lifecycle import AlarmEvent
from services.common.store import entries
from services.common.store.bus import Bus
from tests.support.ui_pages import DRILL, NOW, Pages
from tests.unit.omf.alarms.test_lifecycle import alarm

LOST, GAS, BLOCKED = f"connection-lost:{DRILL}", "danger:gas", "device-blocked:SVR3QA0022"


@pytest.fixture
def opening(store_url: str, tmp_path: Path) -> dict[str, object]:
    return {"store_url": store_url, "users": tmp_path / "users.jsonl", "data": tmp_path / "data"}


def _lives() -> tuple[dict[str, AlarmLife], list[AlarmEntry]]:
    """One that stands, one that is over, one that is shelved."""
    lives, told = observe({}, [alarm(one) for one in (LOST, GAS, BLOCKED)], NOW - 60)
    act = AlarmAct(NOW - 30, "otto", "known", NOW + 900)
    lives, entry = carry_out(lives, BLOCKED, AlarmEvent.SHELVED, act)
    lives, more = observe(lives, [alarm(one) for one in (LOST, BLOCKED)], NOW - 20)
    return lives, [*told, entry, *more]


@pytest.fixture
async def told(pages: Pages) -> list[AlarmEntry]:
    lives, found = _lives()
    pages.models["mock"].factory.lives = lives
    bus: Bus = pages.inboxes["mock"]
    for entry in found:
        await bus.client.xadd(bus.key("alarms"), entries.encode(entry))
    return found
