"""A list of like things that are made, kept and removed by their key, never rebuilt."""

from collections.abc import Callable, Sequence

from nicegui import ui

from services.ui.widgets.elements import Label, set_classes
from services.ui.widgets.plain_element import PlainElement

Draw = Callable[[], None]


class KeyedList:
    """One element per key inside `holder`; `make(key)` builds it and returns how to redraw."""

    def __init__(
        self, holder: ui.element, make: Callable[[str], Draw], empty: Label | None = None
    ) -> None:
        """`empty` is shown instead while there are no keys."""
        self._holder = holder
        self._make = make
        self._empty = empty
        self._shown: dict[str, tuple[ui.element, Draw]] = {}
        self._order: list[str] = []

    def show(self, keys: Sequence[str]) -> None:
        """Show these, in this order."""
        if self._order != list(keys):
            self._arrange(keys)
        for key in keys:
            self._shown[key][1]()
        if self._empty is not None:
            set_classes(self._empty, hidden=bool(keys))

    def _arrange(self, keys: Sequence[str]) -> None:
        for gone in [key for key in self._shown if key not in keys]:
            self._shown.pop(gone)[0].delete()
        for place, key in enumerate(keys):
            if key not in self._shown:
                self._shown[key] = self._build(key)
            self._keep_place(self._shown[key][0], place)
        self._order = list(keys)

    def _build(self, key: str) -> tuple[ui.element, Draw]:
        with self._holder, PlainElement("div", "listed") as element:
            draw = self._make(key)
        return element, draw

    def _keep_place(self, element: ui.element, place: int) -> None:
        children = self._holder.default_slot.children
        if place < len(children) and children[place] is not element:
            element.move(target_index=place)
