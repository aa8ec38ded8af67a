"""The layout as its grid: nodes are dragged or moved by keys, roads laid, new nodes set.

Each press changes the whole message of the field; what the factory would not survive or could not
drive by is said by the checks of the card.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple

from nicegui import ui
from nicegui.events import GenericEventArguments

from omf.layout.cells import Cell
from omf.layout.draft import LayoutDraft
from omf.layout.roads import COMPASS, Direction
from services.ui.widgets.command_card.field_editor import EditedField, object_of
from services.ui.widgets.elements import Label, attribute, div, set_classes, text

KEYS: dict[str, Direction] = {
    "ArrowUp": "NORTH",
    "ArrowRight": "EAST",
    "ArrowDown": "SOUTH",
    "ArrowLeft": "WEST",
}
SIGNS: dict[Direction, str] = {"NORTH": "▲", "EAST": "▶", "SOUTH": "▼", "WEST": "◀"}
ARROWS = "(e) => { if (e.key.startsWith('Arrow')) { e.preventDefault(); emit(e.key); } }"
MOST_CELLS = 400
"""A layout on a larger grid is edited as JSON."""


class _GridCell(NamedTuple):
    element: ui.element
    name: Label
    stubs: dict[Direction, ui.element]


class LayoutField:
    """One grid with the chosen cell's acts below it."""

    def __init__(self, about: EditedField) -> None:
        self._about, self._screen = about, about.screen
        self._draft = LayoutDraft.opened({})
        self._shown: object = None
        self._cells: dict[Cell, _GridCell] = {}
        self._left = self._right = self._top = self._low = 0
        self._chosen: Cell | None = None
        self._dragged = ""
        with div("layout-field") as self.element:
            self._grid = div("layout-grid").on("keydown", self._key, js_handler=ARROWS)
            self._acts = div("layout-acts")
        attribute(self.element, "role", "group")

    def show(self, values: Mapping[str, Any], present: Any) -> None:
        """Draw the layout that is named, else the one the CCU told."""
        body = object_of(values.get(self._about.name, present))
        if body != self._shown:
            self._shown, self._draft = body, LayoutDraft.opened(body)
            self._chosen = None
        self._draw()

    def _change(self, draft: LayoutDraft, chosen: Cell | None) -> None:
        self._chosen = chosen
        if draft.body != self._draft.body or draft.cells != self._draft.cells:
            self._draft, self._shown = draft, draft.body
            self._about.change(draft.body)
        self._draw()

    def _draw(self) -> None:
        self._grow()
        for cell, made in self._cells.items():
            self._draw_cell(cell, made)
        self._acts.clear()
        with self._acts:
            self._draw_acts()

    def _grow(self) -> None:
        """Cells around all nodes; those that are there stay, and with them the focus."""
        for x, y in self._draft.cells.values():
            self._left, self._right = min(self._left, x - 1), max(self._right, x + 1)
            self._top, self._low = min(self._top, y - 1), max(self._low, y + 1)
        columns, lines = range(self._left, self._right + 1), range(self._top, self._low + 1)
        if len(columns) * len(lines) > MOST_CELLS:
            self._acts.clear()
            return
        self._grid.style(f"grid-template-columns: repeat({len(columns)}, minmax(44px, 1fr))")
        with self._grid:
            for cell in ((x, y) for y in lines for x in columns):
                if cell not in self._cells:
                    self._cells[cell] = self._new_cell(cell)
        for (x, y), made in self._cells.items():
            column, line = x - self._left + 1, y - self._top + 1
            made.element.style(f"grid-column: {column}; grid-row: {line}")

    def _new_cell(self, cell: Cell) -> _GridCell:
        with div("layout-cell", "button") as made:
            stubs = {direction: div(f"stub {direction.lower()}", "span") for direction in COMPASS}
            name = text("")
        made.on("click", partial(self._choose, cell)).mark(f"cell-{cell[0]}-{cell[1]}")
        made.on("drop", partial(self._dropped, cell))
        made.on("dragover", js_handler="(event) => event.preventDefault()")
        made.on("dragstart", partial(self._drag, cell))
        return _GridCell(made, name, stubs)

    def _draw_cell(self, cell: Cell, made: _GridCell) -> None:
        node, draft, say = self._draft.at(cell), self._draft, self._screen.say
        for direction, stub in made.stubs.items():
            other = draft.at(draft.beside(node, direction)) if node else ""
            set_classes(stub, hidden=not (other and draft.road(node, other)))
        made.name.say(self._called(node))
        set_classes(made.name, layout_node=bool(node))
        set_classes(
            made.element,
            module=node in draft.modules,
            crossing=bool(node) and node not in draft.modules,
            loose=bool(node) and not draft.has_road(node),
            chosen=cell == self._chosen,
        )
        free = say(
            "layout_editor.free", column=cell[0] - self._left + 1, line=cell[1] - self._top + 1
        )
        attribute(made.element, "aria-label", self._called(node) or free)
        attribute(made.element, "aria-pressed", str(cell == self._chosen).lower())
        attribute(made.element, "draggable", str(bool(node)).lower())

    def _called(self, node: str) -> str:
        kind = self._draft.modules.get(node)
        if not kind:
            return node
        if given := self._screen.model.factory.site.module_name(node):
            return self._screen.say.either(given)
        alike = list(self._draft.modules.values()).count(kind)
        return kind if alike == 1 else f"{kind} {node}"

    def _choose(self, cell: Cell) -> None:
        self._change(self._draft, None if cell == self._chosen else cell)

    def _drag(self, cell: Cell) -> None:
        self._dragged = self._draft.at(cell)

    def _dropped(self, cell: Cell) -> None:
        if self._dragged:
            self._change(self._draft.moved(self._dragged, cell), cell)
        self._dragged = ""

    def _key(self, event: GenericEventArguments) -> None:
        node = self._draft.at(self._chosen) if self._chosen else ""
        if node and (direction := KEYS.get(str(event.args))):
            self._push(node, direction)
            if (moved := self._cells.get(self._draft.cells[node])) is not None:
                # The keys go on moving it: they are heard by the cell it stands in now.
                moved.element.run_method("focus")

    def _push(self, node: str, direction: Direction) -> None:
        """One cell further, if nothing stands there."""
        to = self._draft.beside(node, direction)
        moved = self._draft.moved(node, to)
        self._change(moved, moved.cells[node])

    def _draw_acts(self) -> None:
        say = self._screen.say
        if self._chosen is None or self._chosen not in self._cells:
            if len(self._cells) < len(self._draft.cells):
                text(say("layout_editor.too_wide"), "hint wrong")
            text(say("layout_editor.hint"), "hint")
            return
        if node := self._draft.at(self._chosen):
            self._node_acts(node)
        else:
            self._cell_acts(self._chosen)

    def _node_acts(self, node: str) -> None:
        say, name = self._screen.say, self._called(node)
        serial = f" {node}" if node in self._draft.modules and node not in name else ""
        text(f"{name}{serial}", "layout-chosen")
        with div("row"):
            text(say("layout_editor.move"), "hint")
            for direction in COMPASS:
                self._act(
                    f"move-{direction}",
                    SIGNS[direction],
                    f"layout_editor.move.{direction}",
                    partial(self._push, node, direction),
                )
        for direction in COMPASS:
            self._road_acts(node, direction)
        with div("row"):
            gone = partial(self._change, self._draft.without(node), None)
            self._act("out", say("layout_editor.remove"), "", gone)

    def _road_acts(self, node: str, direction: Direction) -> None:
        draft, say = self._draft, self._screen.say
        other = draft.at(draft.beside(node, direction))
        road = draft.road(node, other) if other else None
        if not other or (road is None and {node, other} <= draft.modules.keys()):
            return
        with div("row"):
            text(say("layout_editor.road", name=self._called(other)), "hint")
            if road is None:
                lay = partial(self._change, draft.joined(node, other), self._chosen)
                self._act(f"lay-{other}", say("layout_editor.lay"), "", lay)
                return
            self._length(node, other, road)
            cut = partial(self._change, draft.parted(node, other), self._chosen)
            self._act(f"cut-{other}", say("layout_editor.cut"), "", cut)

    def _length(self, node: str, other: str, road: Mapping[str, Any]) -> None:
        label = self._screen.say("layout_editor.length", name=self._called(other))
        made = ui.input(value=str(road.get("length", ""))).classes("field short")
        made.props("dense outlined square type=number").mark(f"length-{other}")
        attribute(made, "aria-label", label)

        def changed() -> None:
            try:
                length = float(made.value or "")
            except ValueError:
                return
            whole = int(length) if length == int(length) else length
            self._change(self._draft.with_length(node, other, whole), self._chosen)

        made.on("change", changed)

    def _cell_acts(self, cell: Cell) -> None:
        say, draft = self._screen.say, self._draft
        set_crossing = partial(self._change, draft.with_crossing(cell), cell)
        with div("row"):
            self._act("crossing", say("layout_editor.crossing"), "", set_crossing)
            for serial, kind in self._known_modules().items():
                add = partial(self._change, draft.with_module(serial, kind, cell), cell)
                words = say("layout_editor.module", name=f"{kind} {serial}")
                self._act(f"add-{serial}", words, "", add)

    def _known_modules(self) -> dict[str, str]:
        """Modules the factory has that do not stand in this layout."""
        known = self._screen.model.factory.modules.values()
        return {m.serial: m.type for m in known if m.type and m.serial not in self._draft.cells}

    def _act(self, mark: str, words: str, said: str, do: Any) -> None:
        made = text(words, "act small", "button").on("click", do).mark(f"layout-{mark}")
        if said:
            attribute(made, "aria-label", self._screen.say(said))
