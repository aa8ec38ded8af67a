"""Pages of the past: the moment, nothing of the present, nothing to send, and the way back."""

import asyncio
import re
from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit

import pytest
from nicegui import ui

from omf.commands import KINDS
from omf.texts import text
from services.common.store.keys import (
    Command,
    CommandEvent,
    CommandRecord,
    Role,
    Stage,
)
from services.history.moments import NothingKnownError
from services.ui.features import PAGES
from services.ui.live.past_reader import PastUnreadableError
from services.ui.shell import past_requests
from tests.support import ui_pages
from tests.support.past_source import THEN, Past, said
from tests.support.ui_pages import HBW, NOW, Pages


@pytest.fixture
def past() -> Past:
    return Past()


@pytest.fixture
async def pages(past: Past) -> AsyncIterator[Pages]:
    async with ui_pages.pages(past=past) as made:
        # What is so today, and must not be seen on any page of the past.
        ui_pages.working_factory(made.factory, "BLUE")
        made.factory.online("LIVEONLY1")
        yield made


def words(pages: Pages) -> str:
    """All that the open page says."""
    assert pages.user.client is not None
    found = [e for e in pages.user.client.elements.values() if isinstance(e, ui.label)]
    return "\n".join(label.text for label in found)


async def test_the_band_names_the_moment_in_every_language(pages: Pages) -> None:
    pages.user.http_client.cookies.set("omf_clock", "utc")
    for language, moment, since in (
        ("en", "Past: 9 March 2026, 14:13:20", "196 days ago"),
        ("de", "Vergangenheit: 9. März 2026, 14:13:20", "vor 196 Tagen"),
        ("fr", "Passé\u00a0: 9 mars 2026, 14:13:20", "il y a 196 jours"),
    ):
        pages.language(language)
        await pages.user.open(f"/mock/overview?at={THEN}")
        await pages.user.should_see(moment)
        await pages.user.should_see(since)
        assert ui_pages.classed(pages, "shell", "past")


async def test_every_page_shows_the_moment_and_nothing_of_the_present(pages: Pages) -> None:
    for page in PAGES:
        address = page.example(serial=HBW, order_id="none")
        await pages.user.open(f"/mock/{address}?at={THEN}")
        assert ui_pages.classed(pages, "past-now"), page.name
        shown = words(pages)
        assert "LIVEONLY1" not in shown, page.name
        chips = [element.text for element in ui_pages.classed(pages, "chip-word")]
        assert "connected" not in chips[2:], page.name
        if not page.past:
            assert "Nothing of this page is kept" in shown
    await pages.user.open(f"/mock/stock?at={THEN}")
    shown = words(pages)
    await pages.user.open("/mock/stock")
    assert words(pages) != shown
    await pages.user.open(f"/mock/messages?at={THEN}")
    assert {str(row["topic"]) for row in ui_pages.listed(pages)} == {m.topic for m in said(THEN)}
    await pages.user.should_see("Older ones are found on the page History.")
    assert "Older ones are not kept." not in words(pages)


async def test_every_link_inside_keeps_the_moment(pages: Pages) -> None:
    for page in PAGES:
        address = page.example(serial=HBW, order_id="none")
        await pages.user.open(f"/mock/{address}?at={THEN}")
        assert pages.user.client is not None
        links = {
            str(e.props["href"])
            for e in pages.user.client.elements.values()
            if str(e.props.get("href", "")).startswith("/mock/")
            and not {"data-moment", "data-then"} & e.props.keys()
        }
        assert links
        for link in links:
            assert link.count("?") == 1, (page.name, link)
            [at] = parse_qs(urlsplit(link).query)["at"]
            assert at == "2026-03-09T14:13:20.000Z", (page.name, link)
        [back] = ui_pages.classed(pages, "past-back")
        assert back.props["href"] == f"/mock/{address}"


async def test_nothing_can_be_handed_in_from_the_past(pages: Pages) -> None:
    await pages.user.open(f"/mock/steering?at={THEN}&kind=factory-reset")
    await pages.user.should_see("Past: nothing can be sent from here")
    pages.user.find("send").click()
    for page in ("overview", "orders", f"module/{HBW}", "messages", "steering/training"):
        await pages.user.open(f"/mock/{page}?at={THEN}")
        assert pages.user.client is not None
        screen = next(iter(pages.dashboard.screens), None)
        assert screen is None or screen.bus is None
        await pages.user.should_see("Locked: past")
    assert pages.inboxes["mock"].commands == []


async def test_several_pieces_are_not_counted_for_an_order_that_cannot_be_given(
    pages: Pages,
) -> None:
    await pages.user.open("/mock/orders")
    await pages.user.should_see(marker="basket-compose")
    await pages.user.open(f"/mock/orders?at={THEN}")
    await pages.user.should_not_see(marker="basket-compose")


async def test_commands_stand_where_they_stood_then(pages: Pages, past: Past) -> None:
    command = Command(
        command_id="c1",
        kind="factory-reset",
        parameters={},
        environment="mock",
        operator="anna",
        role=Role.ADMIN,
        created_at=THEN - 60,
    )
    stages = (Stage.ACCEPTED, Stage.QUEUED)
    events = tuple(
        CommandEvent(command_id="c1", kind="factory-reset", stage=stage, at=THEN - 50)
        for stage in stages
    )
    past.commands = [CommandRecord(command=command, events=events)]
    await pages.user.open(f"/mock/commands?at={THEN}")
    assert [row["id"] for row in ui_pages.listed(pages)] == ["c1"]
    await pages.user.open("/mock/commands")
    assert ui_pages.listed(pages) == []


