"""Every page, in every language: it keeps nobody out, speaks in words, and is read in full.

All of them are opened once (page_walk.py); each test here reads what one judge said of each.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from omf.texts import LANGUAGES, Language
from omf.texts.catalogue import catalogue
from services.common.store.bus import store
from services.common.store.keys import key
from services.supervisor.runfile import RunFile
from services.ui.features import PAGES
from tests.e2e import page_judges
from tests.e2e.page_walk import IN_ENGLISH, IN_GERMAN, PLAIN, TIME_FORMS, WITH_TABLES, PageWalk
from tests.e2e.whole import running
from tests.support.processes import wait_for
from tests.support.system import omf
from tests.support.ui_pages import DRILL

pytestmark = [
    pytest.mark.browser,
    # A hundred pages take many minutes on a machine that does something else.
    pytest.mark.timeout(1800),
]


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunFile]:
    """A factory in which something runs and something is wrong."""
    folder = tmp_path_factory.mktemp("words")
    with running(folder) as started:
        busy(started, folder / "data")
        yield started


def busy(system: RunFile, data: Path) -> None:
    """Return once two orders run and an alarm stands."""
    for words in (
        ("mock-module-fault", "fault=fatal", "module=DRILL"),
        ("production-order", "type=WHITE"),
        ("production-order", "type=RED"),
    ):
        asked = ("send", *words, "--wait", "30", "--run", str(data))
        # One that a busy machine let expire is asked for again.
        wait_for(lambda asked=asked: omf(*asked).returncode == 0, 180)  # type: ignore[misc]
    wait_for(lambda: store(system.redis).hlen(key("mock", "alarms:now")), 300)


@pytest.fixture(scope="module")
def walk(system: RunFile, chromium: Browser) -> PageWalk:
    walk = PageWalk(system, chromium)
    for language in LANGUAGES:
        walk.go(language)
    return walk


def clean(walk: PageWalk, judge: str, *languages: Language) -> None:
    found = walk.faults(judge, *languages)
    assert not found, "\n".join(sorted(set(found)))


def test_no_page_keeps_anybody_out(walk: PageWalk) -> None:
    """By axe-core, the usual judge: nothing serious, nothing critical."""
    clean(walk, "axe", "en")


def test_no_word_of_a_page_is_too_pale_in_any_theme(walk: PageWalk) -> None:
    clean(walk, "colours", "en")


def test_every_page_has_one_heading_and_each_part_and_field_its_name(walk: PageWalk) -> None:
    clean(walk, "build", "en")


def test_every_page_fits_a_phone_and_a_thumb(walk: PageWalk) -> None:
    clean(walk, "phone", "en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_speaks_in_words_that_can_be_read(walk: PageWalk, language: Language) -> None:
    clean(walk, "words", language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_field_is_too_narrow_for_what_it_says(walk: PageWalk, language: Language) -> None:
    clean(walk, "fields", language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_how_a_time_is_written_is_read_on_a_phone(walk: PageWalk, language: Language) -> None:
    clean(walk, "hints", language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_column_of_a_table_lies_outside_the_page(walk: PageWalk, language: Language) -> None:
    clean(walk, "tables", language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_was_seen_by_each_judge(walk: PageWalk, language: Language) -> None:
    pages = {f"mock/{one.example(serial=DRILL)}" for one in PAGES} | {"replay/sessions"}
    tables = {f"mock/{path}" for path in WITH_TABLES}
    assert set(walk.opened["words", language]) >= pages | tables
    assert set(walk.opened["fields", language]) >= pages | tables
    assert set(walk.opened["hints", language]) == TIME_FORMS
    assert set(walk.opened["tables", language]) >= (pages | tables) - {"mock/messages"}
    if language == "en":
        english = pages | tables | {f"mock/{path}" for path in IN_ENGLISH}
        assert set(walk.opened["build", language]) == english
        assert set(walk.opened["phone", language]) == english | {"site"}
        assert set(walk.opened["axe", language]) == english | set(PLAIN)
        assert set(walk.opened["colours", language]) == english | set(PLAIN)
    if language == "de":
        seen = walk.opened["words", language]
        assert set(seen) >= {f"mock/{path}" for path in IN_GERMAN}
        for thing in ("?alarm=", "workpiece/", "order/"):
            assert any(thing in path and "none" not in path for path in seen), thing


FAULTY = """
<main></main><main></main><h1>One</h1><h1>Two</h1><nav></nav>
<a href="/elsewhere" style="display: inline-block; width: 9px; height: 9px; overflow: hidden">x</a>
<input placeholder="a placeholder of many words" style="width: 30px">
<div style="width: 2000px; background: white; color: #eee">AVAILABLE %s</div>
<div class="ag-header-viewport" style="width: 40px; overflow: hidden">
  <span class="ag-header-cell-text" style="display: inline-block; width: 20px">A heading</span>
  <div style="width: 90px">.</div>
</div>
"""


def test_each_judge_names_what_is_wrong(chromium: Browser) -> None:
    page = chromium.new_page()
    german = catalogue("de").texts["site.title"]
    page.set_content(f"<html lang='en'><title>t</title><body>{FAULTY % f'<p>{german}</p>'}")
    said = "\n".join(page_judges.build_faults(page))
    for fault in ("one heading", "navigations", "first link", "too small", "nameless"):
        assert fault in said
    assert {"AVAILABLE in: AVAILABLE", f"{german} in another language"} == set(
        page_judges.word_faults(page, "en")
    )
    assert list(page_judges.field_faults(page)) == ["a placeholder of many words is cut"]
    assert list(page_judges.hint_faults(page)) == ["a placeholder of many words is cut on a phone"]
    assert len(list(page_judges.table_faults(page))) == 2
    assert any("color-contrast" in one for one in page_judges.complaints(page, Axe()))
    said = "\n".join(page_judges.phone_faults(page))
    assert "scrolls sideways at 390" in said
    assert "too small for a thumb" in said
    page.close()
