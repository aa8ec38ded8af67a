"""What is wrong with the page that a browser shows, judge by judge; each names what it found."""

import re
from collections.abc import Callable, Iterator

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from omf.texts import LANGUAGES, Language
from omf.texts.catalogue import catalogue
from services.ui.auth.current_user import CHOICES
from tests.e2e.whole import SIZE
from tests.support.processes import wait_for

SERIOUS = {"serious", "critical"}
NARROW_MS = 300
"""Until a page has taken its narrow form."""
FITTED_LOOKS = 10
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
    first: (document.querySelector("a") || document.body).getAttribute("href"),
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
CUT_CHOICES = """(fields) => fields.filter(field => {
  const shown = [...field.querySelectorAll(".q-field__native > span, .q-field__native > input")]
    .filter(one => !one.classList.contains("q-select__focus-target"));
  return shown.some(one => one.offsetParent !== null && one.scrollWidth > one.clientWidth + 1);
}).map(field => field.innerText + " / " + (field.querySelector("input") || {}).value)"""
TOO_WIDE = """(headings) => headings.filter(one => one.scrollWidth > one.clientWidth)
  .map(one => `${one.scrollWidth} px in ${one.clientWidth}: ${one.innerText}`)"""
WORDS_OUTSIDE = """() => [...document.querySelectorAll("button, .act, .chip, .tab, .entry")]
  .filter(one => one.getClientRects().length && getComputedStyle(one).overflow === "visible"
    && one.scrollWidth > one.clientWidth + 1)
  .map(one => `${one.innerText} is wider than its button`)"""
CUT_HEADINGS = """(headings) => headings.filter(one => {
  const words = document.createRange();
  words.selectNodeContents(one);
  return words.getBoundingClientRect().width > one.getBoundingClientRect().width + 0.1;
}).map(one => one.innerText)"""
"""By fractions of a pixel: half a one too much, and three letters make room for the dots."""


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


def look(page: Page) -> set[str]:
    """The classes of the body that say theme and shade."""
    names: list[str] = page.evaluate("[...document.body.classList]")
    return {name for name in names if name.startswith(("theme-", "body--"))}


def wears(page: Page, theme: str) -> None:
    """Return once the page wears what its visitor chose."""
    wanted = {f"theme-{theme}"}
    if page.locator(".shell").count():  # the sign-in page is plain HTML
        wanted.add("body--light" if theme == "light" else "body--dark")
    wait_for(lambda: look(page) == wanted, say=lambda: f"{page.url}: {look(page)}")


def colour_faults(page: Page, axe: Axe) -> Iterator[str]:
    """What is too pale in the themes that the page does not wear: a theme is two classes of it."""
    for theme in CHOICES["theme"][1:]:
        page.evaluate(DRESS, theme)
        yield from complaints(page, axe, only="color-contrast")
        assert f"theme-{theme}" in look(page), "the page was not settled"


def build_faults(page: Page) -> Iterator[str]:
    """What is wrong with headings, landmarks, names of fields and sizes."""
    found = page.evaluate(LANDMARKS)
    if (len(found["headings"]), len(found["mains"])) != (1, 1):
        yield f"one heading and one main part: {found}"
    if not all(found["navs"]) or len(set(found["navs"])) != len(found["navs"]):
        yield f"navigations without a name of their own: {found['navs']}"
    if found["first"] != "#content":
        yield f"the first link is {found['first']}"
    yield from (f"too small: {one}" for one in page.evaluate(SMALL, MIN_TARGET))
    yield from (f"nameless: {one}" for one in page.evaluate(NAMELESS))


def phone_faults(page: Page) -> Iterator[str]:
    """What does not fit on a phone, or is too small for a thumb."""
    for phone in PHONES:
        page.set_viewport_size(phone)
        page.wait_for_timeout(NARROW_MS)
        if (width := page.evaluate(WIDTH)) > phone["width"]:
            yield f"scrolls sideways at {phone['width']}: {width}"
        yield from (f"too small for a thumb: {one}" for one in page.evaluate(SMALL, THUMB))
    page.set_viewport_size(SIZE)


def word_faults(page: Page, language: Language) -> Iterator[str]:
    """Codes instead of words, and texts of another language."""
    texts: list[str] = page.evaluate(TEXTS)
    for text in texts:
        for code in sorted(set(CODE.findall(text)) - NAMES):
            yield f"{code} in: {text[:100]}"
    yield from (f"{one} in another language" for one in sorted(foreign(texts, language)))


def foreign(texts: list[str], language: Language) -> set[str]:
    """Texts of another catalogue that are none of this one."""
    names = {catalogue(one).texts[f"language.{one}"] for one in LANGUAGES}
    own = {*catalogue(language).texts.values(), *names}
    others = {text for one in LANGUAGES for text in catalogue(one).texts.values()} - own
    return {text for text in texts if len(text) > 3} & others


def field_faults(page: Page) -> Iterator[str]:
    """What a field says of itself and does not show whole, and words that leave their button."""
    placeholders = page.locator("input[placeholder]").evaluate_all(CUT_PLACEHOLDERS)
    choices = page.locator(".q-select").evaluate_all(CUT_CHOICES)
    yield from (f"{one} is cut" for one in (*placeholders, *choices))
    yield from page.evaluate(WORDS_OUTSIDE)


def hint_faults(page: Page) -> Iterator[str]:
    """What a field that waits for a time says of how it is written, on a phone."""
    page.set_viewport_size(PHONES[0])
    page.wait_for_timeout(NARROW_MS)
    cut = page.locator("input[placeholder]").evaluate_all(CUT_PLACEHOLDERS)
    page.set_viewport_size(SIZE)
    yield from (f"{one} is cut on a phone" for one in cut)


def table_faults(page: Page) -> Iterator[str]:
    """Columns that lie outside of the page, and headings that are cut, and stay so.

    A table fits its columns a moment after something beside it has opened.
    """
    for _ in range(FITTED_LOOKS):
        found = page.locator(".ag-header-viewport").evaluate_all(TOO_WIDE)
        cut = page.locator(".ag-header-cell-text").evaluate_all(CUT_HEADINGS)
        if not (found or cut):
            return
        page.wait_for_timeout(NARROW_MS)
    yield from (*found, *(f"{one} is cut" for one in cut))


Judge = Callable[[Page], Iterator[str]]
