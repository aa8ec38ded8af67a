"""How far a search has come, in words, and the buttons below its list: load older, stop, go on."""

from collections.abc import Callable
from typing import Any

from services.ui import formats
from services.ui.features.messages.message_search import Search
from services.ui.live.screen import Screen
from services.ui.widgets.elements import div, set_classes, text

EMPTY = {
    "done": "empty.filter",
    "stopped": "empty.stopped",
    "running": "empty.searching",
    "away": "empty.away",
}


class SearchStatus:
    """Draws the row below the list; `draw` keeps it true."""

    def __init__(
        self, screen: Screen, on_more: Callable[[], Any], on_turn: Callable[[], None]
    ) -> None:
        """`on_more` runs at a press on *Load older*, `on_turn` at one on *Stop* or *Search on*."""
        self._screen = screen
        self._away = ""
        self._wrong = text("", "hint wrong hidden").props("role=alert").mark("feed-wrong")
        with div("row older"):
            self._more = text("", "act small", "button").on("click", on_more)
            self._more.mark("older").props("data-older")
            self._halt = text("", "act small hidden", "button").on("click", on_turn)
            self._halt.mark("halt").props("data-halt")
            self._end = text("", "hint hidden").mark("search-end")

    @property
    def gone(self) -> bool:
        """True once the page is closed."""
        return self._wrong.is_deleted

    def complain(self, words: str) -> None:
        """Say what went wrong until something goes well; nothing if it is empty."""
        if not self.gone:
            self._wrong.say(words)
            set_classes(self._wrong, hidden=not words)

    def away(self, *, gone: bool) -> None:
        """Say that the store is away, or take it back; other complaints stay."""
        if gone:
            self._away = self._unreadable()
            self.complain(self._away)
        elif self._away and self._wrong.text == self._away:
            self.complain("")

    def draw(self, search: Search, *, more: bool, loading: bool, listed: int) -> None:
        """`more`: older ones can be listed; `loading`: they are being read."""
        say, stage = self._screen.say, search.stage
        self._more.say(say("messages.loading" if loading else "messages.older"))
        set_classes(self._more, hidden=not (more or loading), off=loading)
        self._halt.say(say("messages.go_on" if stage == "stopped" else "messages.stop"))
        set_classes(self._halt, hidden=stage not in {"running", "stopped"})
        over = stage == "done" and not more and not loading and listed > 0
        # In the past only the messages shortly before the moment are at hand.
        end = "messages.end" if self._screen.past is None else "past.older"
        self._end.say(say(end) if over else "")
        set_classes(self._end, hidden=not over)

    def _unreadable(self) -> str:
        store = self._screen.model.store
        error = store.detail or self._screen.say("unknown")
        return self._screen.say("empty.buffer_unreadable", error=error)

    def progress(self, search: Search) -> str:
        """How far back the search has come, and what it found."""
        say, stage = self._screen.say, search.stage
        found = formats.number(search.found, say.language)
        if search.back_to is None:
            return say(f"messages.search.{stage}", found=found)
        told = say("messages.searched", at=self._screen.when(search.back_to), found=found)
        return told if stage == "done" else f"{told} · {say(f'messages.stage.{stage}')}"

    def why_empty(self, search: Search) -> str:
        """What to say in place of rows: never that nothing is there while it was not looked for."""
        say, stage = self._screen.say, search.stage
        if self._screen.model.store.readable is False:
            return self._unreadable()
        if search.back_to is None:
            kept = say("empty.buffer", filter=", ".join(search.selection.filters[:2]))
            return kept if stage in {"done", "away"} else say("messages.search.running")
        key = "past.none_matches" if self._screen.past is not None else EMPTY[stage]
        return say(key, at=self._screen.when(search.back_to))
