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
    painted: T | None = None
    begun = False

    def draw() -> None:
        nonlocal painted, begun
        found = shows()
        if not begun or (found is not painted and found != painted):
            begun, painted = True, found
            paint(found)

    return draw
