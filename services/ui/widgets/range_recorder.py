"""A range that begins now and ends at a press: a recording of the sessions page, a planning run.

What is under way stands in the store: everybody sees it, and it outlives pages and processes.
"""

from collections.abc import Awaitable, Callable
from typing import Literal

from nicegui import ui

from services.common.sessions import named_ranges, runs
from services.common.sessions.runs import RUNNING, OpenRun, RunError
from services.common.store.bus import StoreError
from services.ui import formats
from services.ui.live.screen import Screen
from services.ui.widgets.elements import div, set_classes, text


class RangeRecorder:
    """A field and a button for a new one, and a line for each that is under way."""

    def __init__(
        self, screen: Screen, kind: Literal["run", "session"], choose: Callable[[str], None]
    ) -> None:
        """`kind` is how it is called here; `choose` shows one of that name."""
        self._screen, self._kind = screen, kind
        self._choose = choose
        say, may = screen.say, screen.user.may(RUNNING)
        with div("range-recorder"):
            text(say(f"recording.{kind}.title"), "dim")
            label = say(f"recording.{kind}.name")
            self._name = ui.input(placeholder=label).classes("field").mark("run-name")
            self._name.props(f'dense outlined square maxlength=64 aria-label="{label}"')
            begin = text(say(f"recording.{kind}.start"), "act small", "button").mark("run-start")
            set_classes(begin, off=not may)
            begin.on("click", self._start)
            self._list = div("run-list")
        self._wrong = text("", "hint wrong hidden").props("role=alert").mark("run-wrong")
        self._shown: list[OpenRun] | None = None
        screen.live(self.draw)

    def draw(self) -> None:
        """The runs under way, as they are."""
        found = self._screen.model.planning_runs
        if found == self._shown:
            return
        self._shown = list(found)
        self._list.clear()
        with self._list:
            for one in found:
                self._line(one)

    def _line(self, one: OpenRun) -> None:
        screen, say = self._screen, self._screen.say
        begun = screen.model.dated(one.from_at)
        when = formats.date_and_time(begun, screen.user.clock, screen.user.language)
        with div("row"):
            shown = text(one.name, "act small", "button").mark("run-report")
            shown.on("click", lambda: self._choose(one.name))
            text(say("recording.since", at=when, who=one.operator or "?"), "dim")
            text(one.note, "dim") if one.note else None
            end = text(say(f"recording.{self._kind}.stop"), "act small", "button").mark("run-stop")
            set_classes(end, off=not screen.user.may(RUNNING))
            end.on("click", lambda: self._stop(one.name))

    async def _start(self) -> None:
        name, who = (self._name.value or "").strip(), self._screen.user.name
        if (bus := self._screen.bus) is None:
            return
        if await self._act(lambda: runs.start(bus, name, who)):
            self._name.value = ""

    async def _stop(self, name: str) -> None:
        if (bus := self._screen.bus) is None:
            return
        if await self._act(lambda: runs.stop(bus, name, self._screen.user.name)):
            self._choose(name)

    async def _act(self, work: Callable[[], Awaitable[object]]) -> bool:
        """Whether it was done; why not is said beside the field."""
        screen, say = self._screen, self._screen.say
        if not screen.user.may(RUNNING):
            self._complain(say("sessions.no_right", role=say(f"role.{RUNNING}")))
            return False
        try:
            await work()
            await self._reread()
        except RunError as error:
            self._complain(say.either(error.told))
        except StoreError as error:
            self._complain(say("sessions.failed", why=str(error)))
        else:
            self._complain("")
            return True
        return False

    async def _reread(self) -> None:
        model, bus = self._screen.model, self._screen.bus
        if bus is not None:
            model.planning_runs = await runs.under_way(bus)
            model.sessions = await named_ranges.listed(bus)
            model.changed()
            self.draw()

    def _complain(self, words: str) -> None:
        self._wrong.say(words)
        set_classes(self._wrong, hidden=not words)
