"""Names of keys, and the models that cross the bus. Who writes and reads what: contracts.py.

All keys of one environment share the hash tag `{<environment>}`, so a cluster keeps a factory on
one shard. Streams of our own hold one field, `__data__`, the JSON of their model.
"""

from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from omf.commands.schemas import ShownBy
from omf.constants import JOURNAL as JOURNAL  # noqa: PLC0414 - its readers find it here
from omf.constants import SERVICE_SILENCE_S
from omf.messages.edited import EditedMessages
from omf.texts import Text
from services.common.store.environments import (
    Environment as Environment,  # noqa: PLC0414 - its readers find it here
)


class Role(StrEnum):
    """What a person may do; each role may all that stands before it."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"

    def includes(self, needed: "Role") -> bool:
        """True if this role may do what `needed` may."""
        return self.rank >= needed.rank

    @property
    def rank(self) -> int:
        """The more a role may, the greater."""
        return list(Role).index(self)


class Stage(StrEnum):
    """A station in a command's life (DESIGN section 6)."""

    REQUESTED = "requested"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    QUEUED = "queued"
    PUBLISHED = "published"
    ACKNOWLEDGED = "acknowledged"
    EFFECT = "effect"
    NO_EFFECT = "no_effect"
    FAILED = "failed"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


FINAL_STAGES = frozenset(
    {Stage.REFUSED, Stage.EFFECT, Stage.NO_EFFECT, Stage.FAILED, Stage.EXPIRED, Stage.UNKNOWN}
)


class StreamModel(BaseModel):
    """Base of all that crosses the bus: frozen, strict to write, tolerant of newer fields."""

    model_config = ConfigDict(frozen=True, extra="ignore")


Trace = Annotated[str, Field(pattern=r"^(00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2})?$")]
"""Place in a trace as W3C `traceparent`; "" while none is kept (tracing.py)."""
MAX_OVERRIDE = 200
OverrideReason = Annotated[str, StringConstraints(strip_whitespace=True, max_length=MAX_OVERRIDE)]
"""Why it shall go although our prudence forbids it."""


_Basis = Literal["", "factory", "prudence", "confirmation"]


class Reason(StreamModel):
    """Why something is so, in every language; `id` is stable and what tests and links name."""

    id: str
    de: str
    en: str
    basis: _Basis = ""
    fr: str = ""
    """Empty in what was written before there was French: then the English is shown."""

    @classmethod
    def of(cls, reason_id: str, said: Text, basis: _Basis = "") -> Self:
        """A reason with the words of a text."""
        return cls(id=reason_id, **said.to_dict(), basis=basis)


KnownBy = ShownBy
"""How the door knew who asks: by the account or the token shown; "": the name is only claimed."""


class Command(StreamModel):
    """An operator's intent. `command_id` is made when the preview opens, so a retry is the same."""

    command_id: str = Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_.:-]+$")
    kind: str = Field(min_length=1, max_length=64)
    parameters: dict[str, Any] = Field(default_factory=dict)
    environment: Environment
    operator: str = Field(min_length=1, max_length=64)
    role: Role
    created_at: float
    """Store clock, Unix seconds."""
    source: str = ""
    """Where the asker sat: `ui 127.0.0.1`, `cli anna@host`."""
    note: str = ""
    plan: str = Field(default="", max_length=200)
    """Fingerprint of the preview that was read, all else is refused; "": whatever it means now."""
    override: OverrideReason = ""
    edited: EditedMessages | None = None
    """Messages that go out as a person wrote them, in the place of those we would make."""
    trace: Trace = ""
    known_by: KnownBy = ""


class Outgoing(StreamModel):
    """Bytes decided by orders; the gateway may refuse them but never changes them."""

    outbox_id: str
    """`<command_id>/<step>`"""
    command_id: str
    kind: str
    step: int = 0
    topic: str
    payload: str
    qos: Literal[0, 1, 2] = 1
    retain: bool = False
    once: bool = True
    """True: a resend could act twice; after a crash the outcome is `unknown`."""
    expires_at: float
    """Store clock, Unix seconds."""
    operator: str
    role: Role
    override: OverrideReason = ""
    trace: Trace = ""


class ReceiptStage(StrEnum):
    """What the gateway knows of one publish."""

    ATTEMPTED = "attempted"
    ACKNOWLEDGED = "acknowledged"
    REFUSED = "refused"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


