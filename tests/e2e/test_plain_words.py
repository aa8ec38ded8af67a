"""Pages speak to people: no code of the factory in capitals outside payloads, topics and ids."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from omf.texts import LANGUAGES, Language
from omf.texts.catalogue import catalogue
from services.supervisor.runfile import RunFile
from services.ui.features import PAGES
from tests.e2e.whole import browser, open_page, running
from tests.support.system import omf
from tests.support.ui_pages import DRILL

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("accessibility"),
    pytest.mark.timeout(400),
]

CODE = re.compile(r"\b[A-Z][A-Z_]{3,}\b")
NAMES = frozenset(
    {
        *("DRILL", "MILL", "AIQS", "CHRG", "OVEN"),  # names of modules
        *("LIVE", "MOCK", "REPLAY"),  # names of the environments
        *("MQTT", "JSON", "JSONL", "HTTP", "PUBACK", "WLAN"),  # terms of the trade
        *("RETAIN", "RESET", "FILE", "DATEI", "FICHIER"),  # to be typed, or to be put a name for
    }
)
TEXTS = """() => {
  const technical = "pre, .mono, .payload, .topic, [data-topic], .ag-cell[col-id=topic]"
    + ", .ag-cell[col-id=payload], .ag-cell[col-id=text], .ag-cell[col-id=more]"  // what was logged
    + ", .brand, textarea, option, script, style";
  const found = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const parent = walk.currentNode.parentElement;
    if (parent && !parent.closest(technical) && parent.checkVisibility())
      found.push(walk.currentNode.textContent.trim());
  }
  const payload = text => text.startsWith("{") || text.startsWith("[");
  return found.filter(text => text && !payload(text));
}"""
SETTLE_MS = 900


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunFile]:
    folder = tmp_path_factory.mktemp("words")
    with running(folder) as started:
        for words in (
            ("production-order", "type=WHITE", "--wait", "0"),
            ("production-order", "type=RED", "--wait", "0"),
            ("mock-module-fault", "fault=fatal", "module=DRILL", "--wait", "5"),
            ("delivery-drop", "colour=RED", "--wait", "5"),
        ):
            omf("send", *words, "--run", str(folder / "data"))
        yield started


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as started:
        yield started


def _codes(page: Page) -> Iterator[str]:
    for text in page.evaluate(TEXTS):
        for code in sorted(set(CODE.findall(text)) - NAMES):
            yield f"{code} in: {text[:100]}"


def _foreign(page: Page, language: Language) -> set[str]:
    """Texts of another catalogue that are none of this one."""
    own = set(catalogue(language).texts.values())
    others = {text for one in LANGUAGES for text in catalogue(one).texts.values()} - own
    return {text for text in page.evaluate(TEXTS) if len(text) > 3} & others


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_shows_a_code_where_a_word_should_be(
    system: RunFile, chromium: Browser, language: Language
) -> None:
    page = open_page(chromium, system.ui, "/mock/overview", language=language)
    tabs = ["overview/modules", "vehicle/5iO4", "steering/modules", "steering/training"]
    found = []
    for path in [*(one.example(serial=DRILL) for one in PAGES), *tabs]:
        page.goto(f"{system.ui}/mock/{path}")
        page.wait_for_selector(".shell")
        page.wait_for_timeout(SETTLE_MS)
        found += [f"{path}: {one}" for one in _codes(page)]
        found += [f"{path}: {one} in another language" for one in _foreign(page, language)]
    page.context.close()
    assert not found, "\n".join(found)
