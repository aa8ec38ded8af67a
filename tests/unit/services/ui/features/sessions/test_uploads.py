"""A session file sent from the page: in the library if it is whole, a word on why if it is not."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.common.sessions.files import Recorded, read
from services.ui.auth.request_rules import MAX_FORM_BYTES, SESSION_IMPORT
from services.ui.features.sessions import uploads
from tests.support.ui_pages import Pages

LINE = '{"ts":"2026-08-07T09:11:27Z","topic":"a/b","payload":"{}"}\n'
WHOLE = (LINE * 200).encode()
ORIGIN = {"origin": "http://127.0.0.1"}


@pytest.fixture
def opening(tmp_path: Path) -> dict[str, Any]:
    return {"data": tmp_path}


@pytest.fixture(autouse=True)
def nothing_left(tmp_path: Path) -> Iterator[None]:
    """Whatever became of a file, the place where it was checked is empty afterwards."""
    yield
    assert not list((tmp_path / "sessions").rglob("quarantine/*"))
    assert not list((tmp_path / "sessions").rglob("*.part"))


async def sent(pages: Pages, content: bytes, **query: str) -> httpx.Response:
    query = {"file": "day.jsonl", **query}
    client = pages.user.http_client
    return await client.post(SESSION_IMPORT, params=query, content=content, headers=ORIGIN)


def library(folder: Path) -> list[str]:
    return sorted(one.name for one in (folder / "sessions").glob("*.gz"))


async def test_a_whole_file_is_in_the_library(pages: Pages, tmp_path: Path) -> None:
    assert len(WHOLE) > MAX_FORM_BYTES
    answer = await sent(pages, WHOLE)
    assert (answer.status_code, answer.text) == (201, "day is imported and can be played.")
    assert library(tmp_path) == ["day.jsonl.gz"]
    kept = list(read(tmp_path / "sessions" / "day.jsonl.gz"))
    assert len(kept) == 200
    assert isinstance(kept[0], Recorded)
    again = await sent(pages, WHOLE)
    assert again.status_code == 409
    assert "day" in again.text


async def test_damaged_lines_are_named_and_may_be_left_out(pages: Pages, tmp_path: Path) -> None:
    content = (LINE + "{broken\n" + LINE).encode()
    answer = await sent(pages, content)
    assert answer.status_code == 422
    assert "Damaged lines: 1" in answer.text
    assert "Line 2: no JSON" in answer.text
    assert library(tmp_path) == []
    answer = await sent(pages, content, skip="1")
    assert answer.status_code == 201
    assert "Line 2" in answer.text
    assert library(tmp_path) == ["day.jsonl.gz"]


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04 zip", b"\x00\x01\x02", b"SQLite format 3\0 no"]
)
async def test_what_is_no_session_is_refused_in_words(
    pages: Pages, tmp_path: Path, content: bytes
) -> None:
    answer = await sent(pages, content)
    assert answer.status_code == 422
    assert answer.text.startswith("Not imported: ")
    assert "quarantine" not in answer.text
    assert library(tmp_path) == []


@pytest.mark.parametrize("name", ["../other", "a/b", ".hidden", "x" * 200, "a b"])
async def test_a_name_leads_nowhere_else(pages: Pages, tmp_path: Path, name: str) -> None:
    assert (await sent(pages, WHOLE, name=name)).status_code == 409
    assert library(tmp_path) == []


async def test_a_file_over_the_limit_is_refused(
    pages: Pages, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "MAX_UPLOAD_BYTES", 1000)
    assert (await sent(pages, WHOLE)).status_code == 413
    assert library(tmp_path) == []


async def test_only_an_administrator_from_this_page_may(pages: Pages, tmp_path: Path) -> None:
    client = pages.user.http_client
    foreign = await client.post(SESSION_IMPORT, content=WHOLE, headers={"origin": "http://evil"})
    assert foreign.status_code == 403
    client.headers["x-forwarded-for"] = "203.0.113.9"
    answer = await sent(pages, WHOLE)
    assert answer.status_code == 403
    assert library(tmp_path) == []
    assert not (tmp_path / "sessions").exists()


async def test_the_form_is_for_administrators(pages: Pages) -> None:
    await pages.user.open("/replay/sessions")
    await pages.user.should_see(marker="import-form")
    pages.user.http_client.headers["x-forwarded-for"] = "203.0.113.9"
    await pages.user.open("/replay/sessions")
    await pages.user.should_not_see(marker="import-form")
