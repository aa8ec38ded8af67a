"""The transport bar of a page of the past: the day with its marks, play, step, any other moment."""

from nicegui import background_tasks, ui

from services.history.day_marks import DayMark
from services.ui import formats
from services.ui.live.past_player import PACES
from services.ui.live.past_reader import PastUnreadableError
from services.ui.live.screen import Screen, past_address
from services.ui.views import command_view
from services.ui.widgets.elements import Label, attribute, div, link, set_classes, text
from services.ui.widgets.plain_element import PlainElement

SAME_MARK_S = 0.05
"""A mark so near is the one that is looked at."""


class PastTransport:
    """What leads to another moment is a link, so it can be opened beside this one as well."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._day: tuple[float, float] = (0.0, 0.0)
        self._marks: list[DayMark] = []
        self._pace = screen.player.pace if screen.player else 1.0
        say = screen.say
        with div("past-bar"):
            self._back = self._step("back")
            self._turn = self._turning()
            self._on = self._step("on")
            self._paces()
            with div("past-day"):
                self._shown = div("past-marks")
                attribute(self._shown, "aria-hidden", "true")
                self._slider = PlainElement("input", "past-slider")
                self._slider.props("type=range min=0 step=1").mark("past-slider")
                attribute(self._slider, "aria-label", say("past.day"))
            self._moment = PlainElement("input", "past-moment")
            self._moment.props('type="datetime-local" step=1').mark("past-moment")
            attribute(self._moment, "aria-label", say("past.other"))
            attribute(self._moment, "title", say("past.other"))
            self._fault = text("", "past-fault hidden").props("role=status")
        screen.live(self.draw)

    def _step(self, way: str) -> Label:
        made = link({"back": "|◀", "on": "▶|"}[way], "", "band-link").mark(f"past-{way}")
        for name in ("title", "aria-label"):
            attribute(made, name, self._screen.say(f"past.step.{way}"))
        return made

    def _turning(self) -> Label:
        """Play: on a page that stands a link, for what plays needs a model of its own."""
        player = self._screen.player
        if player is None:
            return link(self._screen.say("past.play"), "", "band-link").mark("past-play")

        def turn() -> None:
            if player.playing:
                player.pause()
            else:
                player.play()

        made = text("", "band-link", "button").on("click", turn)
        return made.mark("past-play")

    def _paces(self) -> None:
        label = self._screen.say("past.pace")
        names = {pace: f"{pace:g} ×" for pace in PACES}
        chosen = min(PACES, key=lambda pace: abs(pace - self._pace))
        field = ui.select(names, value=chosen).classes("past-pace").mark("past-pace")
        field.props(f'dense dark borderless options-dense aria-label="{label}" title="{label}"')
        field.on_value_change(lambda event: self._choose(float(event.value)))

    def _choose(self, pace: float) -> None:
        self._pace = pace
        if self._screen.player:
            self._screen.player.pace = pace
        self.draw()

    def draw(self) -> None:
        """Where it stands, what lies before and behind it, and whether it plays."""
        screen, at = self._screen, self._screen.past
        if at is None:
            return
        begin, end = formats.day_of(at, screen.user.clock)
        if (begin, end) != self._day:
            self._day, self._marks = (begin, end), []
            attribute(self._slider, "max", round(end - begin) - 1)
            attribute(self._slider, "data-day", f"{begin:.0f}")
            background_tasks.create(self._load(begin, end), name="marks of a day")
        attribute(self._slider, "value", round(at - begin))
        told = formats.moment(at, screen.user.clock)
        attribute(self._slider, "aria-valuetext", told)
        attribute(self._moment, "value", f"{formats.iso_day(at, screen.user.clock)}T{told}")
        earlier = [mark.at for mark in self._marks if mark.at < at - SAME_MARK_S]
        later = [mark.at for mark in self._marks if mark.at > at + SAME_MARK_S]
        self._lead(self._back, earlier[-1] if earlier else None)
        self._lead(self._on, later[0] if later else None)
        self._draw_turn(at)

    def _draw_turn(self, at: float) -> None:
        player, say = self._screen.player, self._screen.say
        fault = player.fault if player else ""
        self._fault.say(fault)
        set_classes(self._fault, hidden=not fault)
        if player is None:
            self._lead(self._turn, at)
            attribute(self._turn, "data-play", f"{self._pace:g}")
            return
        self._turn.say(say("past.pause" if player.playing else "past.play"))

    def _lead(self, entry: Label, at: float | None) -> None:
        set_classes(entry, off=at is None)
        if at is not None:
            target = past_address(self._screen.address, at)
            attribute(entry, "href", target)
            attribute(entry, "data-moment", target.rpartition("at=")[2])

    async def _load(self, begin: float, end: float) -> None:
        screen = self._screen
        if screen.source is None:
            return
        try:
            found = await screen.source.day(screen.environment, begin, end)
        except PastUnreadableError:
            found = []
        if self._shown.is_deleted or self._day != (begin, end):
            return
        self._marks = found
        self._shown.clear()
        with self._shown:
            for mark in found:
                self._mark(mark, begin, end - begin)
        self.draw()

    def _mark(self, mark: DayMark, begin: float, length: float) -> None:
        entry = link("", "", f"past-mark {mark.kind}")
        self._lead(entry, mark.at)
        place = f"left:{(mark.at - begin) / length * 100:.3f}%"
        if mark.until is not None:
            place += f";width:{(mark.until - mark.at) / length * 100:.3f}%"
        attribute(entry, "style", place)
        attribute(entry, "tabindex", "-1")
        attribute(entry, "title", self._words(mark))

    def _words(self, mark: DayMark) -> str:
        screen = self._screen
        at = formats.moment(mark.at, screen.user.clock)
        kind = command_view.kind_name(mark.name, screen.say) if mark.kind == "command" else ""
        said = screen.say.either(mark.text) if mark.text else ""
        until = formats.moment(mark.until, screen.user.clock)
        return screen.say(f"past.mark.{mark.kind}", at=at, kind=kind, until=until, said=said)
