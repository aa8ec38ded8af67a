"""Recognises the effect of awaited commands in the messages of the factory. No clock, no store."""

import asyncio
from collections import deque
from collections.abc import Iterator

from omf.commands import Effect, Verdict, compares_times, judge
from omf.commands.workflow import Bracket, interruption
from omf.messages.message import Message
from omf.messages.reading import Reading, parse
from omf.texts import text
from omf.topics.catalogue import address
from omf.topics.filters import matches
from services.orders.execution import CommandExecution, Proof, Transition

MAX_HEARD = 256
"""Messages kept while a proof waits for its receipt; a device sends a few in that time."""
_WILDCARDS = frozenset("+#")


class EffectMonitor:
    """What one awaited command waits for, what was heard of it, and the proof once it is there.

    Called in the event loop of orders only: `on_message` by the reader of the journal, in the order
    of the journal; `advance` and `recheck` by WorkflowOrderManager, which holds `lock`, so the
    stages of a command come one by one. Raises nothing. Lost in a crash: the next process builds it
    anew from the stored execution and the journal behind it.
    """

    def __init__(self, execution: CommandExecution) -> None:
        self.command = execution.command
        self.command_id = self.command.command_id
        self.execution: CommandExecution | None = execution
        self.proof: Proof | None = None
        self.lock = asyncio.Lock()
        self.moved = False
        """A step of the clock changed the execution, and the store does not know of it yet.

        The next process may not have seen the clock set: it goes by what is written.
        """
        self._bracket = bracket_of(execution)
        interrupting = _interrupting_topics(self._bracket) if self._bracket else ()
        self.topics = tuple(dict.fromkeys((*_topics(execution), *interrupting)))
        self._heard: deque[Message] = deque(maxlen=MAX_HEARD)
        self._unproving: deque[Message] = deque(maxlen=MAX_HEARD)
        self._proving: Message | None = None

    @property
    def ready(self) -> bool:
        """True if a proof lies here and the gateway has told its part, if it has one."""
        return bool(self.proof and self.execution and self.execution.receipts_complete)

    @property
    def conclusive(self) -> bool:
        """True if nothing that may still come could change what was proven."""
        if self.proof is None or self.execution is None:
            return False
        return self.execution.last_step and self.execution.awaiting.follow_up is None

    def steers(self, order_id: str) -> bool:
        """True if this is an open bracket whose steps go out under this order id."""
        if self.execution is None or not self.execution.bracket:
            return False
        return any(step.order_id == order_id for step in self.execution.plan.steps)

    def on_message(self, message: Message) -> bool:
        """Take a message in; True if it made the command ready."""
        self._heard.append(message)
        if self.proof is None:
            self._judge()
        elif self._next_step_pending():
            self._interrupted(message)
        return self.ready

    def advance(self, transition: Transition) -> None:
        """The transition is written: go on from there, with what was heard meanwhile."""
        before, self.execution = self.execution, transition.execution
        if self.execution is None or before is None:
            return
        if before.clock_set_back and self.execution.step == before.step:
            self.execution = self.execution.but(clock_set_back=True)
        self.moved = self.execution is not transition.execution
        if self.execution.awaiting == before.awaiting and self.execution.step == before.step:
            return
        self.proof = None
        self._unproving.clear()
        if self._proving and self.execution.step == before.step:
            # The message that told the beginning may tell the end as well (PROTOCOL F.37).
            self._heard.appendleft(self._proving)
        self._judge()

    def follow_clock(self, step_s: float, now: float) -> None:
        """The store's clock was set by `step_s`, and is `now`."""
        if before := self.execution:
            self.execution = before.followed_clock(step_s, now)
            self.moved |= self.execution is not before

    def recheck(self) -> None:
        """The window passed in silence: the same may show in another way."""
        otherwise = self.execution.awaiting.otherwise if self.execution else None
        for message in self._unproving if otherwise and not self.proof else ():
            if otherwise and (verdict := judge(otherwise, message)):
                self._prove(verdict, message)
                return

    def _judge(self) -> None:
        while self._heard and self.execution:
            message, awaiting = self._heard.popleft(), self.execution.awaiting
            if verdict := judge(awaiting, message, self._unproving):
                self._prove(verdict, message)
                return
            if self._interrupted(message):
                return
            if awaiting.otherwise or compares_times(awaiting):
                self._unproving.append(message)

    def _prove(self, verdict: Verdict, message: Message, told_as: str = "proof") -> None:
        self._proving = message
        self.proof = Proof(verdict, message.id, _order_id(message), told_as)

    def _next_step_pending(self) -> bool:
        """A good proof lies here and a step would follow, which what comes now may forbid."""
        good = self.proof is not None and self.proof.verdict.outcome == "effect"
        return good and self.execution is not None and not self.execution.last_step

    def _interrupted(self, message: Message) -> bool:
        """A foreign order or a reset ends a bracket; the course of an order it leaves alone."""
        if self._bracket is None or self.execution is None or self.execution.decided:
            return False
        found = interruption(self._bracket, message)
        if found is None:
            return False
        why, advice = found.reason.why, found.reason.advice
        said = text("reason.interrupted", why=why, advice=advice)
        self._prove(Verdict(outcome="failed", text=said), message, "interrupted")
        return True


