"""Named time ranges of the journal: given a name afterwards, listed, taken away, taken over."""

from collections.abc import Awaitable, Callable
from datetime import UTC

from nicegui import ui
from pydantic import ValidationError

from services.common.process import time_parsing
from services.common.sessions import named_ranges, station
from services.common.sessions.named_ranges import NAMING, REMOVING, Session
from services.common.sessions.station import ReplayControl
from services.common.sessions.topic_groups import TOPIC_PRESETS
from services.common.store.bus import StoreError
from services.common.store.keys import Role
from services.ui import formats
from services.ui.auth.current_user import CurrentUser
from services.ui.live.message_filter import MessageFilter
from services.ui.live.screen import Screen
from services.ui.types import Row
from services.ui.views import filter_query
from services.ui.widgets.elements import attribute, div, link, panel, set_classes, text
from services.ui.widgets.range_recorder import RangeRecorder
from services.ui.widgets.table import Table, column

FIELDS = ("name", "from", "to", "note")


class Ranges:
    """The sessions of one environment, and what can be done with the chosen one."""

    def __init__(self, screen: Screen, chosen: str) -> None:
        self._screen = screen
        self._chosen = chosen
        self._exclude: list[str] = []
        self.on_keep: Callable[[str], Awaitable[None]] | None = None
        """Keeps the chosen session as a golden one."""
        say = screen.say
        with panel(say("sessions.ranges"), "fill"):
            text(say("sessions.always"), "hint")
            RangeRecorder(screen, "session", self._recorded)
            self._form()
            self._wrong = text("", "hint wrong hidden").props("role=alert").mark("range-wrong")
            self._table = Table(
                self._columns(), self._rows(), empty=say("empty.sessions"), on_pick=self._choose
            )
            self._actions()
        screen.live(self.draw)

    def _form(self) -> None:
        say, may = self._screen.say, self._screen.user.may(NAMING)
        self._fields: dict[str, ui.input] = {}
        with div("session-form"):
            for name in FIELDS:
                label = say(f"sessions.{name}")
                field = ui.input(placeholder=label, value="10m" if name == "from" else "")
                field.classes("field").props(f'dense outlined square aria-label="{label}"')
                self._fields[name] = field
            button = text(say("sessions.give_name"), "act", "button").on("click", self._name)
            button.mark("give-name").props("data-name")
            set_classes(button, off=not may)

    def _actions(self) -> None:
        say = self._screen.say
        with div("row session-actions") as self._doing:
            options = {name: say(f"sessions.preset.{name}") for name in TOPIC_PRESETS}
            text(say("sessions.without"), "hint")
            without = ui.select(options, multiple=True, value=[], with_input=True)
            without.classes("field without")
            without.props(f'dense outlined square aria-label="{say("sessions.without")}"')
            without.on_value_change(lambda event: self._leave_out(list(event.value or [])))
            self._file = link(say("sessions.download"), "", "act small")
            self._messages = link(say("sessions.messages"), "", "act small")
            self._report = link(say("page.report"), "", "act small")
            self._take = text(say("sessions.take"), "act small", "button")
            self._take.on("click", self._take_over).mark("take").props("data-take")
            self._golden = text(say("golden.keep"), "act small", "button")
            self._golden.on("click", self._keep_golden).mark("keep-golden")
            self._gone = text(say("sessions.remove"), "act small", "button")
            self._gone.on("click", self._remove).mark("remove")

    def draw(self) -> None:
        """Bring list and actions up to date."""
        screen = self._screen
        self._table.show(self._rows())
        found = self._session
        set_classes(self._doing, hidden=found is None)
        if found is None:
            return
        exclude = f"?exclude={','.join(self._exclude)}" if self._exclude else ""
        attribute(self._file, "href", screen.path(f"sessions/{found.name}.jsonl.gz{exclude}"))
        # A bare attribute would be set to `true`, and that is what the file were called.
        attribute(self._file, "download", f"{found.name}.jsonl.gz")
        dated = self._screen.model.dated
        look = filter_query.query(
            MessageFilter(since=dated(found.from_at), until=dated(found.to_at))
        )
        attribute(self._messages, "href", screen.path(f"messages{look}"))
        attribute(self._report, "href", screen.path(f"report?range={found.name}"))
        may_play = screen.replay is not None and screen.replay.user.may(NAMING)
        set_classes(self._take, hidden=screen.replay is None, off=not may_play)
        set_classes(self._golden, hidden=self.on_keep is None, off=not screen.user.may(NAMING))
        set_classes(self._gone, off=not screen.user.may(REMOVING))

    @property
    def _session(self) -> Session | None:
        found = (one.session for one in self._screen.model.sessions)
        return next((one for one in found if one.name == self._chosen), None)

    def _recorded(self, name: str) -> None:
        """A recording that has ended is a range like the others; else its messages so far."""
        model = self._screen.model
        run = next((one for one in model.planning_runs if one.name == name), None)
        if run is None:
            self._choose(name)
            return
        look = filter_query.query(MessageFilter(since=model.dated(run.from_at)))
        ui.navigate.to(self._screen.path(f"messages{look}"))

    def _choose(self, name: str) -> None:
        self._chosen = name
        ui.navigate.history.replace(self._screen.path(f"sessions?session={name}"))
        self.draw()

    def _leave_out(self, presets: list[str]) -> None:
        self._exclude = presets
        self.draw()

    def _complain(self, words: str) -> None:
        self._wrong.say(words)
        set_classes(self._wrong, hidden=not words)

    async def _name(self) -> None:
        """Keep the range under its name; what is wrong with it is said beside the fields."""
        screen = self._screen
        if not self._may(NAMING):
            return
        entered = {name: (field.value or "").strip() for name, field in self._fields.items()}
        zone = UTC if screen.user.clock == "utc" else None
        try:
            now = screen.model.now
            begin = time_parsing.moment(entered["from"] or "10m", zone, now)
            end = time_parsing.moment(entered["to"], zone, now) if entered["to"] else now
        except ValueError:
            given = f"{entered['from']} – {entered['to']}"
            self._complain(screen.say("messages.bad_time", given=given))
            return
        if end <= begin:
            self._complain(screen.say("sessions.backwards"))
            return
        await self._keep(entered, begin, end)

    async def _keep(self, entered: dict[str, str], begin: float, end: float) -> None:
        screen, bus = self._screen, self._screen.bus
        if bus is None:
            return
        try:
            session = Session(
                name=entered["name"],
                from_at=bus.arrival(begin),
                to_at=bus.arrival(end),
                operator=screen.user.name,
                note=entered["note"],
                created_at=await bus.time(),
            )
            await named_ranges.name(bus, session)
        except ValidationError:
            self._complain(screen.say("sessions.bad_name"))
        except named_ranges.SessionNameError:
            self._complain(screen.say("sessions.taken", name=entered["name"]))
        except StoreError as error:
            self._complain(screen.say("sessions.failed", why=str(error)))
        else:
            self._complain("")
            self._chosen = session.name
            await self._reread()

    async def _remove(self) -> None:
        bus = self._screen.bus
        if bus is None or self._session is None or not self._may(REMOVING):
            return
        await self._try(lambda: named_ranges.remove(bus, self._chosen))
        await self._reread()

    async def _keep_golden(self) -> None:
        found = self._session
        if self.on_keep is not None and found is not None:
            await self.on_keep(found.name)

    async def _take_over(self) -> None:
        """Ask the station to write it into its library; its answer is seen in the status."""
        screen, found = self._screen, self._session
        if screen.replay is None or found is None or not self._may(NAMING, screen.replay.user):
            return
        value = f"{screen.environment}/{found.name}?{','.join(self._exclude)}"
        wish = ReplayControl(action="take", value=value, operator=screen.user.name)
        bus = screen.replay.bus
        await self._try(lambda: station.control(bus, wish))

    async def _try(self, work: Callable[[], Awaitable[object]]) -> None:
        try:
            await work()
        except (StoreError, named_ranges.SessionNameError) as error:
            self._complain(self._screen.say("sessions.failed", why=str(error)))
        else:
            self._complain("")

    def _may(self, role: Role, user: CurrentUser | None = None) -> bool:
        """Whether this person may, here or as `user` elsewhere; who may not is told why."""
        screen = self._screen
        allowed = (user or screen.user).may(role)
        if not allowed:
            self._complain(screen.say("sessions.no_right", role=screen.say(f"role.{role}")))
        return allowed

    async def _reread(self) -> None:
        model, bus = self._screen.model, self._screen.bus
        if bus is None:
            return
        try:
            model.sessions = await named_ranges.listed(bus)
        except StoreError:
            return
        model.changed()
        self.draw()

    def _rows(self) -> list[Row]:
        user, say = self._screen.user, self._screen.say
        dated = self._screen.model.dated
        return [
            {
                "id": one.name,
                "name": one.name,
                "at": one.from_at,
                "begin": formats.date_and_time(dated(one.from_at), user.clock, user.language),
                "length": formats.age(dated(one.to_at) - dated(one.from_at), say.language),
                "kept": say(f"sessions.kept.{kept}"),
                "lost": kept != "whole",
                "size": formats.size(size, user.language) if size else "",
                "operator": say.known("user", one.operator),
                "note": one.note,
            }
            for one, kept, size in self._screen.model.sessions
        ]

    def _columns(self) -> list[dict[str, object]]:
        say = self._screen.say
        return [
            column("name", say("column.session"), 0, minWidth=80),
            column("begin", say("column.begin"), 136),
            column("length", say("column.duration"), 64, type="rightAligned"),
            column("kept", say("column.kept"), 92, cellClassRules={"cell-warn": "data.lost"}),
            column("size", say("column.archived_size"), 78, type="rightAligned"),
            column("operator", say("column.operator"), 76),
            column("note", say("column.note"), 0, minWidth=64, tooltipField="note"),
            column("at", "", 1, hide=True, sort="desc"),
        ]