class Receipt(StreamModel):
    """One thing the gateway did with an Outgoing."""

    outbox_id: str
    command_id: str
    step: int = 0
    stage: ReceiptStage
    at: float
    reason: Reason | None = None


class CommandEvent(StreamModel):
    """One stage of one command; `evidence` are the ids of the messages that prove it."""

    command_id: str
    kind: str
    stage: Stage
    at: float
    step: int = 0
    operator: str = ""
    reasons: tuple[Reason, ...] = ()
    evidence: tuple[str, ...] = ()
    topic: str = ""
    payload: str = ""
    order_id: str = ""


class Checked(StreamModel):
    """An interlock at the decision: `met` None is not known, `overridden` by the given reason."""

    id: str
    met: bool | None
    overridden: bool = False


class AuditRecord(StreamModel):
    """Who asked for what, from where and why; the decision, and in a second record the outcome."""

    command: Command
    part: Literal["decision", "outcome"] = "decision"
    decision: Stage
    """Accepted, refused or expired; the final stage in the record of the outcome, and of a command
    that needs nothing of the factory."""
    at: float
    reasons: tuple[Reason, ...] = ()
    view_age_s: float | None = None
    checks: tuple[Checked, ...] = ()
    """The factory's state before, as far as it mattered."""
    journal_id: str = ""
    """The journal up to this message tells all of that state."""
    topic: str = ""
    payload: str = ""
    later: tuple[tuple[str, str], ...] = ()
    """Topic and payload of the steps after the first."""
    evidence: tuple[str, ...] = ()
    """Ids of the messages that prove the outcome."""


class CommandRecord(StreamModel):
    """A command's life so far, oldest event first."""

    command: Command
    events: tuple[CommandEvent, ...] = ()

    @property
    def stage(self) -> Stage:
        """The last stage reached; `requested` before any event."""
        return self.events[-1].stage if self.events else Stage.REQUESTED

    @property
    def final(self) -> bool:
        """True once nothing more will happen by itself."""
        return self.stage in FINAL_STAGES


class TooLarge(StreamModel):
    """The last payload that ingest refused for its size (bytes), and how many there were."""

    topic: str
    size: int
    limit: int
    at: float
    count: int = 1


class LinkHealth(StreamModel):
    """Health of one broker connection, written at least every two seconds by its owner."""

    connected: bool
    broker: str
    since: float
    """When `connected` last changed; store clock, as `at`, when this was written."""
    at: float
    session_present: bool = False
    last_packet_at: float | None = None
    reconnects: int = 0
    refused_filters: tuple[str, ...] = ()
    queue: int = 0
    journal_until: float | None = None
    """All that came by then lies in the journal, by the clock of its ids; None: it is not told."""
    detail: str = ""
    client_id: str = ""
    """The name the broker knows this side by: which instance it is."""
    taken_over_by: str = ""
    """Client id of another client that took the connection over; "" while none did."""
    protocol: str = ""
    """Version of MQTT the broker speaks with this side: `5` or `3.1.1`; "" while none is known."""
    too_large: TooLarge | None = None
    ahead_s: float = 0.0
    """Ids of messages are ahead of the store's clock by this, for it was set back."""
    clock_step_s: float = 0.0
    """By how much the host's clock was last set forward (or back); 0: never while ingest lived."""
    clock_step_at: float | None = None
    born: float | None = None
    """Since when the store keeps messages. Who folds them begins anew when it changes."""
    emptied_at: float | None = None
    """When the store was last found emptied; what was in it before is gone."""

    def age_s(self, now: float) -> float:
        """Seconds since it was written; the clock it is dated ahead by was set back since."""
        return abs(now - self.at)

    def silent(self, now: float) -> bool:
        """True if the writer itself is gone: it would have written by the store's time `now`."""
        return self.age_s(now) > SERVICE_SILENCE_S

    def message_now(self, now: float) -> float:
        """The store's time `now` on the clock that the ids of messages are from."""
        return now + self.ahead_s


def key(environment: str, name: str) -> str:
    """Full key of a name of the table in contracts.py, e.g. `omf:{mock}:commands`."""
    return f"omf:{{{environment}}}:{name}"


def buffer_key(environment: str, topic_filter: str) -> str:
    """Key of the buffer of one topic filter."""
    return key(environment, f"buffer:{topic_filter}")
