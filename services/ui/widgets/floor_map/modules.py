"""A module on the map: its box with name, state, action, order, load, alarm, age, progress."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from nicegui import ui

from omf.state.modules import Module
from omf.state.values import CarriedLoad
from services.ui import formats
from services.ui.live.screen import Screen
from services.ui.views.action_progress import progress_of
from services.ui.views.device_status import (
    DeviceStatus,
    action_words,
    age_of,
    module_label,
    status_of,
)
from services.ui.views.floor_plan import Point
from services.ui.views.piece_positions import order_tags, piece_words, pieces_on
from services.ui.widgets.alarm_list import alarms_about
from services.ui.widgets.drawn_from import drawn_from
from services.ui.widgets.elements import Label, attribute, set_classes
from services.ui.widgets.floor_map.bays import load_disc, paint_load
from services.ui.widgets.floor_map.sheet import Sheet
from services.ui.widgets.keyed_list import Draw
from services.ui.widgets.plain_element import PlainElement
from services.ui.widgets.svg import fit, shape, words

ACTION_CHARS = 26
"""What fits into a module's box."""
SMALL_CHARS = 15
"""And into a small one."""
NAME_CHARS, SMALL_NAME_CHARS = 15, 11
"""The same of the name, which ends where the age begins."""
RING_GAP, SMALL_RING_GAP = 6, 4
"""Between a box and its ring: the frame of a busy module is as thick and, in one theme, as bright.
"""
STATE_EDGE, STATE_PX, SMALL_STATE_PX, ORDER_PX = 8, 13, 12, 12
"""From a box to its words, and the size of its state in a large and a small one and of its order
(floor.css, system.css)."""


class AlarmSign(NamedTuple):
    """The sign at a corner: the gravest class, None for no sign, and what it says."""

    severity: str | None
    words: str


NOT_ASSIGNED = DeviceStatus("", "", down=False, warn=False, old=False)


class ModuleMark(NamedTuple):
    """What the box of a module shows; beyond the first four nothing of one that is unknown."""

    name: str
    word: str
    spoken: str
    alarms: AlarmSign
    known: bool = False
    status: DeviceStatus = NOT_ASSIGNED
    busy: bool = False
    age: str = ""
    percent: int | None = None
    """Of the usual time, on the ring."""
    slow: bool = False
    lines: tuple[str, str, str] = ("", "", "")
    """Action, order, and time over the usual or bays."""
    load: CarriedLoad | None = None


def _module_view(paper: Sheet, serial: str) -> ModuleMark:
    screen, small = paper.screen, paper.scale.small
    model, say = screen.model, screen.say
    module = model.factory.modules.get(serial)
    kind = model.layout.modules.get(serial) if model.layout else None
    called = module_label(model.factory, serial, kind, say)
    name = _cut(called, SMALL_NAME_CHARS if small else NAME_CHARS)
    alarms = alarm_sign(paper, serial)
    if module is None:
        told = say("floor.not_assigned")
        return ModuleMark(name, told, f"{called}: {told}", alarms)
    status, done = status_of(module, model, say), progress_of(module, model)
    word = status.short if small else status.word
    if small and done.over:
        word = say("floor.over_short")
    # A small box has room for its name and its state; an age is told where it is too old.
    aged = paper.shows("ages") and not small
    pieces = pieces_on(serial, model) if paper.shows("loads") and not module.bays else []
    return ModuleMark(
        name,
        _cut(word, SMALL_CHARS if small else ACTION_CHARS),
        f"{called}: {_spoken(module, status, screen)}",
        alarms,
        known=True,
        status=status,
        busy=module.available == "BUSY" and not status.down,
        age=formats.age(age_of(module, model.factory_now), say.language) if aged else "",
        percent=None if done.part is None else round(100 * min(1.0, done.part)),
        slow=done.slow,
        lines=_lines(screen, module),
        load=pieces[0].load if pieces else None,
    )


def module_mark(paper: Sheet, serial: str) -> Draw:
    """Draw a module and keep it true; where there is room with action, order, load and age."""
    with PlainElement("g") as group:
        box = _ModuleBox(paper, serial, group)
    paper.pickable(group, serial)
    view = partial(_module_view, paper, serial)
    return drawn_from(lambda: paper.shared("module mark", serial, view), box.paint)


class _ModuleBox:
    """The box of one module in its group."""

    def __init__(self, paper: Sheet, serial: str, group: ui.element) -> None:
        self._paper, self._group = paper, group
        x, y = paper.plan.places[serial]
        width, height = paper.scale.box
        left, top = x - width / 2, y - height / 2
        self._body = shape("rect", "module", x=left, y=top, width=width, height=height)
        self._name = words("module-name", (left + 8, top + 19))
        self._state = words("module-state", (left + STATE_EDGE, top + 38))
        self._hint = pointer_words((left, top))
        self._age = words("module-age", (left + width - 8, top + 19))
        self._ring = _ring(paper, (left, top))
        self._alarm = alarm_mark((left + width, top))
        self._more = None if paper.scale.small else _More(paper, (left, top))

    def paint(self, shown: ModuleMark) -> None:
        """Bring it up to date."""
        status, scale = shown.status, self._paper.scale
        self._name.say(shown.name)
        self._state.say(shown.word)
        self._age.say(shown.age)
        size = SMALL_STATE_PX if scale.small else STATE_PX
        fit(self._state, scale.box[0] - 2 * STATE_EDGE, size)
        set_classes(self._body, unknown=not shown.known, busy=shown.busy)
        set_classes(self._body, down=status.down, blocked=status.warn)
        set_classes(self._state, warn=status.warn, comm=status.down)
        set_classes(self._group, old=status.old)
        self._hint.say(shown.spoken)
        attribute(self._group, "aria-label", shown.spoken)
        self._alarm(shown.alarms)
        set_classes(self._ring, hidden=shown.percent is None, slow=shown.slow)
        attribute(self._ring, "stroke-dasharray", f"{shown.percent or 0} 100")
        if self._more:
            self._more.paint(shown)


