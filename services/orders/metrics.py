"""What Prometheus learns of the commands."""

from collections.abc import Iterable

from prometheus_client import Counter, Gauge, Histogram

from services.common.streams import Command, CommandEvent, Stage

STAGES = Counter("omf_commands", "Commands that reached a stage", ["kind", "stage"])
SECONDS = Histogram(
    "omf_command_seconds",
    "From the asking to a stage",
    ["stage"],
    buckets=(0.005, 0.01, 0.02, 0.04, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300),
)
PENDING = Gauge("omf_commands_awaited", "Commands whose outcome is still awaited")
DUPLICATES = Counter("omf_commands_repeated", "Entries of a command already known")
DEAD = Gauge("omf_orders_dead_letters", "Entries given up since the start")
VIEW_AGE = Gauge("omf_orders_view_age_seconds", "Age of the view decisions are made on")

_TIMED = (Stage.PUBLISHED, Stage.ACKNOWLEDGED, Stage.EFFECT)


def count(command: Command, events: Iterable[CommandEvent]) -> None:
    """Take events over that were just written."""
    for event in events:
        STAGES.labels(event.kind, event.stage.value).inc()
        if event.stage in _TIMED and event.step == 0:
            SECONDS.labels(event.stage.value).observe(max(0.0, event.at - command.created_at))
