"""An address that leads nowhere is answered in the reader's language, with a way back."""

from collections.abc import AsyncIterator

import pytest
from nicegui import Client

from tests.support import ui_pages
from tests.support.ui_pages import Pages


@pytest.fixture
async def pages() -> AsyncIterator[Pages]:
    async with ui_pages.pages() as opened:
        yield opened


@pytest.mark.parametrize(
    ("language", "words"),
    [("de", "Diese Seite gibt es nicht"), ("en", "There is no such page")],
)
@pytest.mark.parametrize(
    ("address", "back"),
    [
        ("/nowhere", "/"),
        ("/nowhere/overview", "/"),
        ("/mock/nowhere", "/mock/overview"),
        ("/live/overview/modules/nowhere", "/live/overview"),
    ],
)
async def test_it_says_so_and_leads_back(
    pages: Pages, language: str, words: str, address: str, back: str
) -> None:
    pages.language(language)
    answer = await pages.user.http_client.get(address)
    assert answer.status_code == 404
    assert words in answer.text
    assert f'<html lang="{language}">' in answer.text
    assert f'href="{back}"' in answer.text
    assert "nicegui" not in answer.text.lower()


async def test_what_was_asked_for_comes_back_as_text_and_costs_no_page(pages: Pages) -> None:
    before = len(Client.instances)
    answer = await pages.user.http_client.get("/%3Cscript%3Ex%3C/script%3E")
    assert "<script>" not in answer.text
    assert "&lt;script&gt;" in answer.text
    assert len(Client.instances) == before


async def test_a_missing_file_of_the_front_end_stays_bare(pages: Pages) -> None:
    answer = await pages.user.http_client.get("/static/nowhere.css")
    assert answer.status_code == 404
    assert "<html" not in answer.text
