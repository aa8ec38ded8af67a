"""A part is painted first, and again only when it shows another thing."""

from services.ui.widgets.drawn_from import drawn_from


def test_what_is_shown_already_is_not_painted_again() -> None:
    shown, painted = [("ready", 3)], list[tuple[str, int]]()
    draw = drawn_from(lambda: shown[-1], painted.append)
    draw()
    shown.append(("ready", 3))
    draw()
    assert painted == [("ready", 3)]
    shown.append(("busy", 3))
    draw()
    assert painted == [("ready", 3), ("busy", 3)]


def test_nothing_is_a_thing_to_show() -> None:
    painted: list[None] = []
    draw = drawn_from(lambda: None, painted.append)
    draw()
    draw()
    assert painted == [None]