class TopicIndex:
    """Awaited commands by id, and by the topics that may prove them: a lookup, however many."""

    def __init__(self) -> None:
        self._by_id: dict[str, EffectMonitor] = {}
        self._by_topic: dict[str, dict[str, EffectMonitor]] = {}

    def __len__(self) -> int:
        return len(self._by_id)

    def __iter__(self) -> Iterator[EffectMonitor]:
        """All of them, oldest first; the set may change meanwhile."""
        return iter(tuple(self._by_id.values()))

    def get(self, command_id: str) -> EffectMonitor | None:
        """The command of that id."""
        return self._by_id.get(command_id)

    def add(self, command_id: str, monitor: EffectMonitor) -> None:
        """From now on this command hears its topics."""
        self._by_id[command_id] = monitor
        for topic in monitor.topics:
            self._by_topic.setdefault(topic, {})[command_id] = monitor

    def remove(self, command_id: str) -> None:
        """This command is not awaited any more."""
        self.unsubscribe(command_id)
        self._by_id.pop(command_id, None)

    def unsubscribe(self, command_id: str) -> None:
        """This command gets no more messages; it is still awaited."""
        monitor = self._by_id.get(command_id)
        for topic in monitor.topics if monitor else ():
            subscribed = self._by_topic.get(topic, {})
            subscribed.pop(command_id, None)
            if not subscribed:
                self._by_topic.pop(topic, None)

    def monitors_of(self, topic: str) -> tuple[EffectMonitor, ...]:
        """Everyone who wants to hear a message on this topic, each once."""
        found = dict(self._by_topic.get(topic, {}))
        for wanted, subscribed in self._by_topic.items():
            if not _WILDCARDS.isdisjoint(wanted) and matches(wanted, topic):
                found |= subscribed
        return tuple(found.values())


def bracket_of(execution: CommandExecution) -> Bracket | None:
    """The bracket of a manual order to one device; None for what goes through the CCU."""
    steps = execution.plan.steps
    order_id = next((step.order_id for step in steps if step.order_id), "")
    if not order_id or len({step.device for step in steps}) != 1:
        return None
    return Bracket(device=steps[0].device, order_id=order_id, steps=steps)


def _interrupting_topics(bracket: Bracket) -> tuple[str, ...]:
    device = ("module_order", "module_instant_action", "module_state", "fts_order")
    names = (*device, "fts_instant_action")
    of_device = (address(name, serial=bracket.device) for name in names)
    return (address("ccu_set_reset"), address("ccu_global"), *of_device)


def _topics(execution: CommandExecution) -> Iterator[str]:
    for step in execution.plan.steps[execution.step :]:
        yield from _of_effect(step.effect)
    yield from _of_effect(execution.awaiting)


def _of_effect(effect: Effect | None) -> Iterator[str]:
    if effect is None:
        return
    yield from effect.topics
    yield from _of_effect(effect.follow_up)
    yield from _of_effect(effect.otherwise)


def _order_id(message: Message) -> str:
    """The order a message is about; "" if it names none or several."""
    read = parse(message.topic, message.payload)
    found = getattr(read.payload, "order_id", None) if isinstance(read, Reading) else None
    return found if isinstance(found, str) else ""
