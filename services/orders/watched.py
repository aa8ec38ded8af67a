"""One awaited command in memory: hears the journal and notices the proof. No clock, no store."""

import asyncio
from collections import deque
from collections.abc import Iterator

from omf.commands import Effect, Verdict, compares_times, judge
from omf.commands.workflow import Bracket, interruption
from omf.messages import Reading, parse
from omf.messages.message import Message
from omf.topics.catalogue import address
from services.orders.pursuit import Change, Proof, Pursuit

MAX_HEARD = 256
"""Messages kept while a proof waits for its receipt; a device sends a few in that time."""


class Watched:
    """A pursuit with what was heard about it; `lock` makes its stages come one by one."""

    def __init__(self, pursuit: Pursuit) -> None:
        self.command_id = pursuit.command.command_id
        self.pursuit: Pursuit | None = pursuit
        self.proof: Proof | None = None
        self.lock = asyncio.Lock()
        self._bracket = bracket_of(pursuit)
        disturbing = _disturbing(self._bracket) if self._bracket else ()
        self.topics = tuple(dict.fromkeys((*_topics(pursuit), *disturbing)))
        self._heard: deque[Message] = deque(maxlen=MAX_HEARD)
        self._silent: deque[Message] = deque(maxlen=MAX_HEARD)
        self._proving: Message | None = None

    @property
    def ripe(self) -> bool:
        """True if a proof lies here and the gateway has told its part, if it has one."""
        return bool(self.proof and self.pursuit and self.pursuit.told_of)

    @property
    def satisfied(self) -> bool:
        """True if nothing that may still come could change what was proven."""
        if self.proof is None or self.pursuit is None:
            return False
        return self.pursuit.last_step and self.pursuit.awaiting.follow_up is None

    def hear(self, message: Message) -> bool:
        """Take a message in; True if it made the command ripe."""
        self._heard.append(message)
        if self.proof is None:
            self._judge()
        elif self._leads_on():
            self._interrupted(message)
        return self.ripe

    def turn(self, change: Change) -> None:
        """The change is written: go on from there, with what was heard meanwhile."""
        before, self.pursuit = self.pursuit, change.pursuit
        if self.pursuit is None or before is None:
            return
        if self.pursuit.awaiting == before.awaiting and self.pursuit.step == before.step:
            return
        self.proof = None
        self._silent.clear()
        if self._proving and self.pursuit.step == before.step:
            # The message that told the beginning may tell the end as well (PROTOCOL F.37).
            self._heard.appendleft(self._proving)
        self._judge()

    def look_again(self) -> None:
        """The window passed in silence: the same may show in another way."""
        otherwise = self.pursuit.awaiting.otherwise if self.pursuit else None
        for message in self._silent if otherwise and not self.proof else ():
            if otherwise and (verdict := judge(otherwise, message)):
                self._prove(verdict, message)
                return

    def _judge(self) -> None:
        while self._heard and self.pursuit:
            message, awaiting = self._heard.popleft(), self.pursuit.awaiting
            if verdict := judge(awaiting, message, self._silent):
                self._prove(verdict, message)
                return
            if self._interrupted(message):
                return
            if awaiting.otherwise or compares_times(awaiting):
                self._silent.append(message)

    def _prove(self, verdict: Verdict, message: Message, told_as: str = "proof") -> None:
        self._proving = message
        self.proof = Proof(verdict, message.id, _order_id(message), told_as)

    def _leads_on(self) -> bool:
        """A good proof lies here and a step would follow, which what comes now may forbid."""
        good = self.proof is not None and self.proof.verdict.outcome == "effect"
        return good and self.pursuit is not None and not self.pursuit.last_step

    def _interrupted(self, message: Message) -> bool:
        """A foreign order or a reset ends a bracket; the course of an order it leaves alone."""
        if self._bracket is None or self.pursuit is None or self.pursuit.decided:
            return False
        found = interruption(self._bracket, message)
        if found is None:
            return False
        why, advice = found.reason.why, found.reason.advice
        de, en = f"{why.de}. {advice.de}.", f"{why.en}. {advice.en}."
        self._prove(Verdict(outcome="failed", de=de, en=en), message, "interrupted")
        return True


def bracket_of(pursuit: Pursuit) -> Bracket | None:
    """The bracket of a manual order to one device; None for what goes through the CCU."""
    steps = pursuit.plan.steps
    order_id = next((step.order_id for step in steps if step.order_id), "")
    if not order_id or len({step.device for step in steps}) != 1:
        return None
    return Bracket(device=steps[0].device, order_id=order_id, steps=steps)


def _disturbing(bracket: Bracket) -> tuple[str, ...]:
    device = ("module_order", "module_instant_action", "module_state", "fts_order")
    names = (*device, "fts_instant_action")
    of_device = (address(name, serial=bracket.device) for name in names)
    return (address("ccu_set_reset"), address("ccu_global"), *of_device)


def _topics(pursuit: Pursuit) -> Iterator[str]:
    for step in pursuit.plan.steps[pursuit.step :]:
        yield from _of_effect(step.effect)
    yield from _of_effect(pursuit.awaiting)


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
