"""The form of a question to the archive: range, topic, what is looked for; and the files of it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, cast

from nicegui import ui

from services.history.export import FORMATS
from services.ui.live.message_filter import MATCHES, Match
from services.ui.live.screen import Screen
from services.ui.views import history_query
from services.ui.views.history_query import HistoryQuestion
from services.ui.widgets.elements import Label, attribute, div, fold, link, set_classes, text
from services.ui.widgets.presets import Presets

RANGES = ("1h", "24h", "7d", "30d", "365d")
"""To press instead of typing; an empty beginning is all there is."""
PRESET_KIND = "history"


class QuestionForm:
    """Draws it; `on_ask` gets the question when it is asked, never while it is typed."""

    def __init__(
        self,
        screen: Screen,
        asked: HistoryQuestion,
        settle: Callable[[str], str],
        on_ask: Callable[[HistoryQuestion], Any],
    ) -> None:
        """`settle` makes of a time as typed what it means to everybody."""
        self._screen, self.asked = screen, asked
        self._settle, self._on_ask = settle, on_ask
        say = screen.say
        self._entries: dict[str, ui.input] = {}
        self._build_form(asked)
        with div("row tools"):
            with div("row ranges").props(f'role=group aria-label="{say("history.ranges")}"'):
                for one in RANGES:
                    button = text(say(f"history.range.{one}"), "act small", "button")
                    button.on("click", lambda one=one: self.take_range(one, ""))
            self._files = self._file_links()
            if screen.bus is not None:
                with fold(say("history.presets"), "question-presets"):
                    Presets(screen, screen.bus, PRESET_KIND, self._parts, self._take, shared=True)
        self._wrong = text("", "hint wrong hidden").props("role=alert").mark("history-wrong")

    def _build_form(self, asked: HistoryQuestion) -> None:
        say = self._screen.say
        with div("history-form").mark("history-form"):
            self._entry("since", asked.since)
            self._entry("until", asked.until)
            self._entry("topic", asked.topic)
            with div("row search"):
                self._entry("text", asked.text).props("data-search")
                options: dict[str, str] = {one: say(f"match.{one}") for one in MATCHES}
                self._match = ui.select(options, value=asked.match).classes("field choice-match")
                self._match.props(f'dense outlined square aria-label="{say("messages.match")}"')
            ask = text(say("history.ask"), "act main-act", "button").mark("ask")
            ask.on("click", self.ask)

    def _entry(self, name: str, value: str) -> ui.input:
        label = self._screen.say(f"history.{name}")
        field = ui.input(placeholder=label, value=value).classes("field")
        field.props(f'dense outlined square aria-label="{label}" title="{label}"')
        field.mark(f"history-{name}").on("keydown.enter", self.ask)
        self._entries[name] = field
        return field

    def _file_links(self) -> dict[str, Label]:
        say = self._screen.say
        found: dict[str, Label] = {}
        for one in FORMATS:
            found[one] = link(say(f"history.file.{one}"), "", "act small")
            attribute(found[one], "title", say(f"history.file.{one}.title"))
            attribute(found[one], "download", value=True)
        return found

    def _typed(self) -> HistoryQuestion:
        value = {name: (field.value or "").strip() for name, field in self._entries.items()}
        return replace(
            self.asked,
            since=self._settle(value["since"]),
            until=self._settle(value["until"]),
            topic=value["topic"],
            text=value["text"],
            match=cast("Match", self._match.value or MATCHES[0]),
        )

    def ask(self) -> None:
        """What is typed is asked now."""
        self.asked = replace(self._typed(), message="")
        self._on_ask(self.asked)

    def take_range(self, since: str, until: str) -> None:
        """Ask the same of another range."""
        for name, value in (("since", since), ("until", until)):
            self._entries[name].set_value(value)
        self.ask()

    def _parts(self) -> dict[str, str]:
        return history_query.parts(replace(self._typed(), message=""))

    def _take(self, parts: Mapping[str, Any]) -> None:
        self.asked = history_query.read({name: str(value) for name, value in parts.items()})
        told = {"since", "until", "topic", "text"}
        for name in told:
            self._entries[name].set_value(getattr(self.asked, name))
        self._match.set_value(self.asked.match)
        self._on_ask(self.asked)

    def lead_to_files(self, asked: HistoryQuestion) -> None:
        """The files are those of the question that was asked."""
        query = history_query.query(replace(asked, show="messages", fields=(), message=""))
        joined = f"{query}&" if query else "?"
        for name, entry in self._files.items():
            attribute(entry, "href", self._screen.path(f"history.file{joined}format={name}"))

    def complain(self, words: str) -> None:
        """Say what is wrong with the question; nothing if it is empty."""
        self._wrong.say(words)
        set_classes(self._wrong, hidden=not words)
