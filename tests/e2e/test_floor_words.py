"""What a small box of the map says stays inside of it, in every language; no system is needed."""

from html import escape

import pytest
from playwright.sync_api import Browser

from services.ui.app import STATIC
from services.ui.translator import LANGUAGES, Translator
from services.ui.views.floor_plan import SMALL
from services.ui.widgets.floor_map.modules import SMALL_CHARS, SMALL_STATE_PX, STATE_EDGE
from services.ui.widgets.svg import text_width

pytestmark = [pytest.mark.browser]

ROOM = SMALL.box[0] - 2 * STATE_EDGE
KEYS = ("cut", "no_bridge", "down", "silent", "signed_off", "up")
WIDTHS = "() => [...document.querySelectorAll('text')].map(one => one.getBBox().width)"


def drawn(word: str) -> str:
    """As `fit` draws it."""
    wide = text_width(word, SMALL_STATE_PX) > ROOM
    closer = f'textLength="{ROOM:.0f}" lengthAdjust="spacingAndGlyphs"' if wide else ""
    return f'<text class="module-state comm" {closer}>{escape(word)}</text>'


def test_no_word_is_wider_than_its_box(chromium: Browser) -> None:
    known = {Translator(one).known("connection", key) for one in LANGUAGES for key in KEYS}
    words = sorted({word[:SMALL_CHARS] for word in known} | {"M" * SMALL_CHARS})
    assert "Node-RED away" in words
    css = "".join((STATIC / f"{one}.css").read_text("utf-8") for one in ("base", "floor", "system"))
    page = chromium.new_page()
    page.set_content(
        f"<style>{css}</style><svg class='map small'>{''.join(map(drawn, words))}</svg>"
    )
    widths = dict(zip(words, page.evaluate(WIDTHS), strict=True))
    page.close()
    assert {word: width for word, width in widths.items() if width > ROOM + 1} == {}


MARK = "--x: 40px; --y: 20px; --still-x: 30px; --still-y: 20px"
DRAWN = "() => { const { transform, transitionDuration } = getComputedStyle("
DRAWN += "document.querySelector('.vehicle-mark')); return [transform, transitionDuration]; }"


def test_who_wants_no_motion_sees_a_vehicle_stand_half_way(chromium: Browser) -> None:
    css = (STATIC / "floor.css").read_text("utf-8")
    found = {}
    for wish in ("no-preference", "reduce"):
        page = chromium.new_page(reduced_motion=wish)
        mark = f"<g class='vehicle-mark' style='{MARK}'></g>"
        page.set_content(f"<style>{css}</style><svg>{mark}</svg>")
        found[wish] = page.evaluate(DRAWN)
        page.close()
    assert found == {
        "no-preference": ["matrix(1, 0, 0, 1, 40, 20)", "1s"],
        "reduce": ["matrix(1, 0, 0, 1, 30, 20)", "0s"],
    }
