"""Calibrating a module, step by step; each step is a command with its preview like any other."""

from collections.abc import Callable

from nicegui import ui

from omf.messages.base import Scalar
from omf.state.modules import Module
from services.ui import formats
from services.ui.features.devices import calibration_progress
from services.ui.features.devices.calibration_progress import CalibrationProgress
from services.ui.features.devices.module_panels import ReadModule
from services.ui.live.screen import Screen
from services.ui.views.available_commands import CommandSuggestion
from services.ui.widgets.command_card.command_entries import CommandCardSlot, suggestion_list
from services.ui.widgets.elements import attribute, div, panel, set_classes, text
from services.ui.widgets.keyed_list import Draw, KeyedList


def calibration_panel(screen: Screen, read: ReadModule, slot: CommandCardSlot) -> None:
    """State, commands, positions and values; hidden for a module that has no calibration."""
    with panel(screen.say("calibration.title")) as whole:
        parts = [_state(screen, read), _positions(screen, read, slot)]
        parts += [suggestion_list(screen, slot, lambda: _suggestions(screen, read))]
        parts += [_values(screen, read, slot)]

    def draw() -> None:
        module = read()
        set_classes(whole, hidden=not (module and module.has_calibration))
        if module and module.has_calibration:
            for part in parts:
                part()

    screen.live(draw)


def _found(screen: Screen, read: ReadModule) -> tuple[Module, CalibrationProgress] | None:
    module = read()
    return (module, calibration_progress.of(screen.model, module)) if module else None


def _suggestions(screen: Screen, read: ReadModule) -> list[CommandSuggestion]:
    found = _found(screen, read)
    return calibration_progress.acts(*found) if found else []


def _state(screen: Screen, read: ReadModule) -> Draw:
    """Whether it calibrates, and what would be lost."""
    say = screen.say
    state = text("", "hint")
    with div("note hidden").mark("unsaved") as note:
        div("alarm-shape warning")
        with div("note-text"):
            lost = text("", "note-title")
            text(say("calibration.unsaved.advice"), "note-advice")

    def draw() -> None:
        if (found := _found(screen, read)) is None:
            return
        _, now = found
        state.say(say("calibration.is_on" if now.on else "calibration.is_off"))
        set_classes(note, hidden=now.unsaved is None)
        if now.unsaved is not None:
            command = now.unsaved.command
            who = say.known("user", command.operator)
            lost.say(say("calibration.unsaved", who=who, at=screen.when(command.created_at)))

    return draw


def _positions(screen: Screen, read: ReadModule, slot: CommandCardSlot) -> Draw:
    """One of the positions the module offers, to drive to it and to test it."""
    say = screen.say
    with div("card-part") as whole:
        chosen = ui.select([], with_input=True).classes("field").props("dense outlined square")
        chosen.props(f'aria-label="{say("calibration.position")}"')
        current = text("", "hint")
        draw_moves = suggestion_list(screen, slot, lambda: _moves(read, chosen.value))

    def draw() -> None:
        if (found := _found(screen, read)) is None:
            return
        _, now = found
        set_classes(whole, hidden=not (now.on and now.positions))
        if chosen.options != list(now.positions):
            chosen.set_options(
                list(now.positions), value=now.current or next(iter(now.positions), None)
            )
        current.say(say("calibration.stands", position=now.current or say("unknown")))
        draw_moves()

    chosen.on_value_change(lambda _: draw())
    return draw


def _moves(read: ReadModule, position: str | None) -> list[CommandSuggestion]:
    module = read()
    return calibration_progress.moves(module, position) if module and position else []


def _values(screen: Screen, read: ReadModule, slot: CommandCardSlot) -> Draw:
    """The values as the CCU told them last; a press changes one."""
    say = screen.say
    title, empty = text("", "hint"), text(say("calibration.no_values"), "empty")
    values: dict[str, Scalar] = {}
    begin = _change(screen, read, slot)

    def line(key: str) -> Draw:
        with div("offer reference", "button") as entry:
            text(key, "mono cut")
            shown = text("", "mono")
        entry.on("click", lambda: begin(key, _word(values[key]))).mark("reference")
        attribute(entry, "title", say("calibration.change", key=key))
        return lambda: shown.say(_word(values[key]))

    with div("references"):
        listing = KeyedList(div("offers"), line, empty)

    def draw() -> None:
        if (found := _found(screen, read)) is None:
            return
        _, now = found
        values.clear()
        values.update(sorted(now.values.items()))
        listing.show(list(values))
        at = formats.NONE if now.told_at is None else screen.when(now.told_at)
        title.say(say("calibration.values", at=at))
        set_classes(title, hidden=not values)

    return draw


def _change(screen: Screen, read: ReadModule, slot: CommandCardSlot) -> Callable[[str, str], None]:
    """A field for one value; what is typed is opened as a command with its preview."""
    say, chosen = screen.say, [""]
    with div("row hidden") as row:
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
        set_classes(row, hidden=False)

    def preview() -> None:
        if module := read():
            suggestion = calibration_progress.change(
                module, chosen[0], calibration_progress.typed(field.value or "")
            )
            slot.open(suggestion.entry, suggestion.given)
            set_classes(row, hidden=True)

    show.on("click", preview)
    field.on("keydown.enter", preview)
    return begin


def _word(value: Scalar) -> str:
    return formats.NONE if value is None else str(value)
