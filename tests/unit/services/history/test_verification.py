"""Checking a day of the archive: what is found, and that years beside it are left alone."""

from pathlib import Path
from typing import Any

import pytest

from services.history import parquet, verification
from services.history.reader import History
from tests.support.archives import HOUR_MS, filled, lights, merged


async def test_the_states_of_a_day_are_folded_without_reading_those_of_other_days(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    merged(filled(tmp_path, lights(200, every_ms=HOUR_MS // 2)))
    history = History(tmp_path)
    days = history.days()
    assert len(days) > 4
    read: list[Path] = []
    plain = parquet.read

    def noted(path: Path, *columns: Any, **where: Any) -> Any:
        if path.name.startswith("states"):
            read.append(path)
        return plain(path, *columns, **where)

    monkeypatch.setattr(parquet, "read", noted)
    states = 0
    for day in days:
        read.clear()
        found = await verification.check(history, day, None)
        assert not found.faults
        assert len({path.parent for path in read}) <= 2, "a year has thousands of states"
        states += found.states
    assert states == 99 - len(days)
