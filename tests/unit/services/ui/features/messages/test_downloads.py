"""A file of messages whose store goes away says that it is not whole, and nobody's log is torn."""

import json
import logging
from collections.abc import AsyncIterator

import pytest

from omf.messages.message import Message
from services.common.sessions import csv_export
from services.common.store.bus import StoreError
from services.ui.features.messages import downloads
from tests.support.ui_pages import Pages


async def _told(count: int) -> AsyncIterator[Message]:
    for number in range(count):
        yield Message("a/b", b"x" * 100, f"{number + 1}-0")
    raise StoreError("connection refused")


@pytest.mark.parametrize("count", [0, 1, 3000])
async def test_a_store_that_goes_away_ends_the_file_with_a_word(
    count: int, caplog: pytest.LogCaptureFixture
) -> None:
    lines = downloads.file_lines(
        _told(count), downloads.json_line, "", lambda why: json.dumps({"error": why}) + "\n"
    )
    text = "".join([piece async for piece in lines])
    *whole, last = text.splitlines()
    assert len(whole) == count
    assert json.loads(last) == {"error": f"not whole: the store went away after {count} messages"}
    (record,) = caplog.records
    assert (record.levelno, record.exc_info) == (logging.WARNING, None)


@pytest.mark.parametrize("kind", ["jsonl", "csv"])
async def test_the_answer_is_a_file_with_that_word(
    pages: Pages, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox = pages.inboxes["mock"]

    async def answers() -> None:
        return

    monkeypatch.setattr(inbox, "ping", answers)
    answer = await pages.user.http_client.get(f"/mock/messages.{kind}")
    assert answer.status_code == 200
    last = answer.text.splitlines()[-1]
    assert "not whole: the store went away after 0 messages" in last
    if kind == "csv":
        assert answer.text.startswith(csv_export.BYTE_ORDER_MARK)
