"""The sessions page over a real store: naming, taking away, and wishes to the station."""

import asyncio
import gzip
import json

import pytest
from nicegui import ui

from omf.topics.catalogue import address
from services.common.sessions import named_ranges, runs, station
from services.common.sessions.named_ranges import Kept, ListedSession, Session
from services.common.sessions.station import CONTROL, ReplayControl, ReplayStatus
from services.common.store.keys import JOURNAL, buffer_key
from tests.support import ui_pages
from tests.support.ui_pages import NOW, Pages, entry, listed

pytestmark = pytest.mark.servers


@pytest.fixture
def opening(store_url: str) -> dict[str, object]:
    return {"store_url": store_url}


def _range(name: str = "fair-1") -> Session:
    return Session(name=name, from_at=NOW - 600, to_at=NOW, operator="anna", note="WHITE")


def _named(pages: Pages, kept: Kept = "whole") -> None:
    pages.models["mock"].sessions = [ListedSession(_range(), kept)]


def _says(pages: Pages, **more: object) -> None:
    status = {"state": "playing", "session": "day", "sessions": ("day",), "at": NOW, **more}
    pages.models["replay"].station = ReplayStatus.model_validate(status)


async def _wishes(pages: Pages) -> list[tuple[str, str]]:
    found = await pages.inboxes["replay"].models(CONTROL, ReplayControl)
    return [(wish.action, wish.value) for _, wish in found]


async def test_a_range_gets_its_name_afterwards_and_no_name_is_moved(pages: Pages) -> None:
    await pages.user.open("/mock/sessions")
    await pages.user.should_see("No range has a name yet")
    entry(pages, "Name").set_value("fair-1")
    entry(pages, "What happened").set_value("WHITE ordered")
    pages.user.find(marker="give-name").click()
    for _ in range(ui_pages.TRIES):
        if any(row["id"] == "fair-1" for row in listed(pages)):
            break
        await asyncio.sleep(0.1)
    found = await named_ranges.find(pages.inboxes["mock"], "fair-1")
    assert found.to_at - found.from_at == pytest.approx(600, abs=5)
    assert found.note == "WHITE ordered"
    pages.user.find(marker="give-name").click()
    await pages.user.should_see("The name fair-1 is taken")
    entry(pages, "Name").set_value("../etc")
    pages.user.find(marker="give-name").click()
    await pages.user.should_see("A name takes 1 to 64 letters")
    entry(pages, "From").set_value("yesterday-ish")
    pages.user.find(marker="give-name").click()
    await pages.user.should_see("is no time")


async def _complains(pages: Pages, marker: str, words: str) -> None:
    """The hint begins so, and goes on saying so when the page is drawn again."""
    (hint,) = pages.user.find(kind=ui.label, marker=marker).elements
    for _ in range(ui_pages.TRIES):
        if hint.text.startswith(words):
            break
        await asyncio.sleep(0.1)
    pages.models["mock"].changed()
    pages.models["replay"].changed()
    pages.tick(1)
    assert hint.text.startswith(words)
    assert "hidden" not in hint.classes


async def test_a_guest_may_look_but_names_and_steers_nothing(store_url: str) -> None:
    async with ui_pages.pages(host="192.0.2.1", store_url=store_url) as pages:
        pages.language("en")
        _named(pages)
        _says(pages)
        await pages.user.open("/mock/sessions?session=fair-1")
        pages.user.find(marker="give-name").click()
        await pages.user.should_see("This needs: Operator")
        pages.user.find(marker="remove").click()
        await _complains(pages, "range-wrong", "This needs: Supervisor")
        pages.user.find(marker="take").click()
        await _complains(pages, "range-wrong", "This needs: Operator")
        pages.user.find(marker="play-day").click()
        await _complains(pages, "wish-wrong", "This needs: Operator")
        assert await _wishes(pages) == []


async def test_a_named_range_is_a_file_with_what_was_retained(pages: Pages) -> None:
    bus = pages.inboxes["mock"]
    for number, (topic, ago) in enumerate(
        ((address("ccu_state_stock"), 900), (address("txt_bme680"), 300), (address("txt_cam"), 200))
    ):
        fields = {"t": topic, "p": json.dumps({"n": number}), "q": 1, "r": 1}
        at = f"{int(NOW - ago) * 1000}-0"
        await bus.client.xadd(buffer_key("mock", JOURNAL), fields, at)
    await named_ranges.name(bus, _range())
    answer = await pages.user.http_client.get("/mock/sessions/fair-1.jsonl.gz?exclude=camera")
    assert answer.status_code == 200, answer.text
    lines = [json.loads(line) for line in gzip.decompress(answer.content).splitlines()]
    assert [json.loads(line["payload"])["n"] for line in lines] == [0, 1]
    for unknown in ("/mock/sessions/none.jsonl.gz", "/nowhere/sessions/fair-1.jsonl.gz"):
        assert (await pages.user.http_client.get(unknown)).status_code == 404


async def test_two_marks_make_a_part_that_is_repeated(pages: Pages) -> None:
    _says(pages, position_s=12.5)
    await pages.user.open("/mock/sessions")
    pages.user.find(marker="part-end").click()
    await pages.user.should_see("Set the begin first")
    pages.user.find(marker="part-begin").click()
    await pages.user.should_see("Part begins at 12.5 s")
    _says(pages, position_s=60.0)
    pages.user.find(marker="part-end").click()
    for _ in range(ui_pages.TRIES):
        if found := await _wishes(pages):
            break
    assert found == [("loop", "12.5-60.0")]
    _says(pages, loop=True, loop_range=(12.5, 60.0))
    pages.dashboard.tick()
    await pages.user.should_see("Repeats 12.5 to 60.0 s")


