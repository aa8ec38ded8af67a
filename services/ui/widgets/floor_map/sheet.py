"""What every mark on the map needs to know of the paper it is drawn on."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, TypeVar, get_args

from nicegui import ui

from services.ui.live.screen import Screen
from services.ui.views.floor_plan import FloorPlan, Scale
from services.ui.widgets.elements import attribute

T = TypeVar("T")
Layer = Literal["loads", "held", "paths", "ages", "alarms"]
LAYERS: tuple[Layer, ...] = get_args(Layer)
"""What a person may switch off to see the rest better."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One drawing: where things stand, what is shown of them, what a click on one does."""

    screen: Screen
    plan: FloorPlan
    scale: Scale
    layers: frozenset[Layer]
    pick: Callable[[str], None]
    quarters: int = 0
    marks: dict[str, ui.element] = field(default_factory=dict)
    """What can be picked, by serial."""

    def shows(self, layer: Layer) -> bool:
        """True if this layer is switched on."""
        return layer in self.layers

    def shared(self, mark: str, name: str, build: Callable[[], T]) -> T:
        """What a mark shows, worked out once for all drawings that look alike."""
        return self.screen.shared((mark, name, self.scale.small, self.quarters, self.layers), build)

    def pickable(self, made: ui.element, serial: str) -> None:
        """Let pointer and keyboard reach a mark."""
        self.marks[serial] = made.classes("pickable").mark(f"floor-{serial}")
        for name, value in (("tabindex", "0"), ("role", "button"), ("data-serial", serial)):
            attribute(made, name, value)
        made.on("click", lambda: self.pick(serial))
        made.on("keydown.enter", lambda: self.pick(serial))
