"""A part that is only looked at holds no markup of others, and is made once for all pages."""

from services.ui.widgets.markup import box, words
from tests.support.ui_pages import Pages, classed, stock, working_factory

HOSTILE = '<b onclick="x">\'&\u202e'
SEEN = "&lt;b onclick=&quot;x&quot;&gt;&#x27;&amp;\\u202e"


def test_texts_and_titles_are_escaped() -> None:
    assert words(HOSTILE, "name") == f'<span class="name">{SEEN}</span>'
    made = box("bay", words("A1"), title=HOSTILE)
    assert made == f'<div class="bay" title="{SEEN}"><span class="">A1</span></div>'


async def test_all_pages_show_the_same_text_until_it_is_another(pages: Pages) -> None:
    working_factory(pages.factory)
    await pages.user.open("/mock/overview")
    calm, beside = classed(pages, "as-inside")
    first = calm.props["innerHTML"]
    assert '<span class="bay-name">A1</span><span class="disc disc-W">W</span>' in first
    assert first is beside.props["innerHTML"]
    pages.tick(1)
    assert calm.props["innerHTML"] is first
    pages.factory.say("ccu_state_stock", stock("RED"))
    pages.tick(1)
    assert "disc disc-R" in calm.props["innerHTML"]
    assert calm.props["innerHTML"] is beside.props["innerHTML"]
