"""Receivers are known together with their addresses, or not at all."""

import asyncio
import threading
from pathlib import Path

import pytest

from services.common.store.bus import StoreError
from services.common.store.notification_status import PushBrowser
from services.notifications import process
from services.notifications.settings import NotificationSettings

RECEIVERS = """\
receivers:
  - name: anna
    environments: [live, mock]
    addresses: [{name: phone, web_push: anna}]
"""


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


async def test_files_are_read_beside_the_loop_and_come_into_force_with_their_addresses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first import of a sender takes a second, a calendar on a network drive longer."""
    path = tmp_path / "receivers.yaml"
    path.write_text(RECEIVERS, "utf-8")
    anna = PushBrowser(account="anna", endpoint="https://push.example/1", p256dh="x", auth="x")

    async def known(_: object) -> dict[str, PushBrowser]:
        return {anna.id: anna}

    monkeypatch.setattr(process, "read_browsers", known)
    service = process.NotificationService(NotificationSettings(notifications=path))
    loader = service._loader
    assert loader
    step, read, go_on = loader.step, threading.Event(), threading.Event()

    def slow() -> None:
        step()
        read.set()
        assert go_on.wait(10)

    monkeypatch.setattr(loader, "step", slow)
    loading = asyncio.create_task(service._load())
    assert await asyncio.to_thread(read.wait, 10)
    assert (service._loaded, service._known) == (None, {}), "or what waits would be dropped"
    go_on.set()
    await loading
    assert service._loaded
    assert len(service._known) == 1
