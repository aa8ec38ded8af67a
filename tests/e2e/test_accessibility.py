"""Every page in every theme before axe-core, the usual judge: nothing serious, nothing critical."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from services.supervisor.runfile import RunFile
from services.ui.auth.current_user import CHOICES
from services.ui.features import PAGES
from tests.e2e.whole import SIZE, open_page, press
from tests.support.processes import wait_for
from tests.support.ui_pages import DRILL

ENVIRONMENTS = "mock,replay"

pytestmark = [
    pytest.mark.browser,
    # Fifty looks of axe and as many at phones take minutes on a machine that does something else.
    pytest.mark.timeout(700),
]

PLAIN = ("/login", "/site")
SERIOUS = {"serious", "critical"}
SETTLE_MS = 700
NARROW_MS = 300
"""Until a page has taken its narrow form."""
TABLET = {"width": 1024, "height": 768}
PHONES = ({"width": 390, "height": 844}, {"width": 320, "height": 640})
"""The narrower is what a window of 1280 pixels is at an enlargement of 400 % (WCAG 1.4.10) too."""
THUMB = 44
"""Pixels each way of what can be pressed on a phone (WCAG 2.5.5)."""
MIN_TARGET = 24
"""Pixels of what can be pressed, each way (WCAG 2.5.8)."""
LANDMARKS = """() => {
  const seen = e => e.getClientRects().length > 0;
  const role = e => e.getAttribute("role") || e.tagName.toLowerCase();
  const named = e => e.getAttribute("aria-label") || "";
  return {
    headings: [...document.querySelectorAll("h1")].filter(seen).map(e => e.textContent),
    mains: [...document.querySelectorAll("main, [role=main]")].map(role).filter(r => r === "main"),
    navs: [...document.querySelectorAll("nav, [role=navigation]")].map(named),
    first: document.querySelector("a").getAttribute("href"),
  };
}"""
SMALL = """least => [...document.querySelectorAll("a[href], button, summary, [role=tab]")]
  // A mark stands at its moment, however near the next one is; the bar's two steps reach each.
  // A link in a sentence of a guide is as high as its line, as WCAG 2.5.8 allows.
  .filter(e => !e.matches(".skip-link, .mono, .past-mark, .ag-root-wrapper *, svg *"))
  .filter(e => !e.matches(".guide-text a"))
  .map(e => [e, e.getBoundingClientRect()])
  .filter(([e, r]) => r.width > 0 && e.checkVisibility() && (r.width < least || r.height < least))
  .map(([e, r]) => `${e.tagName}.${e.className} ${e.textContent} ${r.width}x${r.height}`)"""
NAMELESS = """() => [...document.querySelectorAll("input, select, textarea")].filter(field => {
  if (field.offsetParent === null || field.closest("[aria-hidden=true]")) return false;
  const named = field.getAttribute("aria-label") || field.getAttribute("aria-labelledby");
  return !(named || (field.labels && [...field.labels].some(one => one.innerText.trim())));
}).map(field => field.outerHTML.slice(0, 200))"""
WIDTH = "() => document.scrollingElement.scrollWidth"
DRESS = """theme => {
  const worn = document.body.classList;
  for (const name of [...worn]) if (name.startsWith("theme-")) worn.remove(name);
  worn.add(`theme-${theme}`);
  if (!window.Quasar) return worn.toggle("body--dark", theme !== "light");
  // NiceGUI sets the shade of the theme again when it draws anew; from now on only this test may.
  window.shade ??= Quasar.Dark.set.bind(Quasar.Dark);
  Quasar.Dark.set = () => {};
  window.shade(theme !== "light");
}"""


def _addresses() -> list[str]:
    """Every address of every page, the tabs that are pages of their own, and the past."""
    plain = [page.example(serial=DRILL) for page in PAGES]
    tabs = ["overview/modules", "system/buffers", "system/logs", "steering?kind=factory-reset"]
    return [
        *plain,
        *tabs,
        "alarms/history",
        "alarms/statistics",
        "alarms/handover",
        "overview?at=20s",
    ]


def complaints(page: Page, axe: Axe, only: str = "") -> list[str]:
    """What axe finds on the page that keeps somebody out."""
    # Of what passed only one node is told: of a full page that is most of the work.
    options = {"resultTypes": ["violations"]} | ({"runOnly": [only]} if only else {})
    found = axe.run(page, options=options).response["violations"]
    return [
        f"{page.url}: {one['id']}: {node['html'][:160]} {node.get('failureSummary', '')[:200]}"
        for one in found
        if one["impact"] in SERIOUS
        for node in one["nodes"][:3]
    ]


def _look(page: Page) -> set[str]:
    names: list[str] = page.evaluate("[...document.body.classList]")
    return {name for name in names if name.startswith(("theme-", "body--"))}


def _settle(page: Page, theme: str) -> None:
    """Return once the page wears what its visitor chose and has been painted."""
    wanted = {f"theme-{theme}"}
    if page.locator(".shell").count():  # the sign-in page is plain HTML
        wanted.add("body--light" if theme == "light" else "body--dark")
    wait_for(lambda: _look(page) == wanted, say=lambda: f"{page.url}: {_look(page)}")
    page.wait_for_timeout(SETTLE_MS)


def _build_faults(page: Page) -> Iterator[str]:
    """What is wrong with headings, landmarks, names of fields and sizes, and with enlargement."""
    found = page.evaluate(LANDMARKS)
    if (len(found["headings"]), len(found["mains"])) != (1, 1):
        yield f"one heading and one main part: {found}"
    if not all(found["navs"]) or len(set(found["navs"])) != len(found["navs"]):
        yield f"navigations without a name of their own: {found['navs']}"
    if found["first"] != "#content":
        yield f"the first link is {found['first']}"
    yield from (f"too small: {one}" for one in page.evaluate(SMALL, MIN_TARGET))
    yield from (f"nameless: {one}" for one in page.evaluate(NAMELESS))
    yield from _narrow_faults(page)


def _narrow_faults(page: Page) -> Iterator[str]:
    """What does not fit on a phone."""
    for phone in PHONES:
        page.set_viewport_size(phone)
        page.wait_for_timeout(NARROW_MS)
        if (width := page.evaluate(WIDTH)) > phone["width"]:
            yield f"scrolls sideways at {phone['width']}: {width}"
        yield from (f"too small for a thumb: {one}" for one in page.evaluate(SMALL, THUMB))
    page.set_viewport_size(SIZE)


def test_no_page_keeps_anybody_out(system: RunFile, chromium: Browser) -> None:
    """All rules once, and that of colours in each theme: a theme is two classes of the body."""
    first, *others = CHOICES["theme"]
    page = open_page(chromium, system.ui, "/mock/overview", theme=first)
    axe, found = Axe(), []
    for address in [*(f"/mock/{path}" for path in _addresses()), "/replay/sessions", *PLAIN]:
        page.goto(f"{system.ui}{address}")
        page.wait_for_selector(".shell, .login, .site")
        _settle(page, first)
        found += complaints(page, axe)
        for theme in others:
            page.evaluate(DRESS, theme)
            found += complaints(page, axe, only="color-contrast")
            assert f"theme-{theme}" in _look(page), "the page was not settled"
        if address != "/login":
            faults = _narrow_faults(page) if address in PLAIN else _build_faults(page)
            found += [f"{address}: {one}" for one in faults]
    page.context.close()
    assert not found, "\n".join(sorted(set(found)))


def test_a_theme_is_what_the_test_above_takes_it_for(system: RunFile, chromium: Browser) -> None:
    first, *others = CHOICES["theme"]
    page = open_page(chromium, system.ui, "/mock/overview", theme=first)
    _settle(page, first)
    for theme in others:
        chosen = open_page(chromium, system.ui, "/mock/overview", theme=theme)
        _settle(chosen, theme)
        page.evaluate(DRESS, theme)
        assert _look(page) == _look(chosen)
        chosen.context.close()
    page.context.close()


def test_nor_does_a_tablet(system: RunFile, chromium: Browser) -> None:
    page = open_page(chromium, system.ui, "/mock/overview")
    page.set_viewport_size(TABLET)
    axe, found = Axe(), []
    for path in ("overview", "floor", "steering?kind=factory-reset", "messages"):
        page.goto(f"{system.ui}/mock/{path}")
        page.wait_for_selector(".shell")
        page.wait_for_timeout(SETTLE_MS)
        found += complaints(page, axe)
    page.context.close()
    assert not found, "\n".join(found)


def test_the_first_tab_leads_over_the_menu_into_the_page(
    system: RunFile, chromium: Browser
) -> None:
    page = open_page(chromium, system.ui, "/mock/orders")
    page.wait_for_timeout(SETTLE_MS)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip-link"
    press(page.locator(".skip-link"), "Enter")
    wait_for(lambda: bool(page.evaluate("document.activeElement.id === 'content'")))
    page.context.close()
