"""What a simulation foretells of a recording, beside what was recorded next."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from omf.messages.message import Message
from omf.simulation.course import Follower
from omf.simulation.seeding.control_unit import NotSimulableError
from omf.state import FactoryState
from omf.topics import catalogue
from tests.support.shared import recording

EVERY_S = 30.0
"""So often a recording is left and foretold."""
AHEAD_S = 120.0
LEAST_S = 20.0
"""Shorter windows hold too little."""
OUTSIDE = ("ccu_order_request", "ccu_order_cancel", "ccu_set_")
"""A person or a piece that is laid in: no simulation foresees it."""
StepEnd = tuple[str, int]
"""Order id and number of the step that ended."""


@dataclass
class Look:
    """One moment of a recording, and the steps that ended after it, in their order."""

    at: float
    until: float
    recorded: list[StepEnd] = field(default_factory=list)
    simulated: list[StepEnd] = field(default_factory=list)
    orders: frozenset[str] = frozenset()
    """Those that were open: of later ones nobody knew."""
    failed: frozenset[str] = frozenset()
    """Orders whose piece failed the check: chance, so nobody foretells it."""

    def of(self, order: str) -> tuple[list[int], list[int]]:
        """The numbers of the steps of one order that ended, recorded and simulated."""
        recorded, simulated = (
            [number for one, number in ends if one == order]
            for ends in (self.recorded, self.simulated)
        )
        return recorded, simulated

    @property
    def same_order(self) -> bool:
        """Each order's steps end in the same order, as far as both went."""
        pairs = (self.of(order) for order in self._compared)
        return all(_agree(mine, theirs) for mine, theirs in pairs)

    @property
    def turns(self) -> tuple[int, int]:
        """Of the pairs of ends of different orders that both have: in the same order, and all."""
        both = [one for one in self.recorded if one in self.simulated and one[0] in self._compared]
        place = {one: number for number, one in enumerate(self.simulated)}
        pairs = [
            place[first] < place[second]
            for number, first in enumerate(both)
            for second in both[number + 1 :]
            if first[0] != second[0]
        ]
        return sum(pairs), len(pairs)

    @property
    def counts(self) -> tuple[int, int]:
        """How many steps ended, recorded and simulated."""
        recorded, simulated = (
            sum(order in self._compared for order, _ in ends)
            for ends in (self.recorded, self.simulated)
        )
        return recorded, simulated

    @property
    def _compared(self) -> frozenset[str]:
        return self.orders - self.failed


def _agree(mine: list[int], theirs: list[int]) -> bool:
    both = min(len(mine), len(theirs))
    return mine[:both] == theirs[:both]


def looks(name: str) -> Iterator[Look]:
    """Every half minute in which an order is open."""
    told = list(recording(name))
    state, seen, looked = FactoryState(), dict[str, frozenset[int]](), 0.0
    going: list[Look] = []
    for message in told:
        state.apply(message, message.received_at)
        now = message.received_at
        ended = list(_new_ends(state, seen))
        for look in going:
            if now <= look.until:
                look.recorded += ended
                look.failed |= _failed(state)
        if now - looked < EVERY_S or not state.active_orders:
            continue
        looked = now
        until = min(_outside(told, now), now + AHEAD_S)
        if until - now < LEAST_S:
            continue
        look = Look(now, until, orders=frozenset(state.active_orders))
        try:
            look.simulated = _foretold(state, now, until)
        except NotSimulableError:
            continue
        going.append(look)
    yield from going


def _outside(told: list[Message], now: float) -> float:
    for one in told:
        entry = catalogue.of(one.topic)
        outside = entry is not None and entry.name.startswith(OUTSIDE) and not one.retain
        if one.received_at > now and outside:
            return one.received_at
    return told[-1].received_at


def _foretold(state: FactoryState, now: float, until: float) -> list[StepEnd]:
    before = dict[str, frozenset[int]]()
    list(_new_ends(state, before))
    follower, found = Follower(state, now, None), list[StepEnd]()
    router = follower.simulation.router
    while router.now.wall < until:
        found += _new_ends(follower.course.state, before)
        router.run(1.0)
    return found


def _new_ends(state: FactoryState, seen: dict[str, frozenset[int]]) -> Iterator[StepEnd]:
    for identity in list(state.orders):
        order = state.orders[identity]
        ended = frozenset(n for n, step in enumerate(order.steps) if step.state == "FINISHED")
        for number in sorted(ended - seen.get(identity, frozenset())):
            yield identity, number
        seen[identity] = ended


def _failed(state: FactoryState) -> frozenset[str]:
    return frozenset(order.id for order in state.orders.values() if order.state == "ERROR")
