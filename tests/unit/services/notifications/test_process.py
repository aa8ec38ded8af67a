"""Receivers are known together with their addresses, or not at all."""

from pathlib import Path

import pytest

from services.common.store.bus import StoreError
from services.notifications import process
from services.notifications.settings import NotificationSettings

RECEIVERS = "receivers:\n  - {name: anna, addresses: [{name: phone, web_push: anna}]}\n"


async def test_while_the_store_does_not_say_which_browsers_there_are_nobody_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "receivers.yaml"
    path.write_text(RECEIVERS, "utf-8")

    async def away(_: object) -> dict[str, object]:
        raise StoreError("connection refused")

    monkeypatch.setattr(process, "read_browsers", away)
    service = process.NotificationService(NotificationSettings(notifications=path))
    with pytest.raises(StoreError):
        await service._load()
    assert service._loaded is None, "what waits in the outbox would be dropped"
