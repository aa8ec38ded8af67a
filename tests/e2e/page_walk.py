"""Every page opened once in each language and judged there by all that hold of it.

Opening costs more than judging: the tests of test_every_page.py read what this wrote down.
"""

import re
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import cycle

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Error, Page
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

from omf.texts import Language
from services.supervisor.runfile import RunFile
from services.ui.auth.current_user import CHOICES
from services.ui.features import PAGES
from tests.e2e import page_judges
from tests.e2e.page_judges import Judge
from tests.e2e.whole import open_page
from tests.support.processes import wait_for
from tests.support.ui_pages import DRILL

SETTLED = """() => {
  const [arrival] = performance.getEntriesByType("navigation");
  return arrival.loadEventEnd > 0 && performance.now() - arrival.loadEventEnd > 900;
}"""
"""True once what a page draws after it was loaded has been drawn, too."""
LOOK_MS = 50
AHEAD = 2
"""Pages that load and settle in tabs beside the one that is judged."""
LED_MS = 5_000
PLAIN = ("login", "site")
"""Plain HTML; their words are read in their unit tests."""
WITH_TABLES = (
    "overview/modules",
    "alarms",
    "alarms/statistics",
    "alarms/rules",
    "workpieces",
    "orders",
    "commands",
    "changes",
    "sessions",
    "system",
    "system/buffers",
    "system/logs",
    "audit",
)
"""Not the list of messages: beside its filter it is scrolled for the columns of experts."""
TIME_FORMS = frozenset({"mock/audit", "mock/commands", "mock/history", "mock/changes"})
"""Their hints say how a time is written: they are held against a phone in every language."""
IN_ENGLISH = (
    "steering?kind=factory-reset",
    "alarms/history",
    "alarms/handover",
    "overview?at=20s",
)
"""The language in which pages are held against axe, the themes and a phone."""
IN_GERMAN = (
    *("vehicle/5iO4", "steering/modules", "steering/training"),
    *(f"alarms/{name}" for name in ("hidden", "history", "handover")),
    *("history?show=chart", "system/archive", "system/notifications", "orders/ended"),
    *(f"{name}?at=20s" for name in ("overview", "floor", "orders", "workpieces", "messages")),
)
"""Its words are the longest, and English ones would be seen; tabs and details cost time."""


def addresses(language: Language) -> list[str]:
    """What is opened in a language, beside the things there are."""
    pages = [one.example(serial=DRILL) for one in PAGES]
    more = {"en": IN_ENGLISH, "de": IN_GERMAN}.get(language, ())
    mock = dict.fromkeys((*pages, *WITH_TABLES, *more))
    plain = PLAIN if language == "en" else ()
    return [*(f"mock/{path}" for path in mock), "replay/sessions", *plain]


