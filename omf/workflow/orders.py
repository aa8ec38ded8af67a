"""WorkflowOrderManager: which step may go, and what every message or silence means for it."""

from collections.abc import Mapping
from typing import Any, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field

from omf import catalogue
from omf.commands import Plan, Text, judge
from omf.message import Message
from omf.workflow.bracket import Bracket, Event, EventType, Reason
from omf.workflow.disturbance import interruption

_LOOK = Text(
    de="Gerät ansehen, Werkstück entnehmen, zurücksetzen, dann neu beginnen",
    en="Look at the device, take the piece out, reset it, then begin anew",
)
_SILENT = Reason(
    why=Text(de="Das Gerät schwieg", en="The device kept silent"),
    advice=_LOOK,
)
_CANCELLED = Reason(
    why=Text(de="Abgebrochen", en="Cancelled"),
    advice=Text(
        de="Ein begonnener Schritt läuft noch zu Ende; danach Werkstück entnehmen",
        en="A step under way still runs to its end; take the piece out after it",
    ),
)


class BracketError(ValueError):
    """The decision asked for makes no sense now; `holder` is the bracket in the way, if any."""

    def __init__(self, text: str, holder: Bracket | None = None) -> None:
        super().__init__(text)
        self.holder = holder


class Decided(NamedTuple):
    """What follows from one decision."""

    manager: "WorkflowOrderManager"
    events: tuple[Event, ...] = ()


class WorkflowOrderManager(BaseModel):
    """All open brackets; frozen, so each decision answers with the manager as it is then.

    At most one bracket a device. A step goes out only after the FINISHED of the one before,
    recognised by orderId and action id, never by orderUpdateId (PROTOCOL F.24).
    """

    model_config = ConfigDict(frozen=True)

    open_on: Mapping[str, Bracket] = Field(default_factory=dict)
    """Open brackets by device, oldest first."""
    devices: Mapping[str, str] = Field(default_factory=dict)
    """Device of each open bracket by the bracket's id."""

    @property
    def brackets(self) -> tuple[Bracket, ...]:
        """All open brackets, oldest first."""
        return tuple(self.open_on.values())

    def find(self, bracket_id: str) -> Bracket | None:
        """The open bracket of that id."""
        device = self.devices.get(bracket_id)
        return None if device is None else self.open_on[device]

    def open(self, bracket_id: str, plan: Plan, now: float) -> Decided:
        """Begin a plan; BracketError if its device has a bracket or it has no step for one.

        The same id again changes nothing: it is the same command.
        """
        if bracket_id in self.devices:
            return Decided(self)
        devices = {step.device for step in plan.steps}
        if len(devices) != 1 or "" in devices:
            raise BracketError(f"{plan.kind} is no work of one device")
        if (holder := self.open_on.get(next(iter(devices)))) is not None:
            raise BracketError(f"{holder.device} works for {holder.id}", holder)
        bracket = Bracket(
            id=bracket_id,
            kind=plan.kind,
            device=plan.steps[0].device,
            order_id=next((step.order_id for step in plan.steps if step.order_id), ""),
            steps=plan.steps,
            automatic=plan.automatic,
            phase="waiting",
            awaiting=plan.steps[0].effect,
            since=now,
        )
        opened = Decided(self.put(bracket), (_event("opened", bracket, now),))
        # Opening is the person's word for the first step, whether or not the rest is automatic.
        return _after(opened, opened.manager.release(bracket_id, now))

    def release(self, bracket_id: str, now: float) -> Decided:
        """Let the waiting step go; nothing happens if none waits."""
        bracket = self._known(bracket_id)
        if bracket.phase != "waiting":
            return Decided(self)
        released = _moved(bracket, now, phase="released")
        event = _event("step_released", released, now, step=released.step)
        return Decided(self.put(released), (event,))

    def acknowledged(self, bracket_id: str, index: int, now: float) -> Decided:
        """The broker has this step, or nobody can tell: its window runs from now on.

        A late word, about a step that is through, changes nothing.
        """
        bracket = self.find(bracket_id)
        if bracket is None or bracket.index != index or bracket.phase != "released":
            return Decided(self)
        return Decided(self.put(_moved(bracket, now, phase="watching")))

    def not_sent(self, bracket_id: str, index: int, now: float, why: Text) -> Decided:
        """This step never left: refused by the gateway, or expired."""
        bracket = self.find(bracket_id)
        if bracket is None or bracket.index != index or bracket.phase != "released":
            return Decided(self)
        return _stopped(self, bracket, "not_sent", now, Reason(why=why, advice=_LOOK))

    def cancel(self, bracket_id: str, now: float) -> Decided:
        """No further step goes out. What is under way cannot be stopped (PROTOCOL F.6)."""
        return _stopped(self, self._known(bracket_id), "cancelled", now, _CANCELLED)

    def tick(self, now: float) -> Decided:
        """Stop what has been silent beyond its window."""
        decided = Decided(self)
        for bracket in self.brackets:
            if bracket.deadline is not None and now > bracket.deadline:
                stopped = _stopped(decided.manager, bracket, "timed_out", now, _SILENT)
                decided = _after(decided, stopped)
        return decided

    def observe(self, message: Message, now: float) -> Decided:
        """Take one message of the factory into account, in order of arrival."""
        decided = Decided(self)
        for bracket in self._concerned(message.topic):
            decided = _after(decided, _heard(decided.manager, bracket, message, now))
        return decided

    def resume(self, now: float) -> Decided:
        """Go on after a restart: what was awaited is awaited anew, nothing is sent again.

        Observe the messages that arrived meanwhile first; a step that finished while nobody
        listened is found there.
        """
        fresh = {device: _moved(b, now) for device, b in self.open_on.items()}
        events = tuple(_event("resumed", bracket, now) for bracket in fresh.values())
        return Decided(self.model_copy(update={"open_on": fresh}), events)

    def _concerned(self, topic: str) -> tuple[Bracket, ...]:
        """The bracket of the device the topic names; all, if it names none."""
        entry = catalogue.of(topic)
        if entry is None:
            return ()
        serial = catalogue.levels(entry.name, topic).get("serial")
        if serial is None:
            return self.brackets
        return (self.open_on[serial],) if serial in self.open_on else ()

    def _known(self, bracket_id: str) -> Bracket:
        bracket = self.find(bracket_id)
        if bracket is None:
            raise BracketError(f"no open bracket {bracket_id}")
        return bracket

    def put(self, bracket: Bracket) -> Self:
        """The manager with this bracket as it stands now."""
        open_on = {**self.open_on, bracket.device: bracket}
        devices = {**self.devices, bracket.id: bracket.device}
        return self.model_copy(update={"open_on": open_on, "devices": devices})

    def drop(self, bracket: Bracket) -> Self:
        """The manager without this bracket."""
        open_on, devices = dict(self.open_on), dict(self.devices)
        del open_on[bracket.device], devices[bracket.id]
        return self.model_copy(update={"open_on": open_on, "devices": devices})


