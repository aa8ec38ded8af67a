"""Help: each guide can be read in the browser, and no link of it leads nowhere."""

import re
from pathlib import Path

import pytest
from nicegui import ui

from omf.texts import LANGUAGES
from services.ui.features.help import documents
from services.ui.features.help.documents import DOCUMENTS, fit_for_page, help_document
from tests.support.ui_pages import Pages


def lead(guide: str, language: documents.Language | None = None) -> str:
    """The address of a guide, as a page gives it."""
    return f"/help/{guide}?in={language}" if language else f"/help/{guide}"


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
    made = fit_for_page(help_document(name, language).text, name, lead)
    plain = re.sub(r"(?s)```.*?```", "", made)
    targets = re.findall(r"\]\(([^)\s]+)\)", plain)
    wanted = tuple(lead(one) for one in DOCUMENTS)
    assert [one for one in targets if not one.startswith(("https://", *wanted))] == []
    assert "![" not in plain


def test_headings_stand_one_level_lower_and_what_is_fenced_stays() -> None:
    fenced = "```\n# a comment [x](alarms.md)\n```\n"
    given = f"# One\n\n{fenced}[see](alarms.de.md#two), [no](../x.py)\n"
    made = fit_for_page(given, "plans", lead)
    assert made == f"## One\n\n{fenced}[see](/help/alarms), no\n"


def test_a_guide_leads_to_itself_in_another_language_and_is_called_by_its_name() -> None:
    given = "[Deutsch](plans.de.md), [English](plans.md), [alarms.md](alarms.md#one)"
    made = fit_for_page(given, "plans", lead, lambda guide: f"All {guide}")
    german, english, other = made.split(", ")
    assert (german, english) == ("[Deutsch](/help/plans?in=de)", "[English](/help/plans?in=en)")
    assert other == "[All alarms](/help/alarms)"


async def test_the_words_at_its_head_lead_to_the_guide_in_their_languages(pages: Pages) -> None:
    await pages.user.open("/mock/help/operator-guide")
    [body] = pages.user.find(marker="guide-text").elements
    shown = body.props["innerHTML"]
    assert 'href="/mock/help/operator-guide?in=de"' in shown
    assert ">Every alarm</a>" in shown
    await pages.user.open("/mock/help/operator-guide?in=de")
    [body] = pages.user.find(marker="guide-text").elements
    assert body.props["lang"] == "de"
    await pages.user.should_see("For operators")
    await pages.user.should_not_see("exists in English only")
