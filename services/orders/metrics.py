"""What Prometheus learns of the commands."""

from collections.abc import Iterable

from prometheus_client import Counter, Gauge, Histogram

from omf.commands import CONTROLS, KINDS
from services.common.store.bus import Bus, StoreError
from services.common.store.keys import Command, CommandEvent, Stage

STAGES = Counter("omf_commands", "Commands that reached a stage", ["kind", "stage"])
SECONDS = Histogram(
    "omf_command_seconds",
    "From the asking to a stage",
    ["stage"],
    buckets=(0.005, 0.01, 0.02, 0.04, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300),
)
PENDING = Gauge("omf_commands_awaited", "Commands whose outcome is still awaited")
DUPLICATES = Counter("omf_commands_repeated", "Entries of a command already known")
UNSEEN = Counter(
    "omf_commands_unseen", "Publishes the broker acknowledged that never came back through ingest"
)
BACKLOG = Gauge("omf_orders_backlog", "Commands and receipts in hand")
DEAD = Gauge("omf_dead_letters", "Entries of commands, receipts and outbox given up and kept")
EVER_DEAD = Gauge(
    "omf_dead_letters_ever", "Entries given up so far, deleted ones too", registry=None
)
"""Registered once it is known: a zero before it would look like a rise at every start."""
VIEW_AGE = Gauge("omf_orders_view_age_seconds", "Age of the view decisions are made on")

OTHER = "other"
"""Anybody can invent a kind; only those of the menu become labels."""
_KINDS = frozenset((*KINDS, *CONTROLS))
for _kind in (*_KINDS, OTHER):
    for _stage in Stage:
        STAGES.labels(_kind, _stage.value)

_TIMED = (Stage.PUBLISHED, Stage.ACKNOWLEDGED, Stage.EFFECT)
# The first command of a day counts too: a rate needs a zero before it.
for _stage in _TIMED:
    SECONDS.labels(_stage.value)


def count(command: Command, events: Iterable[CommandEvent]) -> None:
    """Take events over that were just written."""
    for event in events:
        kind = event.kind if event.kind in _KINDS else OTHER
        STAGES.labels(kind, event.stage.value).inc()
        if event.stage in _TIMED and event.step == 0:
            SECONDS.labels(event.stage.value).observe(max(0.0, event.at - command.created_at))


async def show_dead(bus: Bus) -> None:
    """Count what was given up; what is deleted or grows too old takes nothing off the second."""
    try:
        info = await bus.call(bus.client.xinfo_stream(bus.key("dead")))
    except StoreError as error:
        if "no such key" not in str(error):
            raise
        info = {"length": 0, "entries-added": 0}
    DEAD.set(info["length"])
    EVER_DEAD.set(info["entries-added"])
