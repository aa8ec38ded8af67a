"""From the messages of a session to its report."""

from collections.abc import Sequence

from omf.analysis import traffic
from omf.analysis.alarm_log import AlarmLog
from omf.analysis.headers import Headers
from omf.analysis.report import Analysis, RejectRow
from omf.analysis.silences import Silences
from omf.analysis.steps import StepClock
from omf.messages.drift import report as drift_report
from omf.messages.message import Message
from omf.messages.misfits import told
from omf.messages.reading import Reading, Rejected, parse
from omf.state import FactoryState

MAX_REPORTED_REJECTS = 1000
"""Told one by one; the drift report counts them all."""
ORDER_TOPICS = frozenset({"ccu_order_active", "ccu_order_completed", "ccu_order_response"})


class EmptySessionError(ValueError):
    """A session without a message tells nothing."""


def analyse(messages: Sequence[Message]) -> Analysis:
    """Read a whole session, in order of arrival, each message with its id.

    Needs it in memory: about 1 kB a message. EmptySessionError when there is none.
    """
    if not messages:
        raise EmptySessionError("the session has no messages")
    reader = _Reader()
    for message in messages:
        reader.take(message)
    began_at, ended_at = messages[0].received_at, messages[-1].received_at
    reader.alarms.look(reader.state, ended_at)
    return reader.report(messages, began_at, ended_at)


class _Reader:
    """One pass over a session."""

    def __init__(self) -> None:
        self.state = FactoryState()
        self.alarms = AlarmLog()
        self._steps = StepClock()
        self._headers = Headers()
        self._silences = Silences()
        self._rejects: list[RejectRow] = []

    def take(self, message: Message) -> None:
        at = message.received_at
        self.alarms.pass_to(self.state, at)
        self.state.apply(message, at)
        if not message.retain:
            self._silences.hear(message.topic, at)
        match parse(message.topic, message.payload):
            case Reading() as reading:
                self._hear(message, reading, at)
                if reading.misfits:
                    self._reject(at, message.topic, "partly_read", told(reading.misfits).en)
            case Rejected(topic, reason, detail):
                self._reject(at, topic, reason, detail.en)

    def _reject(self, at: float, topic: str, reason: str, detail: str) -> None:
        if len(self._rejects) < MAX_REPORTED_REJECTS:
            self._rejects.append(RejectRow(at=at, topic=topic, reason=reason, detail=detail))

    def _hear(self, message: Message, reading: Reading, at: float) -> None:
        if not message.retain:
            self._headers.hear(message.topic, reading, at)
            self._steps.hear(reading.payload, reading.levels.get("serial"), at)
        if reading.entry.name in ORDER_TOPICS:
            self._steps.look(self.state, at)

    def report(self, messages: Sequence[Message], began_at: float, ended_at: float) -> Analysis:
        said = self.state.traffic
        # A completed order from before the session was never seen active in it.
        own = [
            order
            for order in self.state.orders.values()
            if any(sighting.list == "active" for sighting in order.sightings)
        ]
        return Analysis(
            began_at=began_at,
            ended_at=ended_at,
            messages=said.total,
            bytes=said.bytes,
            retained=sum(message.retain for message in messages),
            sha256=traffic.digest(messages),
            topics=traffic.topic_rows(said, messages, ended_at - began_at),
            rate=traffic.rate(messages, began_at, ended_at),
            orders=tuple(map(self._steps.order, own)),
            carried_over=len(self.state.orders) - len(own),
            sequences=self._headers.rows(),
            silences=self._silences.rows(ended_at),
            rejects=tuple(self._rejects),
            drift=drift_report(messages),
            alarms=self.alarms.rows(),
            end=self.state.view(ended_at),
        )
