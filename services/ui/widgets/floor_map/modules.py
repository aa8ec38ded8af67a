"""A module on the map: its box with name, state, action, order, load, alarm, age, progress."""

from nicegui import ui

from omf.state.modules import Module
from services.ui import formats
from services.ui.live.screen import Screen
from services.ui.views.action_progress import NO_PROGRESS, progress_of
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
from services.ui.widgets.elements import Label, attribute, set_classes
from services.ui.widgets.floor_map.bays import load_disc, paint_load
from services.ui.widgets.floor_map.sheet import Sheet
from services.ui.widgets.keyed_list import Draw
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


def module_mark(paper: Sheet, serial: str) -> Draw:
    """Draw a module and keep it true; where there is room with action, order, load and age."""
    with ui.element("g") as group:
        box = _ModuleBox(paper, serial, group)
    paper.pickable(group, serial)
    return box.draw


class _ModuleBox:
    """The box of one module in its group."""

    def __init__(self, paper: Sheet, serial: str, group: ui.element) -> None:
        self._paper, self._serial, self._group = paper, serial, group
        x, y = paper.plan.places[serial]
        width, height = paper.scale.box
        left, top = x - width / 2, y - height / 2
        self._body = shape("rect", "module", x=left, y=top, width=width, height=height)
        self._name = words("module-name", (left + 8, top + 19))
        self._state = words("module-state", (left + STATE_EDGE, top + 38))
        self._hint = pointer_words((left, top))
        self._age = words("module-age", (left + width - 8, top + 19))
        ring = _ring(paper, serial, (left, top))
        self._parts = [ring, alarm_mark(paper, serial, (left + width, top))]
        self._parts += [] if paper.scale.small else _more(paper, serial, (left, top))

    def draw(self) -> None:
        """Bring it up to date."""
        model, say = self._paper.screen.model, self._paper.screen.say
        module = model.factory.modules.get(self._serial)
        kind = model.layout.modules.get(self._serial) if model.layout else None
        called = module_label(model.factory, self._serial, kind, say)
        small = self._paper.scale.small
        self._name.say(_cut(called, SMALL_NAME_CHARS if small else NAME_CHARS))
        set_classes(self._body, unknown=module is None)
        for part in self._parts:
            part()
        told = say("floor.not_assigned")
        if module is None:
            self._state.say(told)
        else:
            status = status_of(module, model, say)
            self._draw_state(module, status)
            told = _spoken(module, status, self._paper.screen)
        self._hint.say(f"{called}: {told}")
        attribute(self._group, "aria-label", f"{called}: {told}")

    def _draw_state(self, module: Module, status: DeviceStatus) -> None:
        """The word of the state; in a small box that it takes too long stands in its place."""
        model, say, scale = self._paper.screen.model, self._paper.screen.say, self._paper.scale
        set_classes(self._group, old=status.old)
        word = status.short if scale.small else status.word
        if scale.small and progress_of(module, model).over:
            word = say("floor.over_short")
        self._state.say(_cut(word, SMALL_CHARS if scale.small else ACTION_CHARS))
        size = SMALL_STATE_PX if scale.small else STATE_PX
        fit(self._state, scale.box[0] - 2 * STATE_EDGE, size)
        busy = module.available == "BUSY" and not status.down
        set_classes(self._body, busy=busy, down=status.down, blocked=status.warn)
        set_classes(self._state, warn=status.warn, comm=status.down)
        # A small box has room for its name and its state; an age is told where it is too old.
        wanted = self._paper.shows("ages") and not scale.small
        self._age.say(
            formats.age(age_of(module, model.factory_now), say.language) if wanted else ""
        )


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


def _more(paper: Sheet, serial: str, corner: tuple[float, float]) -> list[Draw]:
    """What only a large box has room for: action, order, time over the usual, load, bays."""
    left, top = corner
    width, _ = paper.scale.box
    lines = [words("module-action", (left + STATE_EDGE, top + down)) for down in (57, 76, 94)]
    lines[1].classes("order-tag")

    def draw() -> None:
        module = paper.screen.model.factory.modules.get(serial)
        for line, content in zip(lines, _lines(paper.screen, module), strict=True):
            line.say(content)
        fit(lines[1], width - 2 * STATE_EDGE, ORDER_PX)
        slow = module is not None and progress_of(module, paper.screen.model).slow
        set_classes(lines[2], warn=slow)

    return [draw, _load(paper, serial, (left + width - 18, top + 44))]


def _lines(screen: Screen, module: Module | None) -> tuple[str, str, str]:
    if module is None:
        return "", "", ""
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


def _load(paper: Sheet, serial: str, at: tuple[float, float]) -> Draw:
    """The piece that lies on a module which is no store."""
    disc = load_disc(at, 9)

    def draw() -> None:
        found = pieces_on(serial, paper.screen.model) if paper.shows("loads") else []
        module = paper.screen.model.factory.modules.get(serial)
        load = found[0].load if found and module and not module.bays else None
        for part in disc:
            set_classes(part, hidden=load is None)
        paint_load(disc, load)

    return draw


def alarm_mark(paper: Sheet, serial: str, corner: tuple[float, float]) -> Draw:
    """The shape of the gravest alarm at the corner of what it is about, as the list shows it."""
    x, y = corner
    with ui.element("g").classes("alarm-sign") as group:
        signs = _alarm_shapes(x, y)
        title = pointer_words((x, y))

    def draw() -> None:
        about = alarms_about(paper.screen, serial)
        set_classes(group, hidden=not about or not paper.shows("alarms"))
        for severity, sign in signs.items():
            set_classes(sign, hidden=not about or severity != about[0].severity)
        title.say("; ".join(paper.screen.say.either(alarm) for alarm in about))

    return draw


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


def _ring(paper: Sheet, serial: str, corner: tuple[float, float]) -> Draw:
    """Around a module that works: the part of the usual time that passed; none if it is unknown."""
    width, height = paper.scale.box
    gap = SMALL_RING_GAP if paper.scale.small else RING_GAP
    ring = shape("rect", "progress-ring", x=corner[0] - gap, y=corner[1] - gap,
                 width=width + 2 * gap, height=height + 2 * gap)  # fmt: skip
    attribute(ring, "pathLength", "100")

    def draw() -> None:
        model = paper.screen.model
        module = model.factory.modules.get(serial)
        done = progress_of(module, model) if module else NO_PROGRESS
        set_classes(ring, hidden=done.part is None, slow=done.slow)
        attribute(ring, "stroke-dasharray", f"{100 * min(1.0, done.part or 0.0):.0f} 100")

    return draw
