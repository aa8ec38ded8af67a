"""What stands on the steering page: its tabs, and which command belongs on which."""

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, get_args

from omf.commands import CONTROLS
from omf.commands.command_types.navigate import Preset
from omf.commands.facts.module import PROCESS_COMMANDS
from omf.constants import COLOURS
from services.ui.views import command_view

TABS = ("factory", "navigation", "modules", "orders", "free", "training")
_TAB_OF = {
    "orders": "orders",
    "vehicles": "navigation",
    "modules": "modules",
    "sensors": "modules",
    "factory": "factory",
    "raw": "free",
    "training": "training",
}
"""Which tab shows which group of kinds."""


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """A command with the parameters that make it what its name says."""

    name: str
    kind: str
    given: MappingProxyType[str, Any] = field(default_factory=lambda: MappingProxyType({}))


def entry(name: str, kind: str, **given: Any) -> MenuEntry:
    """An entry of the menu; `name` is also what its texts are called."""
    return MenuEntry(name, kind, MappingProxyType(given))


FACTORY = (
    entry("reset", "factory-reset", with_storage=False),
    entry("reset_storage", "factory-reset", with_storage=True),
    entry("park", "park"),
    entry("charge", "charge", charge=True),
    entry("charge_end", "charge", charge=False),
)
PRESETS = tuple(entry(name, "fts-navigate", preset=name) for name in get_args(Preset))
TARGET = entry("target", "fts-navigate")
REFILL = (
    *(entry(f"piece_{colour}", "mock-piece", colour=colour) for colour in COLOURS),
    entry("refill", "mock-refill"),
)
"""What keeps a mock factory going: pieces."""
INSTANT = (
    entry("fts-dock", "fts-dock"),
    entry("fts-pair", "fts-pair"),
    entry("clear-load-handler", "clear-load-handler", load_dropped=True),
    entry("fts-reset", "fts-reset"),
    entry("stop-charging", "stop-charging"),
    entry("fts-factsheet", "fts-factsheet"),
)
"""What a vehicle is told at once; its orders are drives. What is given serves the checks only."""
SEQUENCED = ("AIQS", "MILL", "DRILL")


def sequence(module: str, mode: str, colour: str) -> MenuEntry:
    """PICK, process and DROP of one piece, in one go or step by step."""
    return entry(mode, "module-sequence", module=module, mode=mode, colour=colour)


def steps(module: str) -> tuple[str, ...]:
    """The single steps of a module, in the order of its sequence."""
    return ("PICK", PROCESS_COMMANDS[module], "DROP")


def tab_of(kind: str) -> str:
    """The tab on which a kind stands."""
    if kind == command_view.ORDER:
        return "orders"
    if kind in CONTROLS:
        return "modules"
    groups = command_view.groups()
    return next((_TAB_OF[g] for g, names in groups.items() if kind in names), TABS[0])


def others(tab: str) -> dict[str, list[str]]:
    """By group, the kinds of a tab that have no entry of their own."""
    entries = (*FACTORY, *PRESETS, *INSTANT, *REFILL)
    own = {e.kind for e in entries} | {"module-sequence", "module-step"}
    groups = command_view.groups()
    left = {g: [n for n in names if n not in own] for g, names in groups.items()}
    return {g: names for g, names in left.items() if names and _TAB_OF[g] == tab}
