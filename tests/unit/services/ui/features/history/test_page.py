"""The page History over archives in a folder: what it asks, says, and lets be stopped."""

import asyncio
from pathlib import Path

import pytest

from services.history import message_search
from services.history.field_search import FieldName
from services.history.reader import History
from services.ui.features.history import found_messages
from services.ui.views import history_query
from services.ui.views.history_query import HistoryQuestion
from tests.support.archives import LDR, START_MS, filled, lights, merged
from tests.support.past_source import THEN, Past
from tests.support.ui_pages import Pages

SAID = lights(300, every_ms=20_000)
RANGE = "from=2026-05-13T14:00:00Z&to=2026-05-13T17:30:00Z"


@pytest.fixture
def opening(tmp_path: Path, request: pytest.FixtureRequest) -> dict[str, object]:
    if "of_the_past" in request.node.name:
        said = lights(300, at_ms=round(THEN * 1000) - 100 * 60_000, every_ms=60_000)
        merged(filled(tmp_path / "history" / "mock", said))
        return {"data": tmp_path, "past": Past()}
    if "nothing" not in request.node.name:
        merged(filled(tmp_path / "history" / "mock", SAID))
    return {"data": tmp_path}


async def test_the_newest_are_listed_and_counted(pages: Pages) -> None:
    await pages.user.open(f"/mock/history?{RANGE}")
    await pages.user.should_see("The newest 100 found; there are older ones")
    pages.user.find(marker="older").click()
    await pages.user.should_see("The newest 200 found")


async def test_where_nothing_is_archived_it_says_so(pages: Pages) -> None:
    await pages.user.open("/mock/history")
    await pages.user.should_see("Nothing is archived yet")
    await pages.user.should_see("0 found, that is all of them")


async def test_a_page_of_the_past_asks_of_what_had_come_by_then(pages: Pages) -> None:
    """Its list and its files; `30m` are the minutes before then."""
    await pages.user.open(f"/mock/history?at={THEN}&from=30m")
    await pages.user.should_see("31 found, that is all of them")
    await pages.user.open(f"/mock/history?at={THEN}")
    await pages.user.should_see("The newest 100 found")
    for query in ("from=30m", "from=30m&to=2027-01-01T00:00:00Z"):
        await pages.user.open(f"/mock/history?at={THEN}&{query}")
        assert pages.user.client is not None
        [target] = [
            str(one.props["href"])
            for one in pages.user.client.elements.values()
            if "format=jsonl" in str(one.props.get("href", ""))
        ]
        file = await pages.user.http_client.get(target)
        assert len(file.text.splitlines()) == 31


async def test_what_would_read_too_much_says_its_cost_and_is_asked_anyway(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(found_messages, "TOO_MUCH_BYTES", 5000)
    await pages.user.open(f"/mock/history?{RANGE}&text=299")
    await pages.user.should_see("This would read up to")
    await pages.user.should_see("narrow the range or the topic")
    await pages.user.should_not_see("1 found")
    pages.user.find(marker="anyway").click()
    await pages.user.should_see("1 found, that is all of them")


async def test_a_search_is_stopped_by_whoever_asked(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(message_search, "PART_BYTES", 100)
    begun = asyncio.Event()
    real = found_messages.FoundMessages._list

    def listed(self: found_messages.FoundMessages, messages: object) -> None:
        real(self, messages)  # type: ignore[arg-type]
        begun.set()
        self.stop()

    monkeypatch.setattr(found_messages.FoundMessages, "_list", listed)
    await pages.user.open(f"/mock/history?{RANGE}")
    await asyncio.wait_for(begun.wait(), 30)
    await pages.user.should_see("Stopped:")


async def test_a_damaged_file_is_named_and_the_rest_listed(pages: Pages, tmp_path: Path) -> None:
    name = damaged(tmp_path)
    await pages.user.open(f"/mock/history?{RANGE}&topic=/j1/%23")
    await pages.user.should_see(name)


def damaged(root: Path) -> str:
    folder = root / "history" / "mock"
    [day] = History(folder).days()
    newest = day.of("messages")[-1]
    (folder / day.day / newest.name).write_bytes(b"")
    return newest.name


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("match=regex&text=(", "Not a regular expression"),
        ("match=field&text=ldr<many", "A field is searched like this"),
        ("from=someday", "someday"),
        ("topic=a/%23/b", "a/#/b"),
        ("message=1-1", "no message 1-1"),
        ("message=none", "no message none"),
    ],
)
async def test_what_cannot_be_asked_is_said(pages: Pages, query: str, said: str) -> None:
    await pages.user.open(f"/mock/history?{query}")
    await pages.user.should_see(said)


async def test_files_are_refused_with_the_reason(pages: Pages) -> None:
    client = pages.user.http_client
    whole = await client.get(f"/mock/history.file?{RANGE}&format=jsonl&topic={LDR}")
    assert len(whole.text.splitlines()) == 100
    for query in ("match=regex&text=(", "from=someday", "topic=a/%23/b"):
        assert (await client.get(f"/mock/history.file?{query}")).status_code == 422
    assert (await client.get("/nowhere/history.file")).status_code == 404


def test_a_question_is_its_address() -> None:
    asked = HistoryQuestion(
        since="",
        until="2h",
        topic="a/#",
        text="x & y",
        match="regex",
        show="chart",
        fields=(FieldName("a,b:c/%", "d.e[0]"), FieldName("ä", "")),
        message=f"{START_MS}-0",
    )
    assert history_query.read(history_query.parts(asked)) == asked
    assert history_query.query(HistoryQuestion()) == ""
    assert history_query.read({}) == HistoryQuestion()
