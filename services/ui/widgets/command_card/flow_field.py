"""The flow of a colour as boxes in the order a piece visits them; each is moved or taken out."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from omf.commands.facts.factory import DELIVERY, unplaced
from omf.commands.facts.module import PROCESS_COMMANDS
from omf.commands.forms import split_list
from omf.state.modules import WAREHOUSE
from services.ui.widgets.command_card.field_editor import EditedField
from services.ui.widgets.elements import attribute, div, set_classes, text

MOST_STEPS = 20


class FlowField:
    """Names nothing while nobody touches it: the flow stays as the CCU has it."""

    def __init__(self, about: EditedField) -> None:
        self._about, self._screen = about, about.screen
        self._steps: list[str] = []
        with div("flow-field") as self.element:
            self._boxes = div("flow-boxes")
            with div("row") as more:
                text(self._screen.say("flow.add"), "hint")
                for kind in PROCESS_COMMANDS:
                    words = f"{kind} · {self._screen.say.known('module', kind)}"
                    add = text(kind, "act small", "button").on("click", partial(self._add, kind))
                    add.mark(f"{about.name}-add-{kind}")
                    attribute(add, "title", words)
                    attribute(add, "aria-label", f"{about.label}: {words}")
        attribute(more, "role", "group")
        attribute(self.element, "role", "group")

    def show(self, values: Mapping[str, Any], present: Any) -> None:
        """Draw the steps that are named, else those the CCU told."""
        named = values.get(self._about.name)
        self._steps = list(split_list(named) or present or ())
        self._draw()

    def _add(self, kind: str) -> None:
        if len(self._steps) < MOST_STEPS:
            self._change([*self._steps, kind])

    def _take(self, index: int) -> None:
        """A flow without a step is none: the last one stays."""
        if len(self._steps) > 1:
            self._change([one for number, one in enumerate(self._steps) if number != index])

    def _move(self, index: int, by: int) -> None:
        to = index + by
        if 0 <= to < len(self._steps):
            steps = list(self._steps)
            steps[index], steps[to] = steps[to], steps[index]
            self._change(steps)

    def _change(self, steps: list[str]) -> None:
        self._steps = steps
        self._draw()
        self._about.change(steps)

    def _draw(self) -> None:
        self._boxes.clear()
        with self._boxes:
            text(WAREHOUSE, "flow-box end")
            for index, step in enumerate(self._steps):
                self._box(index, step)
            text(DELIVERY, "flow-box end")

    def _box(self, index: int, step: str) -> None:
        say, missing = self._screen.say, unplaced(self._screen.model.factory, (step,))
        with div("flow-box") as box:
            text(step, "flow-name")
            if missing:
                text(say("flow.unplaced"), "hint wrong")
            with div("row"):
                acts = (("left", "◀", -1), ("right", "▶", 1))
                for name, sign, by in acts:
                    made = text(sign, "act small", "button")
                    made.on("click", partial(self._move, index, by))
                    made.mark(f"{self._about.name}-{index}-{name}")
                    attribute(made, "aria-label", say(f"flow.{name}", step=step, number=index + 1))
                gone = text("✕", "act small", "button").on("click", partial(self._take, index))
                gone.mark(f"{self._about.name}-{index}-out")
                attribute(gone, "aria-label", say("flow.out", step=step, number=index + 1))
                set_classes(gone, off=len(self._steps) == 1)
        set_classes(box, unknown=bool(missing))
