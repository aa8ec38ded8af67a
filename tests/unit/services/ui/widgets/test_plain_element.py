"""A plain element is to NiceGUI what its own elements are, and holds a fraction of their memory.

The first tests compare both kinds: they fail where a new NiceGUI asks an element for something that
ours do not have.
"""

import tracemalloc
from collections.abc import Callable

import pytest
from nicegui import Client, json, ui
from nicegui.element import Element
from nicegui.slot import Slot

from services.ui.widgets.elements import Label, attribute, div, set_classes, set_style, text
from services.ui.widgets.plain_element import PlainElement, hold_unwatched
from services.ui.widgets.svg import shape
from tests.support.ui_pages import Pages, classed

PART = 4
"""Of what NiceGUI's own elements hold; 8 to 15 in fact."""
MANY = 300


@pytest.fixture
async def page(pages: Pages) -> Client:
    """An open page to put elements into."""
    await pages.user.open("/mock/help")
    assert pages.user.client is not None
    return pages.user.client


def _told(element: ui.element) -> object:
    return json.loads(json.dumps(element._to_dict()))


def _dressed(element: ui.element) -> ui.element:
    element.classes("a b").classes(add="c", remove="a").classes(toggle="b").mark("m1 m2")
    element.props('data-x="1 2" hidden tabindex=-1').props(remove="hidden")
    return element.style("color: red; --x: 1px")


async def test_the_browser_is_told_the_same(page: Client) -> None:
    with page:
        ours, theirs = _dressed(PlainElement("section")), _dressed(ui.element("section"))
        assert _told(ours) == _told(theirs)
        word, label = Label("div", "word", "hint"), ui.label("word").classes("hint")
        assert _told(word) == _told(label)
        with ours:
            text("inside")
        with theirs:
            ui.label("inside")
        assert [len(list(one)) for one in (ours, theirs)] == [1, 1]
        line = shape("line", "road", x1=1, y1=2)
        assert _told(line) == {
            "tag": "line",
            "class": ["road"],
            "props": {"x1": "1.0", "y1": "2.0"},
        }


async def test_it_has_all_that_nicegui_keeps_of_an_element(page: Client) -> None:
    """What `Element` and `Slot` set as they are made is what NiceGUI may ask for later."""
    with page:
        ours, theirs = PlainElement(), ui.element()
    place = Slot(theirs, "default")
    wanted = {name for one in (theirs, place) for name in vars(one)} - {"_parent"}
    hidden = {"___visible", "ignores_events_when_hidden"}
    assert not {name for name in wanted - hidden - {"_update_method"} if not hasattr(ours, name)}
    assert ours.visible
    assert not ours.is_ignoring_events


async def test_it_is_found_pressed_moved_and_removed(pages: Pages, page: Client) -> None:
    pressed: list[str] = []
    with page, div("box") as box:
        first, second = text("one", "item"), text("two", "item")
        other = div("other").mark("other-place")
    first.on("click", lambda: pressed.append("one")).mark("first-item")
    pages.user.find(marker="first-item").click()
    assert pressed == ["one"]
    page.handle_event({"id": first.id, "listener_id": next(iter(first._event_listeners))})
    assert pressed == ["one", "one"]
    await pages.user.should_see("two", retries=1)
    second.move(other)
    assert list(other) == [second]
    assert [one.id for one in second.ancestors()][:2] == [other.id, box.id]
    second.delete()
    assert second.is_deleted
    assert second.id not in page.elements
    box.clear()
    assert not list(box)
    assert first.is_deleted
    assert not classed(pages, "item")


async def test_what_it_cannot_do_is_refused(page: Client) -> None:
    with page:
        made = div()
    with pytest.raises(TypeError, match="no place 'header'"):
        made.add_slot("header")
    with pytest.raises(AttributeError):
        made.set_visibility(False)


async def test_one_that_fails_as_it_is_made_leaves_nothing(page: Client) -> None:
    class Broken(PlainElement):
        def __init__(self) -> None:
            super().__init__("p")
            raise ValueError("not today")

    with page, div() as box:
        before = set(page.elements)
        with pytest.raises(ValueError, match="not today"):
            Broken()
    assert set(page.elements) == before
    assert not list(box)


async def test_pages_hold_what_is_the_same_together(page: Client) -> None:
    with page:
        one, two = shape("rect", "bay empty", x=10, y=20), shape("rect", "bay empty", x=10, y=20)
        words = [text(f"number {number}") for number in (5, 5)]
    for name in ("_attributes", "_names"):
        assert getattr(one, name) is getattr(two, name)
    assert words[0].text is words[1].text
    set_classes(one, full=True)
    attribute(one, "x", "30.0")
    set_style(one, "color: red")
    assert list(one.classes) == ["bay", "empty", "full"]
    assert list(two.classes) == ["bay", "empty"]
    assert (one.props["x"], two.props["x"]) == ("30.0", "10.0")
    assert (dict(one.style), dict(two.style)) == ({"color": "red"}, {})
    one.style("top: 1px")
    set_style(two, "color: red")
    assert dict(two.style) == {"color": "red"}


async def test_values_that_equal_and_are_not_the_same_stay_apart(page: Client) -> None:
    with page:
        for value in (1, True, 0, False):
            one = div()
            attribute(one, "data-value", value)
            assert one.props["data-value"] is value


async def test_rows_of_a_table_are_no_observers(page: Client) -> None:
    with page:
        grid = ui.aggrid({})
    hold_unwatched(grid, "options", {"rowData": [{"id": "1"}]})
    assert type(grid.options["rowData"][0]) is dict
    assert _told(grid)["props"]["options"] == {"rowData": [{"id": "1"}]}  # type: ignore[index]


def _held(page: Client, make: Callable[[], Element]) -> int:
    """Bytes that stay after `MANY` were made."""
    with page, make():
        make()  # what is made once
        tracemalloc.start(1)
        for _ in range(MANY):
            make()
        page.outbox.updates.clear()
        held, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    return held


async def test_it_holds_a_fraction(page: Client) -> None:
    ours = _held(page, lambda: div("tile wide"))
    theirs = _held(page, lambda: ui.element("div").classes("tile wide"))
    assert ours * PART < theirs
