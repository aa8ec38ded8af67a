"""Each remedy tried in a simulation of the factory as it stands, and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from omf.alarms.alarm import listed
from omf.commands import KINDS, CommandError, Effect, Verdict
from omf.recovery.remedies import AGAIN, DOCK_KIND, Remedies, Remedy, again, remedies
from omf.simulation.course import HORIZON_S, LOOK_EVERY_PLANT_S, Follower, against
from omf.simulation.learned import LearnedDurations
from omf.state import FactoryState
from omf.state.assignments import active_orders
from omf.state.deadlock import deadlocked
from omf.state.device_names import device_name, order_name, place_name
from omf.state.orders import Order
from omf.state.waiting import Wait, root_cause
from omf.terms import term
from omf.texts import Text, figure, joined, text, verbatim

Fate = Literal["goes-on", "begun-anew", "stands", "impossible"]
"""The order goes on; it is lost and the factory does it again; it stands; it cannot be sent."""
RANKS: tuple[Fate, ...] = ("goes-on", "begun-anew", "stands", "impossible")
AFTER_REMEDY_S = 240.0
"""Seconds of the factory after the last command: longer than any step and drive take together."""
REMEDY_WAIT_S = 60.0
"""A reset takes 27 s until the last module is back; then the next command may go out."""
MAX_ALIKE = 1
"""Of remedies of one kind that end alike so many are told."""
NOTHING_LOST = text("recovery.nothing_lost")


@dataclass(frozen=True, slots=True)
class TriedRemedy:
    """Commands to be given one after the other, and what they led to in the simulation."""

    commands: Remedies
    fate: Fate
    told: Text
    """What came of it, in words."""
    seconds: float | None = None
    """Of life until the order goes on, or the first one that was given again has ended."""
    lost: tuple[str, ...] = ()
    """Orders that are not carried on."""

    @property
    def helps(self) -> bool:
        """True if the factory works on, in the simulation."""
        return self.fate in ("goes-on", "begun-anew")

    def to_dict(self) -> dict[str, Any]:
        """As JSON: every text in every language."""
        commands = [{"kind": one.kind, "parameters": one.parameters} for one in self.commands]
        return {
            "commands": commands,
            "fate": self.fate,
            "told": self.told.to_dict(),
            "seconds": self.seconds,
            "lost": list(self.lost),
        }


@dataclass(frozen=True, slots=True)
class Standstill:
    """Orders that stand still for one reason, and what may be done, the best first."""

    orders: tuple[str, ...]
    why: Text
    action: Text
    """What a person is to do, whatever commands there are."""
    tried: tuple[TriedRemedy, ...]
    assumed: tuple[Text, ...] = ()
    """What the state does not tell, and what was taken instead."""

    def to_dict(self) -> dict[str, Any]:
        """As JSON: every text in every language."""
        return {
            "orders": list(self.orders),
            "why": self.why.to_dict(),
            "action": self.action.to_dict(),
            "tried": [one.to_dict() for one in self.tried],
            "assumed": [one.to_dict() for one in self.assumed],
        }


def standstills(
    state: FactoryState, now: float, learned: LearnedDurations | None = None
) -> list[Standstill]:
    """Every reason for which orders stand still at `now` (Unix s), with the remedies tried.

    What traffic explains is no standstill. NotSimulableError where the state tells too little.
    """
    found: dict[tuple[object, ...], tuple[Wait, list[Order]]] = {}
    stuck = deadlocked(state, now)
    for order in active_orders(state):
        wait = stuck.get(order.id) or root_cause(state, order, now)
        if wait is None or wait.ordinary:
            continue
        key = ("deadlock",) if order.id in stuck else (wait.cause, wait.device, wait.missing)
        found.setdefault(key, (wait, []))[1].append(order)
    return [_standstill(state, now, wait, orders, learned) for wait, orders in found.values()]


def _standstill(
    state: FactoryState,
    now: float,
    wait: Wait,
    orders: list[Order],
    learned: LearnedDurations | None,
) -> Standstill:
    follower = Follower(state, now, learned)
    waiting = tuple(one.id for one in orders)
    tried = [_tried(state, now, each, waiting, learned) for each in remedies(state, wait)]
    return Standstill(
        orders=waiting,
        why=joined(" ", [order_name(orders[0]), wait.text]),
        action=wait.action,
        tried=tuple(_best(tried)),
        assumed=tuple(follower.simulation.gaps),
    )


def _best(tried: list[TriedRemedy]) -> list[TriedRemedy]:
    """Those that help first, with the least loss; of many alike one."""

    def rank(one: TriedRemedy) -> tuple[int, int, int]:
        return RANKS.index(one.fate), len(one.lost), len(one.commands)

    told: dict[tuple[str, Fate], int] = {}
    found = []
    for one in sorted(tried, key=rank):
        alike = (one.commands[0].kind if one.commands else "", one.fate)
        told[alike] = told.get(alike, 0) + 1
        if told[alike] <= MAX_ALIKE or one.helps:
            found.append(one)
    return found


def _tried(
    state: FactoryState,
    now: float,
    commands: Remedies,
    waiting: tuple[str, ...],
    learned: LearnedDurations | None,
) -> TriedRemedy:
    follower = Follower(state, now, learned)
    needed, why = _all_given(follower, commands)
    if why is None:
        more, why = _given_again(follower, state)
        needed += more
    if why is not None:
        fate: Fate = "stands" if follower.sent else "impossible"
        return TriedRemedy(needed, fate, why, lost=_lost(follower, state))
    done = {one: _done(state, one) for one in waiting}
    ended = min(follower.simulation.router.plant + AFTER_REMEDY_S, HORIZON_S)
    while not (found := _moved(follower, done) or _begun_anew(follower, state, needed)):
        if follower.simulation.router.plant >= ended:
            break
        follower.live(LOOK_EVERY_PLANT_S)
    seconds = follower.simulation.router.now.wall - now
    return _outcome(needed, follower, state, seconds if found else None, done)


def _all_given(follower: Follower, commands: Remedies) -> tuple[Remedies, Text | None]:
    """Those that were needed, up to the first that could not be given or came to nothing: why."""
    needed: Remedies = ()
    for command in commands:
        vehicle = follower.course.state.vehicles.get(command.parameters.get("serial", ""))
        if command.kind == DOCK_KIND and vehicle is not None and vehicle.position_known:
            continue
        needed += (command,)
        if why := _given(follower, command):
            return needed, why
    return needed, None


def _given_again(follower: Follower, state: FactoryState) -> tuple[Remedies, Text | None]:
    """Lost orders for which a piece is left: of what is missing no remedy can know."""
    given: Remedies = ()
    for command in again(state, _lost(follower, state)):
        if not follower.course.state.stock.free(command.parameters["colour"]):
            continue
        more, why = _all_given(follower, (command,))
        given += more
        if why is not None:
            return given, why
    return given, None


def _outcome(
    commands: Remedies,
    follower: Follower,
    state: FactoryState,
    seconds: float | None,
    done: Mapping[str, int],
) -> TriedRemedy:
    lost = _lost(follower, state)
    if seconds is None:
        return TriedRemedy(commands, "stands", text("recovery.stands"), lost=lost)
    after = figure(seconds, 0)
    if _moved(follower, done):
        losing = text("recovery.losing", orders=_listed(state, lost)) if lost else NOTHING_LOST
        told = text("recovery.goes_on", seconds=after, losing=losing)
        return TriedRemedy(commands, "goes-on", told, seconds, lost)
    losing = text("recovery.losing", orders=_listed(state, lost))
    key = "begun_anew" if any(one.kind == AGAIN for one in commands) else "ready"
    told = text(f"recovery.{key}", seconds=after, losing=losing)
    return TriedRemedy(commands, "begun-anew", told, seconds, lost)


def _moved(follower: Follower, done: Mapping[str, int]) -> bool:
    """One of the orders that stood got a step further and is not lost."""
    orders = follower.course.state.orders
    return any(
        _done(follower.course.state, one) > before and not _gone(orders[one])
        for one, before in done.items()
        if one in orders
    )


def _begun_anew(follower: Follower, state: FactoryState, commands: Remedies) -> bool:
    """An order that was given again has ended; where none was, the factory stands ready."""
    if not _lost(follower, state):
        return False
    found = follower.course.state
    if any(one.kind == AGAIN for one in commands):
        new = (one for identity, one in found.orders.items() if identity not in state.orders)
        return any(one.state == "FINISHED" for one in new)
    ready = all(one.available == "READY" for one in found.modules.values() if one.listed)
    return ready and all(one.position_known for one in found.vehicles.values())


def _done(state: FactoryState, order_id: str) -> int:
    order = state.orders.get(order_id)
    return sum(step.state == "FINISHED" for step in order.steps) if order else 0


def _gone(order: Order) -> bool:
    return order.vanished or order.state in ("CANCELLED", "ERROR")


def _lost(follower: Follower, state: FactoryState) -> tuple[str, ...]:
    orders = follower.course.state.orders
    return tuple(one for one in state.active_orders if one in orders and _gone(orders[one]))


def _listed(state: FactoryState, orders: tuple[str, ...]) -> Text:
    return listed([order_name(state.orders[one]) for one in orders])


def _given(follower: Follower, command: Remedy) -> Text | None:
    """Give a command; why it cannot go out, or had no effect."""
    kind, course = KINDS[command.kind], follower.course
    word = {"confirm": kind.typed_word.en} if kind.typed_word else {}
    name = named(command, course.state)
    try:
        given, whole = command.parameters | word, command.kind != AGAIN
        plan = follower.give(command.kind, given, patience_s=REMEDY_WAIT_S, whole=whole)
    except CommandError as error:
        return text("recovery.impossible", command=name, why=error.text)
    if found := against(plan):
        return text("recovery.impossible", command=name, why=found[0].text)
    if course.fate in ("failed", "silent") and isinstance(course.why, Verdict | Effect):
        return text("recovery.no_effect", command=name, why=course.why.text)
    return text("recovery.unknown", command=name) if course.deaf else None


def named(command: Remedy, state: FactoryState) -> Text:
    """What the command is called, and for which device or colour."""
    serial, colour = command.parameters.get("serial"), command.parameters.get("colour")
    about: list[Text] = [device_name(state, serial)] if serial else []
    if colour:
        about.append(term("colour", colour))
    if target := command.parameters.get("target"):
        about.append(place_name(state, target) or verbatim(target))
    title = KINDS[command.kind].title
    return text("detail.joined", what=title, detail=joined(" → ", about)) if about else title