def _spoken(module: Module, status: DeviceStatus, screen: Screen) -> str:
    """All that the box says and what it has no room for, as it is heard or read by pointing."""
    model, say = screen.model, screen.say
    alarms = [say.either(alarm) for alarm in alarms_about(screen, module.serial)]
    said = [status.word, action_words(module, model, say), progress_of(module, model).spoken(say)]
    orders = [say("floor.for_order", order=tag) for tag in order_tags(module, model, say)]
    pieces = [piece_words(one, model, say) for one in pieces_on(module.serial, model)]
    carried = say("floor.carries", pieces=", ".join(pieces)) if pieces else ""
    told = (*said, *orders, carried, _bays_words(screen, module), *alarms)
    return ", ".join(word for word in dict.fromkeys(told) if word and word != formats.NONE)


def pointer_words(at: Point) -> Label:
    """Words that are read with the pointer."""
    made = words("", at)
    made.tag = "title"
    return made


class _More:
    """What only a large box has room for: action, order, time over the usual, load, bays."""

    def __init__(self, paper: Sheet, corner: tuple[float, float]) -> None:
        left, top = corner
        self._width, _ = paper.scale.box
        self._lines = [
            words("module-action", (left + STATE_EDGE, top + down)) for down in (57, 76, 94)
        ]
        self._lines[1].classes("order-tag")
        self._disc = load_disc((left + self._width - 18, top + 44), 9)
        """The piece that lies on a module which is no store."""

    def paint(self, shown: ModuleMark) -> None:
        """Show action, order, time or bays, and the piece."""
        for line, content in zip(self._lines, shown.lines, strict=True):
            line.say(content)
        fit(self._lines[1], self._width - 2 * STATE_EDGE, ORDER_PX)
        set_classes(self._lines[2], warn=shown.slow)
        for part in self._disc:
            set_classes(part, hidden=shown.load is None)
        paint_load(self._disc, shown.load)


def _lines(screen: Screen, module: Module) -> tuple[str, str, str]:
    model, say = screen.model, screen.say
    over = progress_of(module, model).words(say)
    return (
        _cut(action_words(module, model, say)),
        " · ".join(order_tags(module, model, say)),
        over or _bays_words(screen, module),
    )


def _cut(words_: str, most: int = ACTION_CHARS) -> str:
    return words_ if len(words_) <= most else f"{words_[: most - 1].rstrip()}…"


def _bays_words(screen: Screen, module: Module) -> str:
    if not module.bays:
        return ""
    full = sum(load is not None for load in module.bays.values())
    return screen.say("floor.bays", full=full, all=len(module.bays))


def alarm_sign(paper: Sheet, serial: str) -> AlarmSign:
    """The gravest class of the alarms about a device, and all of them in words."""
    about = alarms_about(paper.screen, serial)
    worst = about[0].severity if about and paper.shows("alarms") else None
    return AlarmSign(worst, "; ".join(paper.screen.say.either(alarm) for alarm in about))


def alarm_mark(corner: tuple[float, float]) -> Callable[[AlarmSign], None]:
    """The shape of the gravest alarm at the corner of what it is about, as the list shows it."""
    x, y = corner
    with PlainElement("g", "alarm-sign") as group:
        signs = _alarm_shapes(x, y)
        title = pointer_words((x, y))

    def paint(shown: AlarmSign) -> None:
        set_classes(group, hidden=shown.severity is None)
        for severity, sign in signs.items():
            set_classes(sign, hidden=severity != shown.severity)
        title.say(shown.words)

    return paint


def _alarm_shapes(x: float, y: float) -> dict[str, ui.element]:
    """Diamond, triangle, square and circle, one for each class of alarm."""
    made = {
        "critical": shape("polygon", "critical"),
        "warning": shape("polygon", "warning"),
        "advisory": shape("rect", "advisory", x=x - 7, y=y - 7, width=14, height=14),
        "communication": shape("circle", "communication", cx=x, cy=y, r=8),
    }
    attribute(made["critical"], "points", f"{x},{y - 10} {x + 10},{y} {x},{y + 10} {x - 10},{y}")
    attribute(made["warning"], "points", f"{x - 9},{y + 7} {x + 9},{y + 7} {x},{y - 9}")
    return made


def _ring(paper: Sheet, corner: tuple[float, float]) -> ui.element:
    """Around a module that works: the part of the usual time that passed; none if it is unknown."""
    width, height = paper.scale.box
    gap = SMALL_RING_GAP if paper.scale.small else RING_GAP
    ring = shape("rect", "progress-ring", x=corner[0] - gap, y=corner[1] - gap,
                 width=width + 2 * gap, height=height + 2 * gap)  # fmt: skip
    attribute(ring, "pathLength", "100")
    return ring
