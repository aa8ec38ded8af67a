"""What an analysis says of a session: frozen, JSON-able, times as arrivals in Unix seconds."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from omf.durations import Span
from omf.messages.drift import DriftReport
from omf.texts import Text, of_fields

Verdict = Literal[
    "usual", "slow", "fast", "failed", "cancelled", "skipped", "open", "waiting", "unknown"
]
"""How a step went. `skipped`: nothing was to be done; `open`: not ended; `waiting`: not begun."""


class ReportPart(BaseModel):
    """Base of all parts of a report."""

    model_config = ConfigDict(frozen=True)


class TopicRow(ReportPart):
    """Traffic of one topic; `priority` is its class, 6 where the catalogue has no better."""

    topic: str
    priority: int
    count: int
    bytes: int
    retained: int
    """How many came as a copy the broker kept."""
    per_minute: float
    usual_per_minute: float | None
    """By the catalogue; None for events."""
    sha256: str
    """Over its messages in their order, as `Analysis.sha256`."""


class Rate(ReportPart):
    """Messages over time in equal buckets, by class 1 to 6."""

    bucket_s: float
    counts: dict[int, tuple[int, ...]]


class StepRow(ReportPart):
    """One step of an order: begun when the device was told, ended when it reported the end."""

    id: str | None
    name: str
    """`HBW.DROP`, or `DRILL → AIQS` for a drive."""
    drive: bool
    device: str | None
    """Module type or serial of the vehicle."""
    state: str | None
    """The CCU's word."""
    began_at: float | None
    ended_at: float | None
    wait_s: float | None
    """Between the end of the step before and this one's begin."""
    usual: Span | None
    verdict: Verdict

    @property
    def duration_s(self) -> float | None:
        """Seconds from begin to end; None unless both were seen."""
        if self.began_at is None or self.ended_at is None:
            return None
        return self.ended_at - self.began_at


class OrderRow(ReportPart):
    """One order that ran in the session."""

    id: str
    type: str | None
    colour: str | None
    state: str | None
    """The CCU's last word; IN_PROGRESS is open at the end."""
    vanished: bool
    """Left the CCU's lists without an end: a reset."""
    began_at: float
    ended_at: float | None
    usual_alone: Span | None
    steps: tuple[StepRow, ...]

    @property
    def duration_s(self) -> float | None:
        """Seconds from its first list to its end."""
        return None if self.ended_at is None else self.ended_at - self.began_at

    @property
    def waited_s(self) -> float:
        """Seconds in which no step of it was under way."""
        return sum(step.wait_s or 0.0 for step in self.steps)


class Gap(ReportPart):
    """Messages that were sent and not received, told by headerId (PROTOCOL F.37)."""

    at: float
    missing: int
    before: int
    """Last headerId before the gap."""
    after: int


class SenderCounter(ReportPart):
    """One sender's counter: the bridge of a module counts over all its topics together."""

    source: str
    messages: int
    countable: bool
    """False: the sender mixes counters (DPS, PROTOCOL F.23), so nothing can be said."""
    gaps: tuple[Gap, ...]
    reboots: tuple[float, ...]
    """Arrivals of the first message after the counter began again."""


class Silence(ReportPart):
    """Nothing came from `source` (`*`: from anybody) for longer than it ever is quiet."""

    source: str
    began_at: float
    ended_at: float
    limit_s: float
    open: bool = False
    """It lasted to the end of the session."""


class RejectRow(ReportPart):
    """One message that did not fit its model."""

    at: float
    topic: str
    reason: str
    detail: str


class AlarmRow(ReportPart):
    """One alarm, from the first time it stood to the last."""

    id: str
    rule: str
    severity: str
    subject: str
    de: str
    en: str
    fr: str
    first_at: float
    last_at: float
    times: int
    """How often it came."""
    open: bool
    """It stood at the end."""

    @property
    def text(self) -> Text:
        """What it said."""
        return of_fields(self)


class Analysis(ReportPart):
    """Everything one session tells."""

    began_at: float
    ended_at: float
    messages: int
    bytes: int
    retained: int
    sha256: str
    """Over topic, NUL, payload, LF of every message: the same for the same session only."""
    topics: tuple[TopicRow, ...]
    rate: Rate
    orders: tuple[OrderRow, ...]
    carried_over: int
    """Orders only listed as completed, from before the session."""
    sequences: tuple[SenderCounter, ...]
    silences: tuple[Silence, ...]
    rejects: tuple[RejectRow, ...]
    drift: DriftReport
    alarms: tuple[AlarmRow, ...]
    end: dict[str, Any]
    """`omf state` at the last message (docs/state.md)."""

    @property
    def duration_s(self) -> float:
        """Seconds from the first message to the last."""
        return self.ended_at - self.began_at
