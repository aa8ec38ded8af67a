"""The frame around every page: alarms, replay, help, themes."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from nicegui import ui
from nicegui.elements.query import QueryElement

from omf.alarms.rule_data import SEVERITIES
from omf.topics.catalogue import address
from services.common.sessions.station import ReplayStatus
from services.common.store.fold_reader import note_link
from services.common.store.keys import LinkHealth, Role, TooLarge
from services.ui.auth.current_user import CHOICES
from services.ui.features import PAGES
from services.ui.live import connection_health
from services.ui.live.model import Links
from services.ui.types import Page
from tests.support import ui_pages
from tests.support.ui_pages import NOW, Pages, classed


@pytest.fixture
def opening(tmp_path: Path) -> dict[str, object]:
    return {"users": tmp_path / "users.jsonl"}


def _broken(serial: str, level: str) -> tuple[str, dict[str, Any]]:
    """A module that reports an error of this level."""
    error = {"errorType": "x", "errorLevel": level, "timestamp": "2026-08-07T09:00:00.000Z"}
    said = {"serialNumber": serial, "timestamp": error["timestamp"], "errors": [error]}
    return address("module_state", serial=serial), said


def _alarms_in_bar(pages: Pages) -> tuple[set[str], list[str]]:
    """The class the chip is coloured as, and what is written in it, from left to right."""
    [chip] = classed(pages, "alarm-chip")
    parts = [part for part in classed(pages, "alarm-count") if "hidden" not in part.classes]
    words = [child.text for part in parts for child in part if "chip-word" in child.classes]
    return set(chip.classes) & set(SEVERITIES), words


async def test_the_worst_alarm_stands_in_the_bar_of_every_page(pages: Pages) -> None:
    for serial in (ui_pages.HBW, ui_pages.DRILL):
        pages.factory.online(serial, "CONNECTIONBROKEN")
    pages.factory.say("ccu_pairing_state", ui_pages.pairing())
    for page in ("commands", "overview", "messages", "system"):
        await pages.user.open(f"/mock/{page}")
        pages.tick(1)
        assert _alarms_in_bar(pages) == ({"communication"}, ["Communication 2"])
    pages.say(*_broken(ui_pages.HBW, "FATAL"))
    pages.tick(1)
    assert _alarms_in_bar(pages) == ({"critical"}, ["Critical 1", "2"])


async def test_without_an_alarm_the_bar_says_so(pages: Pages) -> None:
    await pages.user.open("/mock/commands")
    await pages.user.should_see("no alarms")
    assert _alarms_in_bar(pages) == (set(), [])


@pytest.mark.parametrize("language", ["de", "en"])
async def test_a_refused_subscription_makes_the_link_impaired_on_every_page(
    pages: Pages, language: str
) -> None:
    pages.user.http_client.cookies.set("omf_language", language)
    refused = LinkHealth(
        connected=True, broker="b", since=NOW, at=NOW, refused_filters=("fts/#", "a/+")
    )
    pages.models["mock"].links = Links(refused, None)
    for page in ("overview", "messages", "system"):
        await pages.user.open(f"/mock/{page}")
        word, what = {
            "de": ("eingeschränkt", "Der Broker verweigert fts/#, a/+"),
            "en": ("impaired", "The broker refuses fts/#, a/+"),
        }[language]
        await pages.user.should_see(word)
        await pages.user.should_see(what)
    pages.models["mock"].links = Links(refused.model_copy(update={"refused_filters": ()}), None)
    pages.tick(1)
    await pages.user.should_not_see("fts/#, a/+")


@pytest.mark.parametrize(
    ("language", "advice"), [("de", "In der Zugriffsliste"), ("en", "in the access list")]
)
async def test_a_refused_subscription_stands_in_the_list_of_alarms(
    pages: Pages, language: str, advice: str
) -> None:
    pages.user.http_client.cookies.set("omf_language", language)
    model = pages.models["mock"]
    link = LinkHealth(connected=True, broker="b", since=NOW, at=NOW, refused_filters=("fts/#",))
    note_link(model.factory, link)
    await pages.user.open("/mock/overview")
    await pages.user.should_see(advice)
    note_link(model.factory, link.model_copy(update={"refused_filters": ()}))
    pages.tick(1)
    await pages.user.should_not_see(advice)


async def test_a_connection_that_another_client_took_over_is_told_by_its_name(
    pages: Pages,
) -> None:
    other = "omf-ingest-live-a1b2c3"
    taken = LinkHealth(connected=False, broker="b", since=NOW, at=NOW, taken_over_by=other)
    pages.models["mock"].links = Links(taken, taken)
    await pages.user.open("/mock/overview")
    await pages.user.should_see("taken over")
    await pages.user.should_see(f"Another client named {other} took the connection")
    await pages.user.should_see("commands locked")


async def test_what_befell_store_clock_and_messages_is_told_for_a_while(pages: Pages) -> None:
    large = TooLarge(topic="cam/picture", size=3_100_000, limit=2_097_152, at=NOW - 5, count=3)
    link = LinkHealth(connected=True, broker="b", since=NOW, at=NOW, too_large=large)
    told = {"emptied_at": NOW - 60, "clock_step_s": -3600.0, "clock_step_at": NOW - 60}
    pages.models["mock"].links = Links(link.model_copy(update=told), None)
    await pages.user.open("/mock/overview")
    await pages.user.should_see("Message too large and not taken: cam/picture, 3.1 MB")
    await pages.user.should_see("2.1 MB")
    await pages.user.should_see("The store was emptied")
    await pages.user.should_see("was set by -3,600 s")
    later = dict.fromkeys(("emptied_at", "clock_step_at"), NOW - 1000)
    old = large.model_copy(update={"at": NOW - 1000})
    pages.models["mock"].links = Links(link.model_copy(update={**later, "too_large": old}), None)
    pages.tick(1)
    await pages.user.should_not_see("The store was emptied")
    await pages.user.should_not_see("cam/picture")


async def test_the_band_of_a_replay_says_what_is_played_when_and_how_fast(pages: Pages) -> None:
    recorded = datetime(2026, 3, 3, 8, 7, 5, tzinfo=UTC).timestamp()
    pages.user.http_client.cookies.set("omf_clock", "utc")
    model = pages.models["replay"]
    playing = ReplayStatus(
        state="playing", session="fair-1", begin_at=recorded, position_s=55.0, speed=2.0, at=NOW
    )
    model.station = playing
    await pages.user.open("/replay/overview")
    await pages.user.should_see("fair-1 · 2026-03-03 08:08:00 · 2 × · playing")
    model.station = playing.model_copy(update={"state": "paused", "speed": None})
    pages.tick(1)
    await pages.user.should_see("fair-1 · 2026-03-03 08:08:00 · max · paused")


async def test_nobody_falls_silent_while_a_replay_stands_still(pages: Pages) -> None:
    model = pages.models["replay"]
    pages.told["replay"].online(ui_pages.HBW).say("ccu_pairing_state", ui_pages.pairing())
    await pages.user.open("/replay/commands")
    for later, (state, quiet) in enumerate(
        (("paused", True), ("ended", True), ("playing", False)), 600
    ):
        model.station = ReplayStatus.model_validate({"state": state, "at": NOW + later})
        model.links = Links()
        pages.tick(later)
        look = pages.user.should_see if quiet else pages.user.should_not_see
        await look("no alarms")
        assert connection_health.unheard(model) is not quiet


async def test_help_lists_every_page_a_person_may_see(pages: Pages) -> None:
    pages.user.http_client.headers["x-forwarded-for"] = "203.0.113.9"
    await pages.user.open("/mock/overview")
    pages.user.find("? Help").click()
    await pages.user.should_see("Keys and addresses")
    await pages.user.should_see("/mock/messages?class=3&way=to")
    await pages.user.should_see("no emergency stop")
    await pages.user.should_not_see("/mock/users")


def _body_classes(pages: Pages) -> set[str]:
    """What the page puts on its body, where the style sheets look for the theme."""
    queries = pages.user.find(QueryElement).elements
    return {name for query in queries for name in query.props["classes"]}


@pytest.mark.parametrize("theme", CHOICES["theme"])
async def test_each_theme_can_be_chosen(pages: Pages, theme: str) -> None:
    await pages.user.open("/mock/overview")
    [link] = [one for one in classed(pages, "choice") for one in one if theme in str(one.props)]
    chosen = await pages.user.http_client.get(link.props["href"])
    assert (chosen.status_code, chosen.headers["location"]) == (303, "/mock/overview")
    await pages.user.open("/mock/overview")
    dark = next(iter(pages.user.find(ui.dark_mode).elements))
    assert dark.value is (theme != "light")
    themes = {f"theme-{name}" for name in CHOICES["theme"]}
    assert _body_classes(pages) & themes == {f"theme-{theme}"}


async def test_a_theme_that_is_none_changes_nothing(pages: Pages) -> None:
    await pages.user.http_client.get("/choose?theme=pink&back=/mock/overview")
    await pages.user.open("/mock/overview")
    assert "theme-light" in _body_classes(pages)


HOSTILE = "<img src=x onerror=alert(1)>{{7*7}}"


@pytest.mark.parametrize("page", [p for p in PAGES if p.menu], ids=lambda page: page.name)
async def test_no_page_builds_markup_from_what_the_factory_says(pages: Pages, page: Page) -> None:
    await pages.sign_in(Role.ADMIN)
    for serial in (HOSTILE, ui_pages.DRILL):
        pages.factory.online(serial.replace("/", ""))
    pages.factory.say(
        "ccu_pairing_state", {"modules": [{"serialNumber": HOSTILE, "subType": HOSTILE}]}
    )
    pages.factory.say("ccu_state_stock", ui_pages.stock(HOSTILE, HOSTILE))
    order = {"orderId": HOSTILE, "orderType": HOSTILE, "type": HOSTILE, "state": HOSTILE}
    pages.factory.orders({**order, "productionSteps": [{"id": HOSTILE}]})
    client = await pages.user.open(f"/mock/{page.name}")
    for element in client.elements.values():
        if isinstance(element, ui.markdown) and page.name == "help":
            # A guide that comes with the program.
            assert HOSTILE not in element.props["innerHTML"]
            continue
        if "as-inside" in element.classes:
            # Put together by widgets/markup, which escapes each text of others.
            assert "<img" not in element.props["innerHTML"]
            continue
        assert "innerHTML" not in element.props, element
        assert type(element) not in (ui.html, ui.markdown)
        assert element.tag not in ("script", "iframe")
