"""Tells everybody beside the bus what became of a command: figures, a log line, the trace."""

import logging
from collections.abc import Sequence

from omf.messages.message import Message
from services.common.process import tracing
from services.common.store.keys import FINAL_STAGES, Command, CommandEvent, Environment, Stage
from services.orders import metrics
from services.orders.echo import Echo

_log = logging.getLogger(__name__)


class Telling:
    """What the arbiter says beside its streams."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._echo = Echo()

    def tell(self, command: Command, events: tuple[CommandEvent, ...]) -> None:
        """Take over events that were just written."""
        metrics.count(command, events)
        self._echo.tell(events)
        for event in events:
            if event.stage in FINAL_STAGES:
                self._ended(command, event)

    def hear(self, batch: Sequence[Message]) -> None:
        """Messages as they were mirrored."""
        self._echo.hear(batch)

    def dropped(self, topic: str, payload: bytes) -> bool:
        """True if the broker acknowledged a publish and passed it on to nobody."""
        return self._echo.dropped(topic, payload)

    def check(self, now: float, *, blind: bool) -> None:
        """Call every few seconds: count and name what the broker took and never passed on."""
        if lost := self._echo.lost(now, blind=blind):
            metrics.UNSEEN.inc(lost)
            _log.error(
                "the broker acknowledged %d publishes and passed none on: "
                "does its access list let the gateway write these topics?",
                lost,
            )

    def _ended(self, command: Command, event: CommandEvent) -> None:
        proof = event.evidence[-1] if event.evidence else ""
        facts = {"command_id": command.command_id, "kind": event.kind, "message_id": proof}
        _log.info("command ended: %s", event.stage.value, extra=facts)
        name = "effect" if event.stage is Stage.EFFECT else f"ended: {event.stage.value}"
        span = (min(command.created_at, event.at), event.at)
        tracing.past(name, command.trace, span, environment=self._environment, **facts)
