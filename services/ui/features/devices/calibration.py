"""Calibrating a module, step by step; each step is a command with its preview like any other."""

from collections.abc import Callable

from nicegui import ui

from omf.messages.base import Scalar
from omf.state.modules import Module
from services.ui import formats
from services.ui.features.devices import calibration_progress
from services.ui.features.devices.calibration_progress import Calibration
from services.ui.live.screen import Screen
from services.ui.views.available_commands import Offer
from services.ui.widgets.command_card.command_entries import CardPlace, offer_list
from services.ui.widgets.elements import attribute, box, mark, panel, text
from services.ui.widgets.keyed_list import Draw, Listing


def calibration_panel(screen: Screen, serial: str, place: CardPlace) -> None:
    """State, commands, positions and values, below the first panel of what it is made in.

    Hidden for a module that has no calibration.
    """
    with panel(screen.say("calibration.title")) as whole:
        parts = [_state(screen, serial), _positions(screen, serial, place)]
        parts += [offer_list(screen, place, lambda: _offers(screen, serial))]
        parts += [_values(screen, serial, place)]
    whole.move(target_index=1)

    def draw() -> None:
        module = _module(screen, serial)
        mark(whole, hidden=not (module and module.has_calibration))
        if module and module.has_calibration:
            for part in parts:
                part()

    screen.live(draw)


def _module(screen: Screen, serial: str) -> Module | None:
    return screen.model.factory.modules.get(serial)


def _found(screen: Screen, serial: str) -> tuple[Module, Calibration] | None:
    module = _module(screen, serial)
    return (module, calibration_progress.of(screen.model, module)) if module else None


def _offers(screen: Screen, serial: str) -> list[Offer]:
    found = _found(screen, serial)
    return calibration_progress.acts(*found) if found else []


def _state(screen: Screen, serial: str) -> Draw:
    """Whether it calibrates, and what would be lost."""
    say = screen.say
    state = text("", "hint")
    with box("note hidden").mark("unsaved") as note:
        box("alarm-shape warning")
        with box("note-text"):
            lost = text("", "note-title")
            text(say("calibration.unsaved.advice"), "note-advice")

    def draw() -> None:
        if (found := _found(screen, serial)) is None:
            return
        _, now = found
        state.say(say("calibration.is_on" if now.on else "calibration.is_off"))
        mark(note, hidden=now.unsaved is None)
        if now.unsaved is not None:
            command = now.unsaved.command
            who = say.known("user", command.operator)
            lost.say(say("calibration.unsaved", who=who, at=screen.when(command.created_at)))

    return draw


def _positions(screen: Screen, serial: str, place: CardPlace) -> Draw:
    """One of the positions the module offers, to drive to it and to test it."""
    say = screen.say
    with box("card-part") as whole:
        chosen = ui.select([]).classes("field").props("dense outlined square")
        chosen.props(f'aria-label="{say("calibration.position")}"')
        current = text("", "hint")
        draw_moves = offer_list(screen, place, lambda: _moves(screen, serial, chosen.value))

    def draw() -> None:
        if (found := _found(screen, serial)) is None:
            return
        _, now = found
        mark(whole, hidden=not (now.on and now.positions))
        if chosen.options != list(now.positions):
            chosen.set_options(
                list(now.positions), value=now.current or next(iter(now.positions), None)
            )
        current.say(say("calibration.stands", position=now.current or say("unknown")))
        draw_moves()

    chosen.on_value_change(lambda _: draw())
    return draw


def _moves(screen: Screen, serial: str, position: str | None) -> list[Offer]:
    module = _module(screen, serial)
    return calibration_progress.moves(module, position) if module and position else []


def _values(screen: Screen, serial: str, place: CardPlace) -> Draw:
    """The values as the CCU told them last; a press changes one."""
    say = screen.say
    title, empty = text("", "hint"), text(say("calibration.no_values"), "empty")
    values: dict[str, Scalar] = {}
    begin = _change(screen, serial, place)

    def line(key: str) -> Draw:
        with box("offer reference", "button") as entry:
            text(key, "mono cut")
            shown = text("", "mono")
        entry.on("click", lambda: begin(key, _word(values[key]))).mark("reference")
        attribute(entry, "title", say("calibration.change", key=key))
        return lambda: shown.say(_word(values[key]))

    with box("references"):
        listing = Listing(box("offers"), line, empty)

    def draw() -> None:
        if (found := _found(screen, serial)) is None:
            return
        _, now = found
        values.clear()
        values.update(sorted(now.values.items()))
        listing.show(list(values))
        at = formats.NONE if now.told_at is None else screen.when(now.told_at)
        title.say(say("calibration.values", at=at))
        mark(title, hidden=not values)

    return draw


def _change(screen: Screen, serial: str, place: CardPlace) -> Callable[[str, str], None]:
    """A field for one value; what is typed is opened as a command with its preview."""
    say, chosen = screen.say, [""]
    with box("row hidden") as row:
        named = text("", "hint")
        field = ui.input().classes("field grow").props("dense outlined square")
        show = text(say("command.preview"), "act", "button").mark("preview-value")
        show.props("data-change")

    def begin(key: str, value: str) -> None:
        chosen[:] = [key]
        field.value = value
        words = say("calibration.new", key=key)
        named.say(words)
        attribute(field, "aria-label", words)
        mark(row, hidden=False)

    def preview() -> None:
        if module := _module(screen, serial):
            offer = calibration_progress.change(
                module, chosen[0], calibration_progress.typed(field.value or "")
            )
            place.open(offer.entry, offer.given)
            mark(row, hidden=True)

    show.on("click", preview)
    field.on("keydown.enter", preview)
    return begin


def _word(value: Scalar) -> str:
    return formats.NONE if value is None else str(value)
