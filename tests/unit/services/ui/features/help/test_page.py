"""Help: each guide can be read in the browser, and no link of it leads nowhere."""

import re
from pathlib import Path

import pytest
from nicegui import ui

from omf.texts import LANGUAGES
from services.ui.features.help import documents
from services.ui.features.help.documents import DOCUMENTS, fit_for_page, help_document
from tests.support.ui_pages import Pages


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_guide_for_operators_is_read_in_the_own_language(
    pages: Pages, language: str
) -> None:
    pages.language(language)
    await pages.user.open("/mock/help")
    [body] = pages.user.find(marker="guide-text").elements
    assert isinstance(body, ui.markdown)
    assert body.props["lang"] == language
    first = {"en": "For operators", "de": "Für", "fr": "Pour"}[language]
    assert re.search(f"<h2[^>]*>{first}", body.props["innerHTML"])


async def test_each_guide_opens_and_says_where_it_is_english_only(pages: Pages) -> None:
    pages.language("de")
    for name in DOCUMENTS:
        await pages.user.open(f"/mock/help/{name}")
        [body] = pages.user.find(marker="guide-text").elements
        german = help_document(name, "de").language == "de"
        assert body.props["lang"] == ("de" if german else "en")
        if not german:
            await pages.user.should_see("nur auf Englisch")


async def test_a_guide_that_does_not_exist_leads_to_the_first_one(pages: Pages) -> None:
    await pages.user.open("/mock/help/passwd")
    await pages.user.should_see("For operators")


async def test_a_program_without_its_guides_says_so(
    pages: Pages, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(documents, "_FOLDERS", (tmp_path,))
    help_document.cache_clear()
    await pages.user.open("/mock/help")
    await pages.user.should_see("was not installed")
    help_document.cache_clear()


@pytest.mark.parametrize("name", DOCUMENTS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_links_lead_to_guides_or_away_and_pictures_are_left_out(
    name: str, language: documents.Language
) -> None:
    made = fit_for_page(help_document(name, language).text, name, "/mock/help", "?at=1")
    plain = re.sub(r"(?s)```.*?```", "", made)
    targets = re.findall(r"\]\(([^)\s]+)\)", plain)
    wanted = tuple(f"/mock/help/{one}?at=1" for one in DOCUMENTS)
    assert [one for one in targets if not one.startswith(("https://", *wanted))] == []
    assert "![" not in plain


def test_headings_stand_one_level_lower_and_what_is_fenced_stays() -> None:
    fenced = "```\n# a comment [x](alarms.md)\n```\n"
    given = f"# One\n\n{fenced}[see](alarms.de.md#two), [no](../x.py)\n"
    made = fit_for_page(given, "plans", "/mock/help")
    assert made == f"## One\n\n{fenced}[see](/mock/help/alarms), no\n"


def test_a_guide_does_not_lead_to_itself_in_another_language() -> None:
    given = "[Deutsch](plans.de.md), [alarms](alarms.de.md)"
    assert fit_for_page(given, "plans", "/help") == "Deutsch, [alarms](/help/alarms)"
