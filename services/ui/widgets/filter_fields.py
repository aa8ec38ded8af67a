"""The fields that narrow a list: what is typed, what is chosen, and one link that clears them."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from nicegui import ui

from services.ui.live.screen import Screen
from services.ui.widgets.elements import link, set_classes

FieldT = TypeVar("FieldT", bound=ui.element)
DEBOUNCE_MS = 400
"""So long nothing is typed before it is asked."""


class FilterFields:
    """The fields of one list, each built where it shall stand."""

    def __init__(
        self,
        screen: Screen,
        label: Callable[[str], str],
        given: Mapping[str, str],
        on_change: Callable[[str, str], None],
    ) -> None:
        """`label` says what a field of that name is; `given` is what each asks now.

        `on_change` gets the name of a field and what it asks from now on.
        """
        self._screen, self._label, self._given, self._on_change = screen, label, given, on_change

    def entry(self, name: str) -> ui.input:
        """A field to type in."""
        label = self._label(name)
        field = ui.input(placeholder=label, value=self._given[name]).classes("field")
        field.props(f'dense outlined square debounce={DEBOUNCE_MS} title="{label}"')
        field.on_value_change(lambda event: self._on_change(name, (event.value or "").strip()))
        return self._named(field, name)

    def search(self, name: str) -> ui.input:
        """The field to type in that the key `/` leads to."""
        return self.entry(name).props("data-search")

    def choice(self, name: str, known: Mapping[str, str]) -> ui.select:
        """A field to choose in, of values and their words; what an address asks is among them."""
        chosen = self._given[name]
        options = {"": self._label(name), **({chosen: chosen} if chosen else {}), **known}
        field = ui.select(options, value=chosen, with_input=True).classes("field")
        field.props("dense outlined square")
        field.on_value_change(lambda event: self._on_change(name, event.value or ""))
        return self._named(field, name)

    def clearing(self, address: str) -> Callable[[bool], None]:
        """A link to the whole list; call what is returned with whether anything is asked."""
        made = link(self._screen.say("messages.clear"), address, "act small").mark("clear-filters")

        def show(narrowed: bool) -> None:  # noqa: FBT001 - the one thing it is told
            set_classes(made, hidden=not narrowed)

        show(any(self._given.values()))
        return show

    def _named(self, field: FieldT, name: str) -> FieldT:
        return field.props(f'aria-label="{self._label(name)}"').mark(f"filter-{name}")
