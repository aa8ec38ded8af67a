"""A module on the map: its box with name, state, action, load, alarm and age."""

from nicegui import ui

from omf.state.modules import Module
from omf.state.piece_positions import on_module
from services.ui import formats
from services.ui.live.screen import Screen
from services.ui.views import step_times
from services.ui.views.device_status import DeviceStatus, action_words, age_of, status_of
from services.ui.views.floor_plan import Point, Scale
from services.ui.widgets.action_chain import elapsed
from services.ui.widgets.alarm_list import alarms_about
from services.ui.widgets.elements import Label, attribute, set_classes
from services.ui.widgets.floor_map.bays import load_disc, paint_load
from services.ui.widgets.floor_map.sheet import Sheet
from services.ui.widgets.keyed_list import Draw
from services.ui.widgets.svg import fit, shape, words

ACTION_CHARS = 21
"""What fits into a module's box."""
SMALL_CHARS = 15
"""And into a small one."""
STATE_EDGE, STATE_PX, SMALL_STATE_PX = 8, 13, 12
"""From a box to its words, and their size in a large and in a small one (base.css, system.css)."""


def module_mark(paper: Sheet, serial: str) -> Draw:
    """Draw a module and keep it true; where there is room with action, load and age."""
    with ui.element("g") as group:
        draw = _box(paper, serial, group)
    paper.pickable(group, serial)
    return draw


def _box(paper: Sheet, serial: str, group: ui.element) -> Draw:
    x, y = paper.plan.places[serial]
    width, height = paper.scale.box
    left, top = x - width / 2, y - height / 2
    body = shape("rect", "module", x=left, y=top, width=width, height=height)
    name = words("module-name", (left + 8, top + 19))
    state = words("module-state", (left + STATE_EDGE, top + 38))
    hint = _hint((left, top))
    age = words("module-age", (left + width - 8, top + 19))
    parts = [alarm_mark(paper, serial, (left + width, top))]
    parts += [] if paper.scale.small else _more(paper, serial, (left, top))

    def draw() -> None:
        model, say = paper.screen.model, paper.screen.say
        factory, now = model.factory, model.factory_now
        module = factory.modules.get(serial)
        name.say((model.layout.modules.get(serial) if model.layout else None) or serial)
        set_classes(body, unknown=module is None)
        for part in parts:
            part()
        if module is None:
            state.say(say("floor.not_assigned"))
            return
        status = status_of(module, paper.screen.model, say)
        _state(module, status, body, state, paper.scale)
        hint.say(status.word)
        # A small box has room for its name and its state; an age is told where it is too old.
        wanted = paper.shows("ages") and not paper.scale.small
        age.say(formats.age(age_of(module, now), say.language) if wanted else "")
        set_classes(group, old=status.old)

    return draw


def _hint(at: Point) -> Label:
    """Words that are read with the pointer."""
    made = words("", at)
    made.tag = "title"
    return made


def _more(paper: Sheet, serial: str, corner: tuple[float, float]) -> list[Draw]:
    """What only a large box has room for: action and its progress, load, bays."""
    left, top = corner
    width, height = paper.scale.box
    lines = [words("module-action", (left + 8, top + down)) for down in (57, 74)]

    def draw() -> None:
        module = paper.screen.model.factory.modules.get(serial)
        for line, content in zip(lines, _lines(paper.screen, module), strict=True):
            line.say(content)

    load = _load(paper, serial, (left + width - 18, top + 52))
    return [draw, load, _progress(paper, serial, (left + 8, top + height - 10), width - 16)]


def _lines(screen: Screen, module: Module | None) -> tuple[str, str]:
    if module is None:
        return "", ""
    return _cut(action_words(module, screen.model, screen.say)), _bays_words(screen, module)


def _cut(words_: str, most: int = ACTION_CHARS) -> str:
    return words_ if len(words_) <= most else f"{words_[: most - 1].rstrip()}…"


def _state(
    module: Module, status: DeviceStatus, body: ui.element, state: Label, scale: Scale
) -> None:
    down, blocked = status.down, status.warn
    word = status.short if scale.small else status.word
    state.say(_cut(word, SMALL_CHARS if scale.small else ACTION_CHARS))
    size = SMALL_STATE_PX if scale.small else STATE_PX
    fit(state, scale.box[0] - 2 * STATE_EDGE, size)
    set_classes(body, busy=module.available == "BUSY" and not down, down=down, blocked=blocked)
    set_classes(state, warn=blocked, comm=down)


def _bays_words(screen: Screen, module: Module) -> str:
    if not module.bays:
        return ""
    full = sum(load is not None for load in module.bays.values())
    return screen.say("floor.bays", full=full, all=len(module.bays))


def _load(paper: Sheet, serial: str, at: tuple[float, float]) -> Draw:
    """The piece that lies on a module which is no store."""
    disc = load_disc(at, 9)

    def draw() -> None:
        factory = paper.screen.model.factory
        module = factory.modules.get(serial)
        wanted = module is not None and paper.shows("loads")
        load = on_module(module, factory) if module and wanted else None
        for part in disc:
            set_classes(part, hidden=load is None)
        paint_load(disc, load)

    return draw


def alarm_mark(paper: Sheet, serial: str, corner: tuple[float, float]) -> Draw:
    """The shape of the gravest alarm at the corner of what it is about, as the list shows it."""
    x, y = corner
    with ui.element("g").classes("alarm-sign") as group:
        signs = _alarm_shapes(x, y)
        title = _hint((x, y))

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


def _progress(paper: Sheet, serial: str, at: tuple[float, float], width: float) -> Draw:
    """How far a running action is, measured by its usual time."""
    bar = shape("rect", "module-progress", x=at[0], y=at[1], width=0, height=5)

    def draw() -> None:
        model = paper.screen.model
        module = model.factory.modules.get(serial)
        action = module.action if module and module.action else None
        running = module is not None and action is not None and action.state == "RUNNING"
        set_classes(bar, hidden=not running)
        if module is None or action is None or not running:
            return
        usual = step_times.of_action(module, action.command, model)
        most = usual.span.usual if usual else 0.0
        part = min(1.0, (elapsed(action, model.factory_now) or 0.0) / most) if most else 0.0
        attribute(bar, "width", f"{width * part:.0f}")

    return draw
