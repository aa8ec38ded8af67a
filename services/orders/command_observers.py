"""What is told of a command beside the streams: metrics, a log line, the trace, lost publishes.

A broker of MQTT 3.1.1 that refuses the gateway a topic acknowledges the publish all the same and
drops it: it knows no other answer, and the command seems sent. Ingest reads every command topic
too, so a publish that does not come back by it was dropped.
"""

import logging
from collections import OrderedDict
from collections.abc import Iterable
from typing import TypeVar

from omf.messages.message import Message
from omf.topics import catalogue
from services.common.process import clock, tracing
from services.common.store.keys import FINAL_STAGES, Command, CommandEvent, Environment, Stage
from services.orders import metrics
from services.orders.admission import Admission

_log = logging.getLogger(__name__)

LOOPBACK_S = 5.0
"""A message is back within milliseconds; a slow broker may take a second."""
MAX_PROBED = 1000

K = TypeVar("K")
V = TypeVar("V")

Sent = tuple[str, bytes]
"""Topic and payload."""


class CommandObservers:
    """Everybody who is told of written events; called in the event loop, right after each write."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self.probe = LoopbackProbe()
        self.admission = Admission()

    def on_events(self, command: Command, events: tuple[CommandEvent, ...]) -> None:
        """Take over events that were just written."""
        metrics.count(command, events)
        self.probe.on_events(events)
        self.admission.on_events(events, clock.monotonic())
        for event in events:
            if event.stage in FINAL_STAGES:
                self._report_end(command, event)

    def check(self, now: float, *, blind: bool) -> None:
        """Call every few seconds: count and name what the broker took and never passed on."""
        if lost := self.probe.lost(now, blind=blind):
            metrics.UNSEEN.inc(lost)
            _log.error(
                "the broker acknowledged %d publishes and passed none on: "
                "does its access list let the gateway write these topics?",
                lost,
            )

    def _report_end(self, command: Command, event: CommandEvent) -> None:
        proof = event.evidence[-1] if event.evidence else ""
        facts = {"command_id": command.command_id, "kind": event.kind, "message_id": proof}
        _log.info("command ended: %s", event.stage.value, extra=facts)
        name = "effect" if event.stage is Stage.EFFECT else f"ended: {event.stage.value}"
        span = (min(command.created_at, event.at), event.at)
        tracing.past(name, command.trace, span, environment=self._environment, **facts)


class LoopbackProbe:
    """Compares what was published with what came back; bounded."""

    def __init__(self) -> None:
        self._published: OrderedDict[tuple[str, int], Sent] = OrderedDict()
        self._back: OrderedDict[Sent, None] = OrderedDict()
        self._awaited: OrderedDict[Sent, float] = OrderedDict()
        self._lost: OrderedDict[Sent, None] = OrderedDict()

    def on_events(self, events: Iterable[CommandEvent]) -> None:
        """Stages of commands as they are written."""
        for event in events:
            place = (event.command_id, event.step)
            if event.stage is Stage.PUBLISHED and _comes_back(event.topic):
                _keep(self._published, place, (event.topic, event.payload.encode()))
            elif event.stage is Stage.ACKNOWLEDGED and (sent := self._published.pop(place, None)):
                self._await(sent, event.at)

    def on_messages(self, messages: Iterable[Message]) -> None:
        """Messages as ingest mirrored them."""
        for message in messages:
            if not _comes_back(message.topic):
                continue
            sent = (message.topic, message.payload)
            self._lost.pop(sent, None)
            if self._awaited.pop(sent, None) is None:
                _keep(self._back, sent, None)

    def lost(self, now: float, *, blind: bool) -> int:
        """How many are given up since the last call; while `blind` none is, and all wait anew."""
        if blind:
            self._awaited = OrderedDict.fromkeys(self._awaited, now)
        late = [sent for sent, at in self._awaited.items() if now > at + LOOPBACK_S]
        for sent in late:
            del self._awaited[sent]
            _keep(self._lost, sent, None)
        return len(late)

    def dropped(self, topic: str, payload: bytes) -> bool:
        """True if the broker acknowledged this and it has not come back."""
        return (topic, payload) in self._awaited or (topic, payload) in self._lost

    def _await(self, sent: Sent, at: float) -> None:
        if sent in self._back:
            del self._back[sent]
        else:
            _keep(self._awaited, sent, at)


def _comes_back(topic: str) -> bool:
    """Only command topics are mirrored whatever class an operator chose."""
    entry = catalogue.of(topic)
    return entry is not None and entry.command and entry.priority <= catalogue.NEEDED_CLASS


def _keep(kept: OrderedDict[K, V], key: K, value: V) -> None:
    kept[key] = value
    if len(kept) > MAX_PROBED:
        kept.popitem(last=False)