@pytest.mark.parametrize("given", ["yesterday", "2026-13-40", "", "1e400", "9" * 80])
async def test_what_is_no_moment_is_named_with_the_form_it_takes(
    pages: Pages, past: Past, given: str
) -> None:
    answer = await pages.user.http_client.get("/mock/overview", params={"at": given})
    assert answer.status_code == 400
    assert "is no moment" in answer.text
    assert "/mock/overview?at=2026-08-07T14:05:30.000Z" in answer.text
    assert past.asked == []


async def test_a_moment_of_which_nothing_is_known_says_why(pages: Pages, past: Past) -> None:
    later = await pages.user.http_client.get("/mock/overview", params={"at": str(NOW + 60)})
    assert later.status_code == 404
    assert "has not come yet" in later.text
    for error, status, told in (
        (NothingKnownError(text("past.no_messages")), 404, "No message has been kept yet"),
        (PastUnreadableError("no answer"), 503, "cannot be read at present (no answer)"),
    ):
        past.error = error
        answer = await pages.user.http_client.get("/mock/overview", params={"at": str(THEN)})
        assert answer.status_code == status
        assert told in answer.text
    past.error = None
    assert (await pages.user.http_client.get(f"/mock/overview?at={THEN}")).status_code == 200


async def test_a_relative_moment_becomes_one_that_stays(pages: Pages) -> None:
    client = pages.user.http_client
    answer = await client.get("/mock/orders?at=10m&x=a%26b", follow_redirects=False)
    assert answer.status_code == 307
    target = urlsplit(answer.headers["location"])
    assert target.path == "/mock/orders"
    assert parse_qs(target.query) == {"x": ["a&b"], "at": ["2026-09-21T14:03:20.000Z"]}


async def test_one_moment_is_read_once_and_two_do_not_disturb_each_other(
    pages: Pages, past: Past
) -> None:
    for _ in range(3):
        await pages.user.open(f"/mock/overview?at={THEN}")
    assert past.asked == [THEN]
    await pages.user.open(f"/mock/overview?at={THEN - 60}")
    first = pages.user.client
    await pages.user.open(f"/mock/overview?at={THEN}")
    assert past.asked == [THEN, THEN - 60]
    pages.factory.online("LIVEONLY2")
    pages.tick(5)
    assert "LIVEONLY2" not in words(pages)
    assert first is not pages.user.client


async def test_moments_looked_at_at_once_are_bounded(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(past_requests, "MAX_MOMENTS", 1)
    await pages.user.open(f"/mock/overview?at={THEN}")
    assert pages.dashboard.screens.moments == 1
    crowded = await pages.user.http_client.get("/mock/overview", params={"at": str(THEN - 60)})
    assert crowded.status_code == 503
    assert "Too many moments" in crowded.text
    same = await pages.user.http_client.get("/mock/orders", params={"at": str(THEN)})
    assert same.status_code == 200


def marked(pages: Pages, name: str) -> ui.element:
    [found] = pages.user.find(name).elements
    return found


async def test_the_bar_leads_to_the_events_of_the_day(pages: Pages) -> None:
    await pages.user.open(f"/mock/orders?at={THEN}")
    for _ in range(50):
        if len(ui_pages.classed(pages, "past-mark")) == 3:
            break
        await asyncio.sleep(0.02)
    kinds = [
        (kind, mark.props["href"], mark.props["title"])
        for kind in ("order", "command", "silence")
        for mark in ui_pages.classed(pages, "past-mark", kind)
    ]
    assert [href for _, href, _ in kinds] == [
        "/mock/orders?at=2026-03-09T14:12:20.000Z",
        "/mock/orders?at=2026-03-09T14:13:50.000Z",
        "/mock/orders?at=2026-03-09T14:14:50.000Z",
    ]
    assert KINDS["factory-reset"].title.en in kinds[1][2]
    assert marked(pages, "past-back").props["data-moment"] == "2026-03-09T14:12:20.000Z"
    assert marked(pages, "past-on").props["data-moment"] == "2026-03-09T14:13:50.000Z"
    play = marked(pages, "past-play")
    assert play.props["data-moment"] == "2026-03-09T14:13:20.000Z"
    assert play.props["data-play"] == "1"


async def test_a_page_that_plays_has_a_model_of_its_own(pages: Pages, past: Past) -> None:
    await pages.user.open(f"/mock/overview?at={THEN}")
    await pages.user.open(f"/mock/overview?at={THEN}&play=100")
    assert past.asked == [THEN, THEN]
    screen = list(pages.dashboard.screens)[-1]
    assert screen.player is not None
    assert screen.player.pace == 100
    pages.user.find("past-play").click()
    for given in ("0", "-1", "fast", "nan", "1e9"):
        await pages.user.open(f"/mock/overview?at={THEN}&play={given}")
    assert past.asked == [THEN, THEN]


async def test_the_way_in_is_one_press_on_every_page_of_now(pages: Pages) -> None:
    await pages.user.open("/mock/orders?state=x")
    [entry] = [e for e in ui_pages.classed(pages, "band-link") if e.props.get("data-moment")]
    assert entry.props["href"] == "/mock/orders?state=x&at=1m"
    assert re.fullmatch(r"\d+[smhd]", str(entry.props["data-moment"]))
