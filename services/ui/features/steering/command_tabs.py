"""The tabs of the steering page: entries that open a command card and say why they are blocked."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from nicegui import ui

from omf.commands import KINDS, CommandError, Kind, prepare
from omf.commands.module_orders import NAMES
from omf.constants import COLOURS
from services.ui.features.steering import menu
from services.ui.features.steering.menu import MenuEntry
from services.ui.live.screen import Screen
from services.ui.views import command_view
from services.ui.views.device_status import place_name
from services.ui.widgets.elements import Label, attribute, div, panel, set_classes, text
from services.ui.widgets.order_tiles import order_tiles
from services.ui.widgets.rack import paint

Open = Callable[[Kind, Mapping[str, Any]], None]


def factory(screen: Screen, open_card: Open) -> None:
    """Reset with and without the store, park, charge; then what changes the factory's settings."""
    say = screen.say
    with panel(say("steering.factory")):
        for entry in menu.FACTORY:
            title, whole = say(f"steering.entry.{entry.name}"), not KINDS[entry.kind].typed_word
            does = _entry(screen, entry, open_card, title, complete=whole)
            if entry.kind == "factory-reset":
                does.say(say(f"steering.entry.{entry.name}.is"))
    _others(screen, "factory", open_card)


def navigation(screen: Screen, open_card: Open) -> None:
    """The five presets and a free target; then what a vehicle is told at once."""
    with panel(screen.say("steering.navigation")):
        for entry in menu.PRESETS:
            stops = _entry(screen, entry, open_card, entry.name)
            screen.live(partial(_say_stops, screen, entry, stops))
        words = screen.say("steering.entry.target")
        _entry(screen, menu.TARGET, open_card, words, complete=False)
    with panel(screen.say("steering.instant")), div("kind-grid"):
        for entry in menu.INSTANT:
            _kind(screen, entry, open_card)
    _others(screen, "navigation", open_card)


def modules(screen: Screen, open_card: Open) -> None:
    """AIQS, MILL and DRILL, whole and step by step; then every other command to a module."""
    for module in menu.SEQUENCED:
        with panel(f"{module} · {screen.say.known('module', module)}"):
            _module(screen, module, open_card)
    _others(screen, "modules", open_card)


def orders(screen: Screen, open_card: Open) -> None:
    """The three colours, and the other commands about orders."""
    with panel(screen.say("steering.orders")):
        order_tiles(screen, open_card)
    _others(screen, "orders", open_card)


def free(screen: Screen, open_card: Open) -> None:
    """The free message; topics of the catalogue are offered while its topic is typed."""
    with panel(screen.say("steering.free")):
        text(screen.say("steering.free_hint"), "dim")
        for name in ("free-message", "clear-retained"):
            _kind(screen, menu.entry(name, name), open_card)


def training(screen: Screen, open_card: Open) -> None:
    """Pieces for the mock factory, and faults to try what happens and to train with."""
    say = screen.say
    with panel(say("steering.training")):
        text(say("steering.training_hint"), "dim")
        for entry in menu.REFILL:
            colour = entry.given.get("colour")
            name = say(f"colour.{colour}") if colour else ""
            title = say.either(KINDS[entry.kind].title)
            _entry(screen, entry, open_card, f"{title}: {name}" if name else title)
    _others(screen, "training", open_card)


def _entry(
    screen: Screen, entry: MenuEntry, open_card: Open, title: str, *, complete: bool = True
) -> Label:
    """One line that opens a card; the text it returns holds what it does."""
    kind = KINDS[entry.kind]
    opening = partial(open_card, kind, entry.given)
    with div("entry-line", "button").on("click", opening) as line:
        line.mark(f"entry-{entry.name}")
        attribute(line, "data-entry", entry.name)
        text(title, "entry-name")
        does = text(screen.say.either(kind.summary), "hint")
        why = text("", "reason")
    _blocking(screen, entry, line, why, complete=complete)
    return does


def _blocking(
    screen: Screen, entry: MenuEntry, button: ui.element, why: Label, *, complete: bool
) -> None:
    """Keep true what stands in the way of an entry: in words, and by how it is drawn."""

    def draw() -> None:
        model, user = screen.model, screen.user
        given = entry.given
        reason = command_view.obstacle(entry.kind, given, model, user, complete=complete)
        why.say(reason or "")
        set_classes(why, hidden=reason is None)
        set_classes(button, off=reason is not None)

    screen.live(draw)


def _say_stops(screen: Screen, entry: MenuEntry, shown: Label) -> None:
    """Where a preset would lead as the factory stands now."""
    model = screen.model

    def find() -> str | None:
        try:
            plan = prepare(
                entry.kind, entry.given, model.factory, now=model.now, new_id=lambda: "preview"
            )
        except CommandError:
            return None
        return " → ".join(place_name(stop, model, screen.say) for stop in plan.parameters["stops"])

    shown.say(model.shared(("stops", entry.name), find) or screen.say("unknown"))


def _module(screen: Screen, module: str, open_card: Open) -> None:
    say = screen.say
    for mode in ("automatic", "stepwise"):
        with div("sequence"):
            text(say(f"steering.sequence.{mode}"), "grow")
            for colour in COLOURS:
                entry = menu.sequence(module, mode, colour)
                button = text("", "disc disc-button", "button")
                button.on("click", partial(open_card, KINDS[entry.kind], entry.given))
                button.mark(f"{module}-{mode}-{colour}")
                attribute(button, "data-sequence", f"{module}-{mode}-{colour}")
                words = f"{module}, {say(f'steering.sequence.{mode}')}: {say(f'colour.{colour}')}"
                attribute(button, "aria-label", words)
                paint(button, colour)
    with div("sequence"):
        text(say("steering.sequence.single"), "grow")
        for command in menu.steps(module):
            opening = partial(_single, screen, module, command, open_card)
            button = text(say.either(NAMES[command]), "act small", "button").on("click", opening)
            button.mark(f"{module}-{command}")
            attribute(button, "data-step", f"{module}-{command}")
            attribute(button, "aria-label", f"{module}: {button.text}")
    why = text("", "reason")
    given = menu.sequence(module, "automatic", COLOURS[0]).given

    def draw() -> None:
        reason = command_view.obstacle("module-sequence", given, screen.model, screen.user)
        why.say(reason or "")
        set_classes(why, hidden=reason is None)

    screen.live(draw)


def _single(screen: Screen, module: str, command: str, open_card: Open) -> None:
    """A single step, in the bracket open on the module if there is one."""
    known = [s for s, found in screen.model.factory.modules.items() if found.type == module]
    given = {"command": command, **({"serial": known[0]} if len(known) == 1 else {})}
    open_card(KINDS["module-step"], given)


def _others(screen: Screen, tab: str, open_card: Open) -> None:
    for group, names in menu.others(tab).items():
        with panel(screen.say(f"kinds.{group}")), div("kind-grid"):
            for name in names:
                _kind(screen, menu.entry(name, name), open_card)


def _kind(screen: Screen, entry: MenuEntry, open_card: Open) -> None:
    say, kind = screen.say, KINDS[entry.kind]
    with div("kind", "button").on("click", partial(open_card, kind, {})) as button:
        text(say.either(kind.title))
        why = text("", "reason")
    button.mark(f"kind-{kind.name}")
    attribute(button, "title", say.either(kind.summary))
    attribute(button, "data-kind", kind.name)
    _blocking(screen, entry, button, why, complete=False)
