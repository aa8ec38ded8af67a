"""A part of a page that is only looked at: one element, its inside put together from facts.

Such a part is the same on every page in the same words, so its text is made once for all of them
and each holds one element instead of dozens. What is pressed, found or filled in is no such part.
"""

from collections.abc import Callable
from functools import partial
from html import escape
from typing import NewType

from omf.messages.printable import escaped_lines
from services.ui.live.screen import Screen
from services.ui.widgets.drawn_from import drawn_from
from services.ui.widgets.element_changes import INSIDE_PART
from services.ui.widgets.elements import attribute, div

Html = NewType("Html", str)
"""Markup of ours in which every text of others is escaped."""


def shown(screen: Screen, name: str, build: Callable[[], Html]) -> None:
    """Show what `build()` makes, which is asked once for all pages in the same words.

    To its surroundings the place of it is not there, only what is inside.
    """
    place = div("as-inside")
    paint = partial(attribute, place, INSIDE_PART)
    screen.live(drawn_from(lambda: screen.shared(("markup", name), build), paint))


def words(content: str, classes: str = "") -> Html:
    """A piece of text; what cannot be seen in it is shown as an escape."""
    return Html(f'<span class="{escape(classes)}">{escape(escaped_lines(content))}</span>')


def box(classes: str, *inside: Html, title: str = "") -> Html:
    """An element around others."""
    told = f' title="{escape(escaped_lines(title))}"' if title else ""
    return Html(f'<div class="{escape(classes)}"{told}>{"".join(inside)}</div>')


def hidden(classes: str, *, hide: bool) -> str:
    """These classes, and the one that hides an element."""
    return f"{classes} hidden" if hide else classes
