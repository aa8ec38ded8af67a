"""A row of tabs of which one is chosen; reached with the keyboard as with the pointer."""

from collections.abc import Callable, Mapping

from services.ui.widgets.elements import Label, attribute, div, set_classes, text


class Tabs:
    """Draws the row; `choose` marks a tab and tells whoever shows its content."""

    def __init__(
        self, names: Mapping[str, str], chosen: str, on_choice: Callable[[str], None]
    ) -> None:
        """`names` holds what is written on each tab, in their order."""
        self.chosen = chosen
        self._on_choice = on_choice
        self._entries: dict[str, Label] = {}
        with div("tabs").props("role=tablist"):
            for name, words in names.items():
                entry = text(words, "tab").props("role=tab tabindex=0")
                attribute(entry, "data-tab", name)
                entry.on("click", lambda name=name: self.choose(name))
                entry.on("keydown.enter", lambda name=name: self.choose(name))
                self._entries[name] = entry
        self._mark()

    def choose(self, name: str) -> None:
        """Turn to this tab."""
        self.chosen = name
        self._mark()
        self._on_choice(name)

    def rename(self, name: str, words: str) -> None:
        """Write something else on a tab."""
        self._entries[name].say(words)

    def show(self, name: str, *, visible: bool) -> None:
        """Offer a tab, or leave it out."""
        set_classes(self._entries[name], hidden=not visible)

    def _mark(self) -> None:
        for name, entry in self._entries.items():
            set_classes(entry, current=name == self.chosen)
            attribute(entry, "aria-selected", str(name == self.chosen).lower())
