"""What changed: two moments side by side, each difference with where it leads."""

from collections import Counter
from datetime import UTC, tzinfo
from typing import Any, cast
from urllib.parse import urlencode

from nicegui import background_tasks, ui

from omf.analysis.moment_changes import MomentChange, MomentChanges
from omf.analysis.moment_facts import CHANGE_GROUPS, ChangeGroup
from services.history.moment_changes import wrong_moments
from services.history.moments import NothingKnownError
from services.ui.features.changes.rows import change_rows, columns, target_of
from services.ui.live.past_reader import PastUnreadableError
from services.ui.live.screen import Screen
from services.ui.shell.past_requests import MAX_MOMENT_CHARS
from services.ui.types import Address, Page
from services.ui.views import history_query
from services.ui.views.history_query import WrongTimeError
from services.ui.widgets.elements import div, panel, set_classes, text
from services.ui.widgets.moment_link import MomentLink
from services.ui.widgets.table import Table
from services.ui.widgets.tabs import Tabs

FIRST_MOMENT = "1h"
OFFERED_MOMENTS = ("10m", "1h", "24h", "7d")


def build(screen: Screen, address: Address) -> None:
    """Fill the page; `from` and `to` in the address are the moments, `kind` the open tab."""
    since = address.get("from", FIRST_MOMENT)[:MAX_MOMENT_CHARS]
    until = address.get("to", "")[:MAX_MOMENT_CHARS]
    kind = address.get("kind", CHANGE_GROUPS[0])
    chosen = kind if kind in CHANGE_GROUPS else CHANGE_GROUPS[0]
    ChangesPage(screen, since, until, chosen).ask()


class ChangesPage:
    """The two moments, and what was different."""

    def __init__(self, screen: Screen, since: str, until: str, group: ChangeGroup) -> None:
        self._screen, say = screen, screen.say
        self._asked = 0
        self._found: MomentChanges | None = None
        self._shapes = ""
        with div("detail-page"), panel(say("page.changes"), "fill").mark("changes"):
            with div("moments-form"):
                self._since = self._entry("since", since)
                self._until = self._entry("until", until)
                ask = text(say("changes.compare"), "act main-act", "button").mark("compare")
                ask.on("click", self.ask)
            with div("row tools"):
                for one in OFFERED_MOMENTS:
                    button = text(say(f"changes.ago.{one}"), "act small", "button")
                    button.on("click", lambda one=one: self._offer(one))
            self._told = text("", "hint").props("role=status").mark("changes-told")
            with div("row"):
                self._then = [MomentLink(screen), MomentLink(screen)]
            names: dict[str, str] = {one: say(f"changes.group.{one}") for one in CHANGE_GROUPS}
            self._tabs = Tabs(names, group, lambda _: self._turn())
            self._table = Table(columns(say), [], empty="", on_pick=self._open)

    def _entry(self, name: str, value: str) -> ui.input:
        label = self._screen.say(f"changes.{name}")
        field = ui.input(placeholder=label, value=value).classes("field")
        field.props(f'dense outlined square aria-label="{label}" title="{label}"')
        return field.mark(f"changes-{name}").on("keydown.enter", self.ask)

    def _offer(self, ago: str) -> None:
        self._since.value, self._until.value = ago, ""
        self.ask()

    @property
    def _zone(self) -> tzinfo | None:
        return UTC if self._screen.user.clock == "utc" else None

    def _typed(self, field: ui.input) -> str:
        return history_query.settled((field.value or "").strip(), self._zone, self._now)

    @property
    def _now(self) -> float:
        return self._screen.past or self._screen.model.now

    def ask(self) -> None:
        """Compare the moments that stand in the form."""
        self._asked += 1
        self._note()
        try:
            since, until = (self._moment(field) for field in (self._since, self._until))
        except WrongTimeError as error:
            self._end(self._screen.say("messages.bad_time", given=error.given))
            return
        if (wrong := wrong_moments(since, until)) is not None:
            self._end(self._screen.say.either(wrong))
            return
        self._tell(self._screen.say("changes.comparing"))
        background_tasks.create(self._read(self._asked, since, until), name="what changed")

    def _moment(self, field: ui.input) -> float:
        found = history_query.milliseconds(self._typed(field), self._zone, self._now)
        return self._now if found is None else found / 1000

    async def _read(self, asked: int, since: float, until: float) -> None:
        screen, say = self._screen, self._screen.say
        source = screen.source
        if source is None:
            self._end(say("history.empty"))
            return
        try:
            found = await source.changes(screen.environment, since, until)
        except NothingKnownError as error:
            why = say.either(error.told)
        except PastUnreadableError as error:
            why = say("past.unreadable", why=str(error))
        else:
            if asked == self._asked and not self._told.is_deleted:
                self._show(found)
            return
        if asked == self._asked and not self._told.is_deleted:
            self._end(why)

    def _show(self, found: MomentChanges) -> None:
        self._found = found
        say = self._screen.say
        shapes = {"compared": found.shapes_compared, "unknown": found.shapes_unknown}
        self._tell(say("changes.found", count=len(found.changes)))
        self._shapes = say("changes.shapes", **shapes)
        for way, at in zip(self._then, (found.since, found.until), strict=True):
            way.lead("overview", at)
        self._draw()

    def _end(self, why: str) -> None:
        """Nothing could be compared."""
        self._found = None
        self._tell(why, wrong=True)
        for way in self._then:
            way.lead("overview", None)
        self._draw()

    def _tell(self, words: str, *, wrong: bool = False) -> None:
        self._told.say(words)
        set_classes(self._told, wrong=wrong)

    def _of_group(self) -> tuple[MomentChange, ...]:
        return self._found.of(cast("ChangeGroup", self._tabs.chosen)) if self._found else ()

    def _turn(self) -> None:
        self._note()
        self._draw()

    def _draw(self) -> None:
        say, found = self._screen.say, self._found
        counts = Counter(one.group for one in found.changes) if found else Counter[str]()
        for one in CHANGE_GROUPS:
            name = say(f"changes.group.{one}")
            self._tabs.rename(one, f"{name} {counts[one]}" if found else name)
        self._table.replace(change_rows(self._of_group(), say))
        shapes = self._tabs.chosen == "shapes"
        self._table.empty.say((self._shapes if shapes else say("changes.same")) if found else "")

    def _open(self, picked: str) -> None:
        place = int(picked)
        one = self._of_group()[place]
        if target := target_of(self._screen, one):
            ui.navigate.to(target)

    def _note(self) -> None:
        """Keep the address true: it compares these very moments."""
        parts: dict[str, Any] = {"from": self._typed(self._since), "to": self._typed(self._until)}
        parts["kind"] = self._tabs.chosen if self._tabs.chosen != CHANGE_GROUPS[0] else ""
        query = urlencode({name: value for name, value in parts.items() if value})
        ui.navigate.history.replace(self._screen.path(f"changes?{query}"))


PAGE = Page("changes", "messages", "e", build)
