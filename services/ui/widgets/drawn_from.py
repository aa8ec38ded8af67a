"""A part of a page that is drawn from what it shows, and only when that is another thing."""

from collections.abc import Callable
from typing import TypeVar

from services.ui.widgets.keyed_list import Draw

T = TypeVar("T")


def drawn_from(shows: Callable[[], T], paint: Callable[[T], None]) -> Draw:
    """`paint` what `shows()` says, unless that was painted last.

    With hundreds of pages open `shows` is best asked of `Screen.shared`: then what all of them
    show is worked out once, and each page but compares.
    """
    painted: list[T] = []

    def draw() -> None:
        found = shows()
        if painted != [found]:
            painted[:] = [found]
            paint(found)

    return draw
