"""What a person chose follows them to another browser, and leaves the next person alone."""

from pathlib import Path

import pytest

from services.common.store.bus import Bus
from services.common.store.keys import Role
from services.ui.auth.current_user import CHOICES
from services.ui.auth.person_choices import RedisChoiceStore, choices_of
from tests.support import ui_pages
from tests.support.ui_pages import Pages


async def _choose(pages: Pages, query: str) -> None:
    await pages.user.http_client.get(f"/choose?{query}&back=/mock/overview", follow_redirects=False)


async def _german_and_dark(pages: Pages) -> tuple[bool, bool]:
    answer = await pages.user.http_client.get("/mock/overview")
    return "Übersicht" in answer.text, "theme-dark" in answer.text


def _another_browser(pages: Pages) -> None:
    pages.user.http_client.cookies.clear()


async def test_a_choice_of_a_person_follows_to_another_browser(tmp_path: Path) -> None:
    async with ui_pages.pages(users=tmp_path / "users.json") as pages:
        await pages.sign_in(Role.VIEWER)
        await _choose(pages, "language=de")
        await _choose(pages, "theme=dark")
        _another_browser(pages)
        assert await _german_and_dark(pages) == (False, False)
        await pages.sign_in(Role.VIEWER)
        assert await _german_and_dark(pages) == (True, True)


async def test_the_next_person_at_a_browser_has_their_own(tmp_path: Path) -> None:
    async with ui_pages.pages(users=tmp_path / "users.json") as pages:
        await _choose(pages, "language=de")
        await pages.sign_in(Role.VIEWER, "anna")
        await _choose(pages, "language=en")
        await _choose(pages, "theme=dark")
        await pages.sign_in(Role.VIEWER, "otto")
        # Of what Otto never chose this browser's own choice counts, and not Anna's.
        assert await _german_and_dark(pages) == (True, False)


async def test_without_a_sign_in_the_browser_keeps_it(tmp_path: Path) -> None:
    async with ui_pages.pages(users=tmp_path / "users.json") as pages:
        await _choose(pages, "theme=dark")
        assert await _german_and_dark(pages) == (False, True)
        assert pages.shelf.chosen == {}


async def test_while_the_store_is_away_the_browser_keeps_it(tmp_path: Path) -> None:
    async with ui_pages.pages(users=tmp_path / "users.json") as pages:
        await pages.sign_in(Role.VIEWER)
        pages.shelf.away = True
        await _choose(pages, "language=de")
        assert pages.user.http_client.cookies.get("omf_language") == "de"


async def test_what_is_no_choice_is_not_kept_and_not_shown(tmp_path: Path) -> None:
    async with ui_pages.pages(users=tmp_path / "users.json") as pages:
        await pages.sign_in(Role.VIEWER)
        await _choose(pages, "theme=pink&colour=red")
        assert pages.shelf.chosen == {}
        pages.shelf.chosen["anna"] = {"theme": "pink"}
        answer = await pages.user.http_client.get("/mock/overview")
        assert "theme-light" in answer.text


@pytest.mark.servers
async def test_the_store_keeps_them_apart_and_over_restarts(store_url: str) -> None:
    async with Bus(store_url, "mock") as bus:
        kept = RedisChoiceStore(bus, tuple(CHOICES))
        await kept.keep("anna", {"theme": "dark", "sound": "on"})
        await kept.keep("anna", {"theme": "contrast"})
        await kept.keep("a/anna", {"theme": "light"})
    async with Bus(store_url, "mock") as bus:
        kept = RedisChoiceStore(bus, tuple(CHOICES))
        assert await kept.read("anna") == {"theme": "contrast", "sound": "on"}
        assert await kept.read("a/anna") == {"theme": "light"}
        assert await kept.read("otto") == {}


async def test_a_store_that_is_away_says_nothing() -> None:
    away = RedisChoiceStore(Bus("redis://127.0.0.1:1/0", "mock"), tuple(CHOICES))
    assert await choices_of(away, "anna") == {}