def _heard(
    manager: WorkflowOrderManager, bracket: Bracket, message: Message, now: float
) -> Decided:
    if (outside := interruption(bracket, message)) is not None:
        return _stopped(manager, bracket, outside.type, now, outside.reason, message.id)
    if bracket.phase == "waiting":
        return Decided(manager)
    verdict = judge(bracket.awaiting, message)
    if verdict is None:
        return Decided(manager)
    if verdict.outcome == "failed":
        why = Reason(why=Text(de=verdict.de, en=verdict.en), advice=_LOOK)
        return _stopped(manager, bracket, "failed", now, why, message.id)
    if bracket.awaiting.follow_up is None:
        return _step_finished(manager, bracket, message, now)
    begun = _moved(bracket, now, phase="watching", awaiting=bracket.awaiting.follow_up)
    event = _event("step_begun", begun, now, evidence=message.id)
    # RUNNING may be lost (PROTOCOL F.37): the very message may tell the end as well.
    follows = _heard(manager.put(begun), begun, message, now)
    return _after(Decided(manager, (event,)), follows)


def _step_finished(
    manager: WorkflowOrderManager, bracket: Bracket, message: Message, now: float
) -> Decided:
    done = _event("step_finished", bracket, now, evidence=message.id)
    if bracket.last:
        ended = _event("finished", bracket, now, evidence=message.id)
        return Decided(manager.drop(bracket), (done, ended))
    index = bracket.index + 1
    onward = _moved(
        bracket, now, index=index, phase="waiting", awaiting=bracket.steps[index].effect
    )
    moved = manager.put(onward)
    if bracket.automatic:
        return _after(Decided(manager, (done,)), moved.release(bracket.id, now))
    return Decided(moved, (done, _event("step_waiting", onward, now)))


def _stopped(
    manager: WorkflowOrderManager,
    bracket: Bracket,
    how: EventType,
    now: float,
    reason: Reason,
    evidence: str = "",
) -> Decided:
    event = _event(how, bracket, now, reason=reason, evidence=evidence)
    return Decided(manager.drop(bracket), (event,))


def _moved(bracket: Bracket, now: float, **changes: Any) -> Bracket:
    return bracket.model_copy(update={"since": now, **changes})


def _event(type_: EventType, bracket: Bracket, now: float, **told: Any) -> Event:
    return Event(
        type=type_,
        bracket_id=bracket.id,
        device=bracket.device,
        at=now,
        index=bracket.index,
        **told,
    )


def _after(first: Decided, second: Decided) -> Decided:
    return Decided(second.manager, first.events + second.events)