async def test_the_page_hands_wishes_to_the_station(pages: Pages) -> None:
    _named(pages)
    _says(pages, loop=True)
    await pages.user.open("/mock/sessions?session=fair-1")
    for marker in ("replay-pause", "replay-step", "replay-stop", "loop", "play-day", "report-day"):
        pages.user.find(marker=marker).click()
    pages.user.find(marker="take").click()
    entry(pages, "Topic filter").set_value("ccu/#")
    pages.user.find(marker="replay-jump").click()
    entry(pages, "Order (orderId)").set_value("order-7")
    pages.user.find(marker="replay-seek_order").click()
    speed = next(
        f for f in pages.user.find(ui.select).elements if f.props.get("aria-label") == "Speed"
    )
    speed.set_value("10")
    await pages.user.should_see("playing")
    wanted = {
        ("pause", ""),
        ("step", ""),
        ("stop", ""),
        ("loop", "off"),
        ("play", "day"),
        ("report", "day?en"),
        ("take", "mock/fair-1?"),
        ("jump", "ccu/#"),
        ("seek_order", "order-7"),
        ("speed", "10"),
    }
    for _ in range(ui_pages.TRIES):
        if (found := set(await _wishes(pages))) == wanted:
            break
        await pages.user.should_see("playing")
    assert found == wanted


async def test_two_sessions_are_held_against_each_other(pages: Pages) -> None:
    _says(pages, sessions=("day", "night"))
    await pages.user.open("/mock/sessions")
    (against,) = pages.user.find(marker="against").elements
    assert isinstance(against, ui.select)
    assert list(against.options) == ["", "day", "night"]
    against.set_value("night")
    for marker in ("report-day", "report-night"):
        pages.user.find(marker=marker).click()
        await pages.user.should_see("Analyse compared with")
    wanted = {("report", "day?en?night"), ("report", "night?en")}
    for _ in range(ui_pages.TRIES):
        if (found := set(await _wishes(pages))) == wanted:
            break
        await asyncio.sleep(0.05)
    assert found == wanted
    _says(pages, sessions=("day",))
    pages.models["replay"].changed()
    pages.tick()
    assert (list(against.options), against.value) == (["", "day"], "")


async def test_a_recording_is_begun_by_one_and_ended_by_another_after_a_reload(
    pages: Pages,
) -> None:
    bus = pages.inboxes["mock"]
    await pages.user.open("/mock/sessions")
    pages.user.find(marker="run-name").type("fair-2")
    pages.user.find(marker="run-start").click()
    await pages.user.should_see(marker="run-stop")
    assert [one.name for one in await runs.under_way(bus)] == ["fair-2"]
    # Another process of the pages knows what the store says, and no more.
    pages.models["mock"].planning_runs = await runs.under_way(bus)
    await pages.user.open("/mock/sessions")
    await pages.user.should_see("fair-2")
    pages.user.find(marker="run-stop").click()
    await pages.user.should_not_see(marker="run-stop")
    assert (await named_ranges.find(bus, "fair-2")).ended_by
    assert await runs.under_way(bus) == []
    pages.user.find(marker="run-name").type("fair-2")
    pages.user.find(marker="run-start").click()
    await pages.user.should_see("fair-2 is a named range already")


async def test_what_the_station_says_is_shown_and_its_silence_too(pages: Pages) -> None:
    _says(pages, refused="no message names order x", position_s=12.5, length_s=60, reports=("day",))
    await pages.user.open("/replay/sessions")
    await pages.user.should_see("12.5 of 60.0 s")
    await pages.user.should_see("Not carried out: no message names order x")
    await pages.user.should_see("Open report")
    _says(pages, at=NOW - 60)
    pages.models["replay"].changed()
    pages.tick()
    await pages.user.should_see("The session station does not answer")


async def test_a_report_runs_apart_from_the_pages(pages: Pages) -> None:
    await station.keep_report(pages.inboxes["replay"], "day", b"<h1>Report</h1>")
    answer = await pages.user.http_client.get("/replay/sessions/day/report")
    assert answer.text == "<h1>Report</h1>"
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("sandbox allow-scripts; default-src 'none'")
    assert answer.headers["x-frame-options"] == "DENY"
    assert (await pages.user.http_client.get("/replay/sessions/none/report")).status_code == 404


async def test_a_store_that_is_away_is_said() -> None:
    async with ui_pages.pages() as away:
        away.language("en")
        await away.user.open("/mock/sessions")
        entry(away, "Name").set_value("fair-1")
        away.user.find(marker="give-name").click()
        await away.user.should_see("That did not work")
        _says(away)
        away.tick(1)
        away.user.find(marker="play-day").click()
        await _complains(away, "wish-wrong", "That did not work")


async def test_a_guest_keeps_and_checks_no_golden_session(store_url: str) -> None:
    async with ui_pages.pages(host="192.0.2.1", store_url=store_url) as pages:
        pages.language("en")
        _named(pages)
        await pages.user.open("/mock/sessions?session=fair-1")
        for marker in ("keep-golden", "golden-all"):
            pages.user.find(marker=marker).click()
            await pages.user.should_see("This needs: Operator")
