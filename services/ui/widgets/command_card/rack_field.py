"""The contents of a warehouse as its rack: a bay is chosen, and given a piece or emptied."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from nicegui import ui

from omf.commands.present import bays_of
from omf.commands.setting_changes import piece_of
from omf.constants import COLOURS
from omf.state.modules import WAREHOUSE, Module
from services.ui.widgets.command_card.field_editor import EditedField, object_of
from services.ui.widgets.elements import Label, attribute, div, set_classes, text
from services.ui.widgets.rack import disc, paint

NO_PIECE = ""
"""Among the colours: nothing lies there."""
TAG_DIGITS = 14


class RackField:
    """Holds only the bays that were touched; the others are shown as the warehouse told them."""

    def __init__(self, about: EditedField) -> None:
        self._about, self._screen = about, about.screen
        self._value: dict[str, Any] = {}
        self._present: Mapping[str, Any] | None = None
        self._store: Module | None = None
        self._chosen = ""
        self._names: tuple[str, ...] = ()
        self._bays: dict[str, tuple[ui.element, Label, Label]] = {}
        with div("rack-field") as self.element:
            self._rack = div("rack")
            self._untold = text(self._screen.say("rack.untold"), "hint wrong hidden")
            with div("rack-piece hidden") as self._piece:
                self._title = text("", "hint")
                self._colours = {one: self._colour(one) for one in (NO_PIECE, *COLOURS)}
                self._tag = self._tag_input()
                say = self._screen.say
                self._keep = text(say("rack.keep"), "act small", "button")
                self._keep.on("click", self._kept).mark("bay-keep")
            with div("row"):
                clear = text(self._screen.say("rack.empty_all"), "act small", "button")
                clear.on("click", self._emptied).mark("bays-empty")
        attribute(self.element, "role", "group")

    def show(self, values: Mapping[str, Any], present: Any) -> None:
        """Draw the bays named over those the warehouse told."""
        self._value = object_of(values.get(self._about.name))
        self._present = present
        self._store = self._asked(values.get("serial"))
        names = self._read_order() or tuple(self._value)
        if names != self._names:
            self._names, self._bays = names, {}
            self._rack.clear()
            with self._rack:
                self._bays = {name: self._bay(name) for name in names}
        set_classes(self._untold, hidden=bool(names))
        self._draw()

    def _asked(self, serial: Any) -> Module | None:
        modules = self._screen.model.factory.modules.values()
        stores = [one for one in modules if one.type == WAREHOUSE]
        chosen = [one for one in stores if serial in (None, "", one.serial)]
        return chosen[0] if len(chosen) == 1 else None

    def _read_order(self) -> tuple[str, ...]:
        """Every bay, row by row as people read a rack."""
        if self._store is None:
            return ()
        row_by_row = self._screen.model.factory.racks.get(self._store.serial, ())
        return tuple(dict.fromkeys((*row_by_row, *bays_of(self._store))))

    def _bay(self, name: str) -> tuple[ui.element, Label, Label]:
        with div("bay", "button") as made:
            text(name, "bay-name")
            piece, word = disc(None), text("", "bay-word")
        made.on("click", partial(self._choose, name)).mark(f"bay-{name}")
        return made, piece, word

    def _colour(self, colour: str) -> Label:
        say = self._screen.say
        words = say(f"colour.{colour}") if colour else say("stock.empty")
        made = text(words, "act small", "button")
        made.on("click", partial(self._take, colour)).mark(f"bay-colour-{colour or 'none'}")
        return made

    def _tag_input(self) -> ui.input:
        label = self._screen.say("rack.tag")
        made = ui.input(placeholder=label).classes("field").mark("bay-tag")
        made.props(f'dense outlined square maxlength={TAG_DIGITS} aria-label="{label}"')
        made.on_value_change(lambda event: self._tagged(event.value or ""))
        return made

    def _now(self, name: str) -> Any:
        """What is named for a bay, else what lies there; None: nobody told."""
        told = self._present.get(name) if self._present is not None else None
        return self._value.get(name, told)

    def _choose(self, name: str) -> None:
        self._chosen = name
        self._draw()

    def _take(self, colour: str) -> None:
        if not self._chosen:
            return
        tag = piece_of(self._now(self._chosen))[1]
        self._put({self._chosen: {"type": colour, "workpieceId": tag} if colour else {}})

    def _tagged(self, tag: str) -> None:
        colour, before = piece_of(self._now(self._chosen))
        if self._chosen and colour and tag.strip() != before:
            self._put({self._chosen: {"type": colour, "workpieceId": tag.strip()}})

    def _kept(self) -> None:
        left = {name: piece for name, piece in self._value.items() if name != self._chosen}
        self._change(left)

    def _emptied(self) -> None:
        self._put({name: {} for name in self._names})

    def _put(self, pieces: Mapping[str, Any]) -> None:
        self._change({**self._value, **pieces})

    def _change(self, value: dict[str, Any]) -> None:
        self._value = value
        self._draw()
        self._about.change(value)

    def _draw(self) -> None:
        for name, (made, piece, word) in self._bays.items():
            self._draw_bay(name, made, piece, word)
        set_classes(self._piece, hidden=self._chosen not in self._bays)
        if self._chosen not in self._bays:
            return
        say, (colour, tag) = self._screen.say, piece_of(self._now(self._chosen))
        known = (
            self._screen.model.factory.stock.bay(self._store.serial, self._chosen)
            if (self._store)
            else None
        )
        state = say.known("stock.state", known.state) if known and known.state else ""
        self._title.say(say("rack.bay", bay=self._chosen, state=state).rstrip(" ·"))
        for one, button in self._colours.items():
            attribute(button, "aria-pressed", str(one == colour).lower())
            set_classes(button, current=one == colour)
        self._tag.set_value(tag)
        self._tag.set_enabled(bool(colour))
        set_classes(self._keep, off=self._chosen not in self._value)

    def _draw_bay(self, name: str, made: ui.element, piece: Label, word: Label) -> None:
        say, now = self._screen.say, self._now(name)
        colour, tag = piece_of(now)
        paint(piece, colour or None)
        told = (
            say("unknown") if now is None else (tag or (say("stock.empty") if not colour else ""))
        )
        word.say(told)
        touched = name in self._value
        set_classes(made, named=touched, chosen=name == self._chosen, unknown=now is None)
        attribute(made, "aria-pressed", str(name == self._chosen).lower())
        words = f"{name}: {say.known('colour', colour) if colour else ''} {told}".strip()
        attribute(made, "aria-label", say("rack.changed", bay=words) if touched else words)
