"""The transport bar of the session station: play, pause, step, seek, jump, speed, loop, report."""

from functools import partial

from nicegui import ui

from omf.constants import SERVICE_SILENCE_S
from services.common.sessions import station
from services.common.sessions.station import STATION_ROLE, ReplayControl, ReplayStatus
from services.common.store.bus import StoreError
from services.ui import formats
from services.ui.features.sessions.import_form import import_form
from services.ui.features.sessions.session_facts import SessionAlarms, facts_of, facts_words
from services.ui.live.screen import ReplayContext, Screen
from services.ui.widgets.elements import Label, attribute, div, link, panel, set_classes, text
from services.ui.widgets.keyed_list import Draw, KeyedList

SPEEDS = ("0.1", "0.5", "1", "2", "5", "10", "50", "max")
PLAIN = ("resume", "pause", "step", "stop")


class Transport:
    """Says what the station does and hands wishes to it; it alone decides whether to obey."""

    def __init__(self, screen: Screen, replay: ReplayContext) -> None:
        self._screen = screen
        self._replay = replay
        self._dragging = False
        say = screen.say
        with panel(say("replay.title"), "transport"):
            self._position_rows()
            with div("row"):
                self._buttons = {name: self._button(name) for name in PLAIN}
                self._loop = text(say("replay.loop"), "act small", "button").mark("loop")
                self._loop.on("click", self._turn_loop)
                self._speed()
            self._part()
            for action, key in (("seek_order", "replay.order"), ("jump", "replay.filter")):
                with div("row"):
                    self._search(action, key)
            self._alarms = SessionAlarms(screen, self._seek)
            self._facts, self._refused = text("", "hint"), text("", "hint wrong hidden")
            self._wrong = text("", "hint wrong hidden").props("role=alert").mark("wish-wrong")
        with panel(say("replay.library"), "fill"):
            import_form(screen, replay.user)
            self._against = self._other()
            empty = text(say("empty.library"), "empty")
            self._library = KeyedList(div("lines"), self._entry, empty)
        screen.live(self.draw)

    @property
    def _now(self) -> ReplayStatus | None:
        return self._replay.model.station

    @property
    def _may(self) -> bool:
        return self._replay.user.may(STATION_ROLE)

    def _button(self, action: str) -> Label:
        button = text(self._screen.say(f"replay.{action}"), "act small", "button")
        button.on("click", partial(self.wish, action)).mark(f"replay-{action}")
        attribute(button, "data-replay", action)
        return button

    def _position_rows(self) -> None:
        with div("row"):
            self._state, self._name = text("", "replay-state"), text("", "mono grow cut")
            self._place = text("", "mono")
        label = self._screen.say("replay.position")
        self._position = ui.slider(min=0, max=1, step=0.1, value=0)
        self._position.props(f'aria-label="{label}" color=grey-7').classes("seek")
        # "change" comes when the hand lets go; every move before is only a look.
        self._position.on("pan", self._drag, ["phase"])
        self._position.on("change", lambda event: self._seek(event.args))

    def _drag(self, event: object) -> None:
        self._dragging = getattr(event, "args", None) == "start"

    async def _seek(self, seconds: object) -> None:
        self._dragging = False
        await self.wish("seek", f"{float(str(seconds)):.1f}")

    def _speed(self) -> None:
        label = self._screen.say("replay.speed")
        names = {one: one if one == "max" else f"{one} ×" for one in SPEEDS}
        self._pace = ui.select(names, value="1", with_input=True).classes("field pace")
        self._pace.props(f'dense outlined square aria-label="{label}" title="{label}"')
        self._pace.on_value_change(lambda event: self._set_pace(event.value))

    async def _set_pace(self, value: str) -> None:
        if value != self._pace_of(self._now):
            await self.wish("speed", value)

    def _pace_of(self, now: ReplayStatus | None) -> str:
        if now is None:
            return "1"
        return "max" if now.speed is None else f"{now.speed:g}"

    def _search(self, action: str, key: str) -> None:
        label = self._screen.say(key)
        field = ui.input(placeholder=label).classes("field grow")
        field.props(f'dense outlined square aria-label="{label}"')

        async def go() -> None:
            if entered := (field.value or "").strip():
                await self.wish(action, entered)

        field.on("keydown.enter", go)
        button = text(self._screen.say(f"replay.{action}"), "act small", "button").on("click", go)
        button.mark(f"replay-{action}")

    def _other(self) -> ui.select:
        """The session that a report is held against; none at first."""
        label = self._screen.say("replay.against")
        with div("row"):
            text(label, "hint")
            none = {"": self._screen.say("replay.against_none")}
            field = ui.select(none, value="", with_input=True)
        field.classes("field grow").mark("against").props(
            f'dense outlined square aria-label="{label}"'
        )
        return field

    async def _report(self, name: str) -> None:
        other = self._against.value or ""
        against = f"?{other}" if other not in {"", name} else ""
        await self.wish("report", f"{name}?{self._screen.user.language}{against}")

    def _entry(self, name: str) -> Draw:
        say = self._screen.say
        with div("row library-entry"):
            with div("grow library-name"):
                text(name, "mono cut")
                facts = text("", "hint").mark(f"facts-{name}")
            ready = link(say("replay.open_report"), "", "evidence")
            place = self._replay.model.environment
            attribute(ready, "href", self._screen.path(f"sessions/{name}/report", place))
            attribute(ready, "target", "_blank")
            attribute(ready, "rel", "noopener")
            report = text(say("replay.report"), "act small", "button")
            report.on("click", partial(self._report, name))
            report.mark(f"report-{name}").props("data-report")
            play = text(say("replay.play"), "act small", "button")
            play.on("click", partial(self.wish, "play", name)).mark(f"play-{name}")
            attribute(play, "data-play", name)

        def draw() -> None:
            now = self._now
            facts.say(facts_words(self._screen, facts_of(self._screen, name)))
            set_classes(ready, hidden=now is None or name not in now.reports)
            for button in (report, play):
                set_classes(button, off=not self._may)
            set_classes(play, current=now is not None and now.session == name)

        return draw

    async def wish(self, action: str, value: str = "") -> None:
        """Hand a wish to the station; whoever may only look is told so."""
        screen = self._screen
        if not self._may:
            self._complain(screen.say("sessions.no_right", role=screen.say(f"role.{STATION_ROLE}")))
            return
        asked = {"action": action, "value": value, "operator": screen.user.name}
        try:
            await station.control(self._replay.bus, ReplayControl.model_validate(asked))
        except StoreError as error:
            self._complain(screen.say("sessions.failed", why=str(error)))
        else:
            self._complain("")

    async def _turn_loop(self) -> None:
        await self.wish("loop", "off" if self._now and self._now.loop else "on")

    def _part(self) -> None:
        """Two marks between which the session is repeated: each is where it stands when pressed."""
        self._part_begin: float | None = None
        with div("row"):
            for end in ("begin", "end"):
                button = text(self._screen.say(f"replay.part_{end}"), "act small", "button")
                button.on("click", partial(self._mark_part, end)).mark(f"part-{end}")
            self._part_told = text("", "hint")

    async def _mark_part(self, end: str) -> None:
        now = self._now
        if now is None or not now.session:
            self._complain(self._screen.say("replay.nothing"))
        elif end == "begin":
            self._part_begin = now.position_s
        elif self._part_begin is None or self._part_begin >= now.position_s:
            self._complain(self._screen.say("replay.part_needs"))
            return
        else:
            await self.wish("loop", f"{self._part_begin:.1f}-{now.position_s:.1f}")
            self._part_begin = None
        self.draw()

    def _part_words(self, now: ReplayStatus) -> str:
        say, language = self._screen.say, self._screen.user.language
        if self._part_begin is not None:
            return say("replay.part_from", at=formats.number(self._part_begin, language, 1))
        if now.loop_range is None:
            return ""
        begin, end = (formats.number(one, language, 1) for one in now.loop_range)
        return say("replay.part_is", begin=begin, end=end)

    def _complain(self, words: str) -> None:
        """Why a wish never left this page; it stays until one does. The station's word is apart."""
        self._wrong.say(words)
        set_classes(self._wrong, hidden=not words)

    def draw(self) -> None:
        """Bring the bar up to date with what the station said last."""
        now, say = self._now, self._screen.say
        gone = now is None or self._replay.model.wall - now.at > SERVICE_SILENCE_S
        names = [] if now is None else list(now.sessions)
        self._library.show(names)
        self._offer_others(names)
        self._state.say(
            say("replay.gone") if gone or now is None else say(f"replay.state.{now.state}")
        )
        set_classes(self._state, warn=gone)
        if now is None:
            return
        self._name.say(now.session)
        self._alarms.show(now.session)
        self._draw_place(now)
        running = now.state in {"playing", "paused", "ended"}
        off = {"resume": now.state != "paused", "pause": now.state != "playing"}
        for name, button in self._buttons.items():
            set_classes(button, off=not (running and self._may) or off.get(name, False))
        set_classes(self._loop, current=now.loop, off=not self._may)
        self._part_told.say(self._part_words(now))
        self._facts.say(self._said(now))
        why = now.failed or now.refused
        self._refused.say(say("replay.refused", why=why))
        set_classes(self._refused, hidden=not why)

    def _offer_others(self, names: list[str]) -> None:
        none = {"": self._screen.say("replay.against_none")}
        offered = none | {name: name for name in names}
        if self._against.options != offered:
            kept = self._against.value if self._against.value in offered else ""
            self._against.set_options(offered, value=kept)

    def _draw_place(self, now: ReplayStatus) -> None:
        language = self._screen.user.language
        figures = [formats.number(x, language, 1) for x in (now.position_s, now.length_s)]
        self._place.say(self._screen.say("replay.place", at=figures[0], of=figures[1]))
        attribute(self._position, "max", max(0.1, now.length_s))
        if not self._dragging and abs((self._position.value or 0) - now.position_s) >= 0.1:  # noqa: PLR2004 - one step
            self._position.set_value(round(now.position_s, 1))
        if self._pace.value != (pace := self._pace_of(now)) and pace in SPEEDS:
            self._pace.set_value(pace)

    def _said(self, now: ReplayStatus) -> str:
        say, language = self._screen.say, self._screen.user.language
        if now.busy:
            return say("replay.busy", what=now.busy)
        if not now.session:
            return say("replay.nothing")
        return say(
            "replay.facts",
            sent=formats.number(now.sent, language),
            index=formats.number(now.index, language),
            total=formats.number(now.total, language),
            damaged=formats.number(now.damaged, language),
        )
