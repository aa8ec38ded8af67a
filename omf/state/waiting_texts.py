"""What an order may wait for; what it says is in the catalogues, under `wait.`."""

from typing import Literal, TypeAlias

WaitCause: TypeAlias = Literal[
    "queue",
    "ccu-silent",
    "bridge-down",
    "module-unpaired",
    "module-lost",
    "module-silent",
    "module-plc",
    "module-fatal",
    "module-failed",
    "module-paused",
    "module-blocked",
    "module-taken",
    "module-busy",
    "module-input",
    "module-race",
    "module-idle",
    "module-endless",
    "vehicle-none",
    "vehicle-unlisted",
    "vehicle-lost",
    "vehicle-silent",
    "vehicle-fatal",
    "vehicle-failed",
    "vehicle-position",
    "vehicle-obstacle",
    "vehicle-charging",
    "vehicle-blocked",
    "vehicle-taken",
    "vehicle-busy",
    "vehicle-full",
    "vehicle-way",
    "vehicle-idle",
    "vehicle-endless",
    "unexplained",
]

ORDINARY: frozenset[WaitCause] = frozenset(
    {
        "queue",
        "module-taken",
        "module-busy",
        "module-input",
        "vehicle-charging",
        "vehicle-taken",
        "vehicle-busy",
        "vehicle-full",
        "vehicle-way",
    }
)
"""Traffic: it ends by itself, nobody has to do anything."""
