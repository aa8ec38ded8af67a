"""The bar of the message centre: every filter of a look, checked as it is entered."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC
from functools import partial
from typing import Any, cast

from nicegui import ui
from nicegui.events import GenericEventArguments

from omf.messages.printable import escaped
from omf.state.device_names import device_name
from omf.topics.catalogue import CLASSES, EVERYTHING
from omf.topics.filters import TopicError
from services.common.process import time_parsing
from services.ui import formats
from services.ui.live.message_filter import (
    ASPECTS,
    CATEGORIES,
    MATCHES,
    WAYS,
    Match,
    MessageFilter,
    SearchError,
    Way,
)
from services.ui.live.screen import Screen
from services.ui.views.device_status import modules
from services.ui.widgets.elements import Label, attribute, div, set_classes, text

FOLDED = ("device", "category", "aspect", "since", "until", "misfit", "exclude")
"""The fields that are folded away where there is little room."""


class MessageBar:
    """Holds the look; `changed` is called with the new one at every change that makes sense."""

    def __init__(
        self, screen: Screen, selection: MessageFilter, changed: Callable[[MessageFilter], None]
    ) -> None:
        self._screen, say = screen, screen.say
        self._changed = changed
        self._complaints: dict[str, str] = {}
        self._way_marks: dict[Way, Label] = {}
        self._fold: Label | None = None
        self.selection = selection
        with div("message-bar"):
            self._priority()
            self._topic = self._entry("topic", selection.topic_filter, self._set_topic)
            with div("row search"):
                self._searched = self._entry("text", selection.text, self._set_text)
                self._searched.props("data-search")
                matches: dict[str, str] = {one: say(f"match.{one}") for one in MATCHES}
                self._choice("match", matches, selection.match, self._set_match)
        with div("message-bar filters") as self._filters:
            self._device()
            self._kinds("category", {one: say(f"kind_of.category.{one}") for one in CATEGORIES})
            self._kinds("aspect", {one: say(f"kind_of.aspect.{one}") for one in ASPECTS})
            self._entry("since", self._time(selection.since), partial(self._set_time, "since"))
            self._entry("until", self._time(selection.until), partial(self._set_time, "until"))
            self._misfits()
            self._exclude = self._entry("exclude", ", ".join(selection.exclude), self._set_exclude)
        self._hint = text("", "hint wrong hidden")

    def opener(self) -> None:
        """Where there is little room the filters are folded; a button opens them."""
        fold = self._fold = text("", "act small beside-only", "button").mark("filters")

        def turn() -> None:
            set_classes(self._filters, open="open" not in self._filters.classes)
            set_classes(fold, current="open" in self._filters.classes)

        fold.on("click", turn).props("data-filters")
        self._show()

    def ways(self) -> None:
        """The switch between received and sent, wherever it fits."""
        with div("choice ways"):
            for way in WAYS:
                entry = text(self._screen.say(f"messages.way.{way}"), "", "button")
                entry.on("click", partial(self._choose, way=way))
                self._way_marks[way] = entry
        self._show()

    def take_topic(self, topic_filter: str) -> None:
        """Look at these topics, as if they had been typed."""
        self._topic.set_value(topic_filter)

    def leave_out(self, topic_filter: str) -> None:
        """Leave these topics out, beside those that are left out already."""
        if self.selection.topic_filter == topic_filter:
            self._topic.set_value("")
        left_out = dict.fromkeys([*self.selection.exclude, topic_filter])
        self._exclude.set_value(", ".join(left_out))

    def _priority(self) -> None:
        with div("priority"):
            self._class_name = text("", "priority-name")
            # The browser's own: it alone has a name and a spoken value on what takes the focus.
            slider = self._slider = div("range", "input").mark("priority")
            slider.props(f"type=range min=1 max={EVERYTHING} step=1")
            attribute(slider, "aria-label", self._screen.say("messages.priority"))
            slider.on("change", self._set_priority, js_handler="e => emit(e.target.value)")
            self._from_six = text("", "hint")
        self._show()

    def _set_priority(self, event: GenericEventArguments) -> None:
        if str(event.args) in map(str, CLASSES):
            self._choose(priority=int(event.args))

    def _entry(self, name: str, value: str, change: Callable[[str], None]) -> ui.input:
        label = self._screen.say(f"messages.{name}")
        field = ui.input(placeholder=label, value=value).classes(f"field entry-{name}")
        field.props(f'dense outlined square debounce=400 aria-label="{label}" title="{label}"')
        field.on_value_change(lambda event: change((event.value or "").strip()))
        return field

    def _choice(
        self, name: str, options: dict[str, str], value: str, change: Callable[[str], None]
    ) -> None:
        field = ui.select(options, value=value, with_input=True).classes(f"field choice-{name}")
        field.props(f'dense outlined square aria-label="{self._screen.say(f"messages.{name}")}"')
        field.on_value_change(lambda event: change(event.value or ""))

    def _kinds(self, name: str, known: dict[str, str]) -> None:
        options = {"": self._screen.say(f"messages.{name}"), **known}
        chosen = getattr(self.selection, name)
        self._choice(name, options, chosen, lambda value: self._choose(**{name: value}))

    def _device(self) -> None:
        """Serials as the layout and the pairing name them, never by a list of ours."""
        model, chosen = self._screen.model, self.selection.device
        known = [*(one.serial for one in modules(model)), *sorted(model.factory.vehicles)]
        serials = (s for s in dict.fromkeys([*known, chosen]) if s)
        say = self._screen.say
        names = {s: escaped(say.either(device_name(model.factory, s))) for s in serials}
        options = {"": self._screen.say("messages.device"), **names}
        self._choice("device", options, chosen, lambda value: self._choose(device=value))

    def _misfits(self) -> None:
        options = {one: self._screen.say(f"messages.misfit.{one}") for one in ("any", "only")}
        chosen = "only" if self.selection.misfit else "any"
        self._choice("misfit", options, chosen, lambda value: self._choose(misfit=value == "only"))

    def _set_topic(self, entered: str) -> None:
        try:
            chosen = self.selection.with_topic(entered)
        except TopicError as error:
            self._no_filter("topic", error)
            return
        self._complain("topic", "")
        self._choose(topic_filter=chosen.topic_filter)

    def _set_exclude(self, entered: str) -> None:
        try:
            chosen = self.selection.without(entered)
        except TopicError as error:
            self._no_filter("exclude", error)
            return
        self._complain("exclude", "")
        self._choose(exclude=chosen.exclude)

    def _no_filter(self, name: str, error: TopicError) -> None:
        why = self._screen.say.either(error)
        self._complain(name, self._screen.say("messages.bad_filter", why=why))

    def _set_text(self, entered: str) -> None:
        self._search(entered, self.selection.match)

    def _set_match(self, match: str) -> None:
        self._search((self._searched.value or "").strip(), cast("Match", match))

    def _search(self, entered: str, match: Match) -> None:
        try:
            chosen = self.selection.searching(entered, match)
        except SearchError as error:
            key = f"messages.bad_{match}"
            self._complain("text", self._screen.say(key, why=str(error)))
            return
        self._complain("text", "")
        self._choose(text=chosen.text, match=match)

    def _set_time(self, name: str, entered: str) -> None:
        zone = UTC if self._screen.user.clock == "utc" else None
        try:
            now = self._screen.model.now
            at = time_parsing.moment(entered, zone, now) if entered else None
        except ValueError:
            self._complain(name, self._screen.say("messages.bad_time", given=entered))
            return
        self._complain(name, "")
        self._choose(**{name: at})

    def _time(self, at: float | None) -> str:
        user = self._screen.user
        return "" if at is None else formats.date_and_time(at, user.clock, "en")

    def _complain(self, name: str, words: str) -> None:
        self._complaints[name] = words
        said = " ".join(filter(None, self._complaints.values()))
        self._hint.say(said)
        set_classes(self._hint, hidden=not said)

    def _choose(self, **change: Any) -> None:
        self.selection = replace(self.selection, **change)
        self._show()
        self._changed(self.selection)

    def _show(self) -> None:
        words = self._screen.say(f"messages.up_to.{self.selection.priority}")
        self._class_name.say(words)
        attribute(self._slider, "value", self.selection.priority)
        everything = self.selection.priority == EVERYTHING
        self._from_six.say(self._screen.say("messages.from_six") if everything else "")
        attribute(self._slider, "aria-valuetext", words)
        for way, entry in self._way_marks.items():
            set_classes(entry, current=way == self.selection.way)
        if self._fold is not None:
            count = sum(bool(getattr(self.selection, name)) for name in FOLDED)
            self._fold.say(self._screen.say("messages.filters", count=count))