class PageWalk:
    """What each judge found on each page, by language."""

    def __init__(self, system: RunFile, chromium: Browser) -> None:
        """Nothing is opened yet."""
        self._system, self._chromium = system, chromium
        self._axe = Axe()
        self._found: dict[tuple[str, Language], list[str]] = defaultdict(list)
        self.opened: dict[tuple[str, Language], list[str]] = defaultdict(list)
        """Which pages each judge saw."""

    def go(self, language: Language) -> None:
        """Open every page in this language."""
        theme = CHOICES["theme"][0]
        page = open_page(
            self._chromium, self._system.ui, "/mock/overview", language=language, theme=theme
        )
        self._each(page, addresses(language), language)
        if language == "de":
            self._each(page, self._led_to(page), language)
        page.context.close()

    def _each(self, page: Page, paths: Iterable[str], language: Language) -> None:
        """Judge them in this order; the next ones are opened meanwhile."""
        others = [page.context.new_page() for _ in range(AHEAD)]
        opened: deque[tuple[Page, str]] = deque()
        for tab, path in zip(cycle([page, *others]), paths, strict=False):
            self._ask(tab, path)
            opened.append((tab, path))
            if len(opened) > AHEAD:
                self._twice(*opened.popleft(), language)
        for one in opened:
            self._twice(*one, language)
        for tab in others:
            tab.close()

    def _ask(self, tab: Page, path: str) -> None:
        try:
            tab.goto(f"{self._system.ui}/{path}", wait_until="commit")
        except Error:
            # Not the page before it is judged in its place; it is asked for once more then.
            tab.goto("about:blank")

    def _led_to(self, page: Page) -> list[str]:
        try:
            return list(self._things(page))
        except (Error, AssertionError) as error:
            self._found["page", "de"].append(f"details are not reached: {error}")
            return []

    def faults(self, judge: str, *languages: Language) -> list[str]:
        """What a judge found, each with its page; all that went wrong with a page itself."""
        return [
            one
            for language in languages
            for name in (judge, "page")
            for one in self._found[name, language]
        ]

    def _twice(self, page: Page, path: str, language: Language) -> None:
        """Once more where the page went away meanwhile: it loads anew when its server was late."""
        try:
            self._judge(page, path, language)
        except (Error, AssertionError):
            try:
                self._ask(page, path)
                self._judge(page, path, language)
            except (Error, AssertionError) as error:
                self._found["page", language].append(f"{language} {path}: not judged: {error}")

    def _judge(self, page: Page, path: str, language: Language) -> None:
        page.wait_for_selector(".shell, .login, .site")
        page_judges.wears(page, CHOICES["theme"][0])
        if path.removeprefix("mock/") in WITH_TABLES:
            page.locator(".ag-header-cell:visible").first.wait_for()
        page.wait_for_function(SETTLED, polling=LOOK_MS)
        said = {name: list(judge(page)) for name, judge in self._judges(path, language).items()}
        for name, found in said.items():
            self.opened[name, language].append(path)
            self._found[name, language] += [f"{language} {path}: {one}" for one in found]

    def _judges(self, path: str, language: Language) -> dict[str, Judge]:
        """Those that look at a page, in this order: the last ones change it."""
        reading: dict[str, Judge] = {
            "words": partial(page_judges.word_faults, language=language),
            "fields": page_judges.field_faults,
            "tables": page_judges.table_faults,
        }
        access: dict[str, Judge] = {
            "axe": lambda page: iter(page_judges.complaints(page, self._axe)),
            "colours": partial(page_judges.colour_faults, axe=self._axe),
            "build": page_judges.build_faults,
            "phone": page_judges.phone_faults,
        }
        if path == "login":
            return {name: access[name] for name in ("axe", "colours")}
        if path in PLAIN:
            return {name: access[name] for name in ("axe", "colours", "phone")}
        if "messages" in path:
            del reading["tables"]
        if path in TIME_FORMS:
            reading["hints"] = page_judges.hint_faults
        return reading | (access if language == "en" else {})

    def _things(self, page: Page) -> Iterator[str]:
        """Details of what there is: an alarm, a piece, an order."""
        for name, beginning in (("alarms", "?alarm="), ("workpieces", "workpiece/")):
            page.goto(f"{self._system.ui}/mock/{name}")
            page.locator(".ag-row").first.wait_for()
            wait_for(partial(_led, page, beginning), 60, lambda: page.url)
            yield f"mock/{page.url.partition('/mock/')[2]}"
        page.goto(f"{self._system.ui}/mock/overview")
        order = page.locator("a[href*='/order/']").first.get_attribute("href")
        assert order is not None
        yield f"mock/{order.partition('/mock/')[2]}"


def _led(page: Page, beginning: str) -> bool:
    """A row was pressed and led on; a press on a page that just loads anew is lost."""
    try:
        page.locator(".ag-row").first.click(timeout=LED_MS)
        page.wait_for_url(re.compile(re.escape(beginning)), timeout=LED_MS)
    except PlaywrightTimeoutError:
        return False
    return True
