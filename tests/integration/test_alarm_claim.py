"""Who takes the alarms over knows those that stand before it writes any."""

import pytest

from omf.alarms.life import AlarmLife
from omf.alarms.lifecycle import AlarmState
from omf.texts import verbatim
from services.alarms import repository
from services.alarms.repository import AlarmRepository
from services.common.store.bus import Bus, StoreError

SAID = verbatim("The mill is silent")
STANDS = AlarmLife(
    id="rule:MILL",
    rule="rule",
    subject="MILL",
    severity="warning",
    since=1.0,
    text=SAID,
    action=SAID,
    state=AlarmState.UNACKNOWLEDGED,
    stands=True,
)
NOW = 1_750_000_000.0


async def silent(_: Bus) -> dict[str, AlarmLife]:
    raise StoreError("the store did not answer")


async def test_the_alarms_are_not_taken_before_they_are_read(
    store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Bus(store_url, "mock") as bus:
        former, next_one = AlarmRepository(bus, "former"), AlarmRepository(bus, "next")
        await former.claim(NOW, at_once=True)
        assert await former.write({STANDS.id: STANDS}, [], {"at": NOW})
        with monkeypatch.context() as between:
            between.setattr(repository, "read_lives", silent)
            with pytest.raises(StoreError):
                await next_one.claim(NOW, at_once=True)
        assert not next_one.owned
        assert await next_one.claim(NOW, at_once=False) is None
        assert next_one.owned
        assert next_one.lives == {STANDS.id: STANDS}
        assert not await former.write({}, [], {"at": NOW})
