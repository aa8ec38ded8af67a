"""What a device does now: the stages its action passed, and its time against the usual one."""

from collections.abc import Callable

from nicegui import ui

from omf.analysis.steps import pace
from omf.state.device import ACTION_ENDED, Channel
from omf.state.modules import Module
from omf.state.values import Action
from services.ui import formats
from services.ui.live.screen import Screen
from services.ui.views.action_progress import elapsed
from services.ui.views.device_status import act_words
from services.ui.views.step_times import Usual
from services.ui.widgets.elements import attribute, div, set_classes, text
from services.ui.widgets.keyed_list import Draw
from services.ui.widgets.svg import shape, sheet

WIDE, HIGH = 600, 18


def action_chain(
    screen: Screen, read: Callable[[], Channel | None], usual: Callable[[Action], Usual | None]
) -> Draw:
    """Draw the present action, else the last one, else that there was none."""
    title, idle = text("", "action-title"), text("", "dim")
    stations = _Stations(screen)
    bar = _duration(screen)

    def draw() -> None:
        channel = read()
        action = channel.last_action if channel else None
        idle.say(_idle_words(screen, channel))
        set_classes(idle, hidden=not idle.text)
        title.say(_title(screen, action, channel) if action else "")
        set_classes(title, hidden=action is None)
        stations.show(action)
        bar(action, usual(action) if action else None)

    return draw


def _idle_words(screen: Screen, channel: Channel | None) -> str:
    if channel is None or not channel.state_known:
        return screen.say("action.untold")
    if channel.action is not None:
        return ""
    return screen.say("action.idle_last" if channel.last_action else "action.idle")


def _title(screen: Screen, action: Action, channel: Channel | None) -> str:
    say = screen.say
    kind = channel.type if isinstance(channel, Module) else None
    words = [act_words(action, kind, say)]
    if action.colour:
        words.append(say.known("colour", action.colour))
    return " · ".join([*words, *([action.workpiece_id] if action.workpiece_id else [])])


class _Stations:
    """One station per stage passed, with its time, and the end that is still ahead."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._holder = div("stations")
        self._shown: object = None

    def show(self, action: Action | None) -> None:
        stages = [(stage.state, stage.at) for stage in action.stages] if action else []
        if stages == self._shown:
            return
        self._shown = stages
        self._holder.clear()
        with self._holder:
            for state, at in stages:
                self._station(state, at)
            if stages and stages[-1][0] not in ACTION_ENDED:
                self._station("FINISHED", None)

    def _station(self, state: str | None, at: float | None) -> None:
        with div("station") as station:
            text(self._screen.say.known("action", state), "station-name")
            text(formats.moment(at, self._screen.user.clock, millis=True), "station-at")
        set_classes(station, reached=at is not None, bad=state == "FAILED")


def _duration(screen: Screen) -> Callable[[Action | None, Usual | None], None]:
    """A bar of the elapsed time over the span that is usual."""
    with div("duration") as holder:
        with sheet("duration-sheet", WIDE, HIGH):
            shape("rect", "duration-ground", x=0, y=5, width=WIDE, height=8)
            span = shape("rect", "duration-span", x=0, y=1, width=0, height=16)
            fill = shape("rect", "duration-fill", x=0, y=5, width=0, height=8)
        words = text("", "hint")

    def draw(action: Action | None, usual: Usual | None) -> None:
        seconds = elapsed(action, screen.model.now)
        set_classes(holder, hidden=seconds is None)
        if seconds is None:
            return
        most = max(usual.span.most if usual else seconds, seconds, 1.0) * 1.15
        _stretch(fill, 0, seconds / most)
        least, longest = (usual.span.least, usual.span.most) if usual else (0.0, 0.0)
        _stretch(span, least / most, longest / most)
        words.say(_duration_words(screen, seconds, usual))
        set_classes(words, wrong=usual is not None and pace(seconds, usual.span) == "slow")

    return draw


def _stretch(made: ui.element, begin: float, end: float) -> None:
    attribute(made, "x", f"{WIDE * begin:.1f}")
    attribute(made, "width", f"{WIDE * max(0.0, end - begin):.1f}")


def _duration_words(screen: Screen, seconds: float, usual: Usual | None) -> str:
    say = screen.say
    took = formats.took(seconds, say.language)
    if usual is None:
        return say("duration.unknown", took=took)
    low, mid, high = (formats.took(part, say.language) for part in usual.span)
    source = say(f"duration.{usual.source}")
    return say("duration.words", took=took, usual=mid, least=low, most=high, source=source)
