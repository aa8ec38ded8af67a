"""Pages speak to people: words instead of codes, in their language, and none of them cut."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from omf.texts import LANGUAGES, Language
from omf.texts.catalogue import catalogue
from services.supervisor.runfile import RunFile
from services.ui.features import PAGES
from tests.e2e.test_accessibility import PHONES
from tests.e2e.test_readable import CUT_CHOICES
from tests.e2e.whole import SIZE, open_page, running
from tests.support.system import omf
from tests.support.ui_pages import DRILL

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(400),
]

CODE = re.compile(r"\b[A-Z][A-Z_]{3,}\b")
NAMES = frozenset(
    {
        *("DRILL", "MILL", "AIQS", "CHRG", "OVEN"),  # names of modules
        *("LIVE", "MOCK", "REPLAY"),  # names of the environments
        *("MQTT", "JSON", "JSONL", "HTTP", "HTTPS", "PUBACK", "WLAN"),  # terms of the trade
        *("RETAIN", "RESET", "FILE", "DATEI", "FICHIER"),  # to be typed, or to be put a name for
    }
)
TEXTS = """() => {
  const technical = "pre, code, .mono, .payload, .topic, [data-topic], .ag-cell[col-id=topic]"
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
CUT_PLACEHOLDERS = """(fields) => fields.filter(field => {
  if (!field.checkVisibility() || field.value) return false;
  const style = getComputedStyle(field), pen = document.createElement("canvas").getContext("2d");
  pen.font = style.font;
  const room = field.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
  return pen.measureText(field.placeholder).width > room + 1;
}).map(field => field.placeholder)"""
TIME_FORMS = frozenset({"mock/audit", "mock/commands", "mock/history", "mock/changes"})
"""Their hints say how a time is written: they are held against a phone too."""
SETTLE_MS = 900
THOROUGH: Language = "de"
"""Its words are the longest, and English ones would be seen; tabs and details cost time."""
TABS = (
    *("overview/modules", "vehicle/5iO4", "steering/modules", "steering/training"),
    *(f"alarms/{name}" for name in ("hidden", "history", "statistics", "rules", "handover")),
    *("history?show=chart", "system/archive", "system/notifications", "orders/ended"),
    *(f"{name}?at=20s" for name in ("overview", "floor", "orders", "workpieces", "messages")),
)


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


def _codes(texts: list[str]) -> Iterator[str]:
    for text in texts:
        for code in sorted(set(CODE.findall(text)) - NAMES):
            yield f"{code} in: {text[:100]}"


def _foreign(texts: list[str], language: Language) -> set[str]:
    """Texts of another catalogue that are none of this one."""
    names = {catalogue(one).texts[f"language.{one}"] for one in LANGUAGES}
    own = {*catalogue(language).texts.values(), *names}
    others = {text for one in LANGUAGES for text in catalogue(one).texts.values()} - own
    return {text for text in texts if len(text) > 3} & others


def _things(page: Page, system: RunFile) -> Iterator[str]:
    """Details of what there is: an alarm, a piece, an order."""
    for name, beginning in (("alarms", "?alarm="), ("workpieces", "workpiece/")):
        page.goto(f"{system.ui}/mock/{name}")
        page.locator(".ag-row").first.wait_for()
        page.locator(".ag-row").first.click()
        page.wait_for_url(re.compile(re.escape(beginning)))
        yield page.url.partition("/mock/")[2]
    page.goto(f"{system.ui}/mock/overview")
    order = page.locator("a[href*='/order/']").first.get_attribute("href")
    assert order is not None
    yield order.partition("/mock/")[2]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_speaks_in_words_that_can_be_read(
    system: RunFile, chromium: Browser, language: Language
) -> None:
    page = open_page(chromium, system.ui, "/mock/overview", language=language)
    found = []
    paths = [one.example(serial=DRILL) for one in PAGES]
    if language == THOROUGH:
        paths += [*TABS, *_things(page, system)]
    for path in [*(f"mock/{one}" for one in paths), "replay/sessions"]:
        page.goto(f"{system.ui}/{path}")
        page.wait_for_selector(".shell")
        page.wait_for_timeout(SETTLE_MS)
        texts: list[str] = page.evaluate(TEXTS)
        found += [f"{path}: {one}" for one in _codes(texts)]
        found += [f"{path}: {one} in another language" for one in _foreign(texts, language)]
        placeholders = page.locator("input[placeholder]").evaluate_all(CUT_PLACEHOLDERS)
        choices = page.locator(".q-select").evaluate_all(CUT_CHOICES)
        if path in TIME_FORMS:
            page.set_viewport_size(PHONES[0])
            placeholders += page.locator("input[placeholder]").evaluate_all(CUT_PLACEHOLDERS)
            page.set_viewport_size(SIZE)
        found += [f"{path}: {one} is cut" for one in (*placeholders, *choices)]
    page.context.close()
    assert not found, "\n".join(found)
