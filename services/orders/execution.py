"""An accepted command on its way to the factory's proof, as data. Pure."""

from typing import NamedTuple, Self

from omf.commands import FREE_MESSAGE, Effect, Plan, PlannedStep, Verdict
from omf.messages.stream_id import StreamId
from services.common.process.clock import CLOCK_SLACK_S
from services.common.store.keys import Command, CommandEvent, Outgoing, Reason, Stage, StreamModel
from services.orders.stages import Passage

LOOK_S = 10.0
"""How long the factory is asked whether a message of unknown outcome arrived."""
GATEWAY_S = 30.0
"""A gateway that died is back by then and has told what it knows."""

RELEASE_S = 1800.0
"""A bracket nobody goes on with blocks its device; after half an hour nobody will."""


class Proof(NamedTuple):
    """A verdict on a message, the order the message names, and what forbids to go on at once."""

    verdict: Verdict
    message_id: str
    order_id: str = ""
    told_as: str = "proof"
    """Id of the reason it becomes."""
    violations: tuple[Reason, ...] = ()
    """Why the step after this one waits for a person, though the plan goes on by itself."""

    @property
    def at(self) -> float:
        """When the message came, by the clock of the ids."""
        return StreamId.parse(self.message_id).seconds


class CommandExecution(StreamModel):
    """A command whose outcome is still awaited; survives a restart as JSON."""

    command: Command
    plan: Plan
    awaiting: Effect
    journal_id: str
    """Messages behind this one are judged."""
    expires_at: float
    expiry_s: float
    step: int = 0
    attempted_at: float | None = None
    window_from: float | None = None
    """PUBACK, or the proof before this one; store clock."""
    doubt_at: float | None = None
    doubt: Reason | None = None
    """The gateway cannot tell whether the message arrived."""
    evidence: tuple[str, ...] = ()
    decided: bool = False
    """The outcome stands; only the order's course is still noted down."""
    waiting: bool = False
    """The present step waits for a person's release, until `expires_at`."""
    cancelled_by: str = ""
    """Who wants no further step; the present one runs to its end (PROTOCOL F.6)."""
    clock_set_back: bool = False
    """Since the present step was sent: no time of before says whether a link stood by then."""
    told: int = 0
    """Events written so far."""
    order_id: str = ""
    """The order that proved it, as the CCU named it; what tells its course may name many."""

    @property
    def planned(self) -> PlannedStep:
        """The step that is on its way."""
        return self.plan.steps[self.step]

    @property
    def last_step(self) -> bool:
        """True if no step follows this one."""
        return self.step + 1 == len(self.plan.steps)

    def followed(self, proof: Proof) -> bool:
        """True if this proof ends the present step and another one comes after it."""
        ends = proof.verdict.outcome == "effect" and self.awaiting.follow_up is None
        return ends and not self.decided and not self.last_step

    @property
    def bracket(self) -> bool:
        """True while further steps may follow or one is under way: it is listed and steered."""
        return len(self.plan.steps) > 1 and not self.decided

    @property
    def step_since(self) -> float:
        """Since when the present step waits, or is on its way; store clock."""
        return self.expires_at - (RELEASE_S if self.waiting else self.expiry_s)

    @property
    def receipts_complete(self) -> bool:
        """True if nothing the gateway still has to tell could change what a message means."""
        return self.waiting or self.window_from is not None or self.doubt_at is not None

    @property
    def outbox_id(self) -> str:
        """Name of the step's entry in the outbox."""
        return f"{self.command.command_id}/{self.step}"

    @property
    def looked_from(self) -> float | None:
        """Since when the factory's reaction is awaited."""
        return self.window_from or self.attempted_at

    def unseen_until(self, link_up_at: float) -> bool:
        """True if a reaction may have come before the link was up, at that time."""
        return self.clock_set_back or link_up_at > (self.looked_from or 0.0)

    @property
    def deadline(self) -> float | None:
        """When silence becomes a result, store clock; None while nothing was sent."""
        window_s = self.awaiting.window_s
        if self.window_from is not None:
            return self.window_from + window_s
        if self.attempted_at is None:
            return None
        if self.doubt_at is None:
            return self.attempted_at + window_s + GATEWAY_S
        return max(self.doubt_at + 1, min(self.attempted_at + window_s, self.doubt_at + LOOK_S))

    def but(self, **changes: object) -> Self:
        """The same with some fields changed."""
        return self.model_copy(update=changes)

    def shifted(self, by_s: float) -> Self:
        """The same with all its times moved: the store's clock was set meanwhile."""
        names = ("attempted_at", "window_from", "doubt_at", "expires_at")
        known = {name: at for name in names if (at := getattr(self, name)) is not None}
        return self.but(**{name: at + by_s for name, at in known.items()})

    def followed_clock(self, step_s: float, now: float) -> Self:
        """The same behind a step of the store's clock, and begun `now` at the latest.

        Windows last as long as before. What lies in the future was told before the clock was set
        back, also where nobody saw that: it would be awaited for as long as it was set back.
        """
        ahead = self.shifted(step_s) if step_s > 0 else self
        begun = max(ahead.step_since, ahead.looked_from or 0.0, ahead.doubt_at or 0.0)
        early = begun > now + CLOCK_SLACK_S
        moved = ahead.shifted(now - begun) if early else ahead
        return moved.but(clock_set_back=True) if early or step_s < 0 else moved

    @property
    def whole_chain(self) -> bool:
        """True if the step counts as done only at the end of its chain of effects.

        A device's action must end before the next step, or before the device is free again. An
        order of the CCU is answered at once and takes minutes: its course is only noted.
        """
        return bool(self.planned.action_id) or not self.last_step


class Transition(NamedTuple):
    """What follows; to be written in one step."""

    execution: CommandExecution | None
    events: tuple[CommandEvent, ...] = ()
    outgoing: Outgoing | None = None
    release: bool = False
    """The devices are free for the next command."""


def outgoing_of(execution: CommandExecution) -> Outgoing:
    """The present step as the outbox carries it."""
    step, command = execution.planned, execution.command
    return Outgoing(
        outbox_id=execution.outbox_id,
        command_id=command.command_id,
        # What a person wrote is a free message, whatever it was made of.
        kind=FREE_MESSAGE if step.was else command.kind,
        step=execution.step,
        topic=step.topic,
        payload=step.payload,
        qos=step.qos,
        retain=step.retain,
        once=step.once,
        expires_at=execution.expires_at,
        operator=command.operator,
        role=command.role,
        override=command.override,
        trace=command.trace,
    )


def event_of(
    execution: CommandExecution, passage: Passage, at: float, *why: Reason, order_id: str = ""
) -> CommandEvent:
    """What happened to the present step."""
    planned = execution.planned
    sent = passage.after in (Stage.QUEUED, Stage.PUBLISHED)
    return CommandEvent(
        command_id=execution.command.command_id,
        kind=execution.command.kind,
        stage=passage.after,
        at=at,
        step=execution.step,
        operator=execution.command.operator,
        reasons=why,
        evidence=execution.evidence,
        topic=planned.topic if sent else "",
        payload=planned.payload if sent else "",
        order_id=order_id or planned.order_id or execution.order_id,
    )


def transition_of(
    execution: CommandExecution | None,
    *events: CommandEvent,
    outgoing: Outgoing | None = None,
    release: bool = False,
) -> Transition:
    """A transition with these events, counted."""
    if execution is not None:
        execution = execution.but(told=execution.told + len(events))
    return Transition(execution, events, outgoing, release)
