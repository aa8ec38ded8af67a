"""Files that anybody who may look can ask for: two are made at a time, the rest is told to wait."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.common.sessions import named_ranges
from services.common.sessions.named_ranges import Session
from services.ui.features.history import downloads as history_downloads
from services.ui.features.sessions import downloads as session_downloads
from tests.support.archives import filled, lights, merged
from tests.support.ui_pages import NOW, Pages

RANGE = "from=2026-05-13T14:00:00Z&to=2026-05-13T17:30:00Z"
ASKED = 5


@pytest.fixture
def opening(tmp_path: Path, store_url: str) -> dict[str, object]:
    merged(filled(tmp_path / "history" / "mock", lights(300, every_ms=20_000)))
    return {"data": tmp_path, "store_url": store_url}


async def _answers(pages: Pages, path: str) -> list[int]:
    client = pages.user.http_client
    found = await asyncio.gather(*(client.get(path) for _ in range(ASKED)))
    return sorted(one.status_code for one in found)


async def test_two_sessions_are_packed_at_a_time(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    packing, most = 0, 0
    packed = session_downloads.export

    async def counted(*given: Any) -> None:
        nonlocal packing, most
        packing += 1
        most = max(most, packing)
        await asyncio.sleep(0.3)
        await packed(*given)
        packing -= 1

    monkeypatch.setattr(session_downloads, "export", counted)
    await named_ranges.name(
        pages.inboxes["mock"], Session(name="fair-1", from_at=NOW - 600, to_at=NOW)
    )
    assert await _answers(pages, "/mock/sessions/fair-1.jsonl.gz") == [200, 200, 429, 429, 429]
    assert most == 2
    assert (await pages.user.http_client.get("/mock/sessions/fair-1.jsonl.gz")).status_code == 200


async def test_two_questions_to_the_archive_are_under_way_at_a_time(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = 0
    exported = history_downloads.export_messages

    def counted(*given: Any) -> Iterator[bytes]:
        nonlocal asked
        asked += 1
        return exported(*given)

    monkeypatch.setattr(history_downloads, "export_messages", counted)
    assert await _answers(pages, f"/mock/history.file?{RANGE}") == [200, 200, 429, 429, 429]
    assert asked == 2
