"""What a command would change, before it is sent: the factory with it beside the one without."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from omf.commands import CommandError, Effect, Plan, Verdict
from omf.messages.fts import NOWHERE
from omf.simulation.course import Course, Follower, against, without
from omf.simulation.learned import ENOUGH_TIMES, LearnedDurations
from omf.simulation.seeding.control_unit import NotSimulableError
from omf.state import FactoryState
from omf.state.device_names import device_name, place_name, short
from omf.state.orders import Order
from omf.state.vehicles import Vehicle
from omf.terms import term
from omf.texts import Text, figure, text, verbatim

PARTS = ("losses", "orders", "stock", "positions", "settings", "blocked", "alarms", "assumed")
NOTICED_S = 10.0
"""Chance alone moves the end of an order by less."""


@dataclass(frozen=True, slots=True)
class Impact:
    """What differs with the command; each part is empty where nothing does."""

    outcome: Text
    """Whether it has its effect, and when."""
    known: bool = True
    """False: the simulation does not know what it does; the parts below say nothing."""
    orders: tuple[Text, ...] = ()
    stock: tuple[Text, ...] = ()
    positions: tuple[Text, ...] = ()
    """Where vehicles and pieces are at the end."""
    losses: tuple[Text, ...] = ()
    settings: tuple[Text, ...] = ()
    blocked: tuple[Text, ...] = ()
    """Devices that are busy for it, and orders that wait for it."""
    alarms: tuple[Text, ...] = ()
    assumed: tuple[Text, ...] = ()
    """What the state does not tell, and what was taken instead."""
    seconds: float | None = None
    """Until its effect, of life."""
    looked: Text | None = None
    """How far it was looked ahead, and by which durations."""

    @property
    def parts(self) -> tuple[tuple[Text, tuple[Text, ...]], ...]:
        """What differs, each under its title; nothing where nothing does."""
        found = (
            (text("impact.title_losses"), self.losses),
            (text("impact.title_orders"), self.orders),
            (text("impact.title_stock"), self.stock),
            (text("impact.title_positions"), self.positions),
            (text("impact.title_settings"), self.settings),
            (text("impact.title_blocked"), self.blocked),
            (text("impact.title_alarms"), self.alarms),
            (text("impact.title_assumed"), self.assumed),
        )
        return tuple((title, lines) for title, lines in found if lines)

    @property
    def nothing(self) -> bool:
        """Nothing that is watched would be different."""
        return self.known and all(lines == self.assumed for _, lines in self.parts)

    def to_dict(self) -> dict[str, Any]:
        """As JSON: every text in every language."""
        return {
            "known": self.known,
            "outcome": self.outcome.to_dict(),
            "seconds": self.seconds,
            **{name: [line.to_dict() for line in getattr(self, name)] for name in PARTS},
            "looked": self.looked.to_dict() if self.looked else None,
        }


def impact(
    plan: Plan, state: FactoryState, now: float, learned: LearnedDurations | None = None
) -> Impact:
    """What `plan` would change in the factory of `state`, looked at up to 15 minutes ahead."""
    if not any(step.published for step in plan.steps):
        return Impact(text("impact.nothing_goes_out"))
    try:
        follower = Follower(state, now, learned)
    except NotSimulableError as error:
        return Impact(text("impact.not_simulable", why=error.text), known=False)
    follower.send(plan)
    course = follower.course
    if course.deaf:
        topics = ", ".join(dict.fromkeys(course.deaf))
        return Impact(text("impact.unknown_kind", topics=topics), known=False)
    follower.until_still()
    # The same seed: what differs comes from the command.
    other = without(state, now, follower.simulation.router.plant, learned)
    return _compared(follower, other, state)


def impact_of_several(
    commands: Sequence[tuple[str, Mapping[str, Any]]],
    state: FactoryState,
    now: float,
    learned: LearnedDurations | None = None,
) -> Impact:
    """What commands by kind and parameters would change, given one after the other as orders does.

    It stops at the first that cannot go out, or has no effect, and says which that is.
    """
    try:
        follower = Follower(state, now, learned)
    except NotSimulableError as error:
        return Impact(text("impact.not_simulable", why=error.text), known=False)
    outcome = _given_in_turn(follower, commands)
    if follower.course.deaf:
        return Impact(outcome, known=False)
    follower.until_still()
    other = without(state, now, follower.simulation.router.plant, learned)
    return replace(_compared(follower, other, state), outcome=outcome, seconds=None)


def _given_in_turn(follower: Follower, commands: Sequence[tuple[str, Mapping[str, Any]]]) -> Text:
    """Give them; in words how far that goes."""
    course = follower.course
    for number, (kind, parameters) in enumerate(commands, 1):
        try:
            plan = follower.give(kind, parameters)
        except CommandError as error:
            return text("impact.several_stop", number=number, why=error.told)
        if found := against(plan):
            return text("impact.several_stop", number=number, why=found[0].text)
        if course.deaf:
            topics = ", ".join(dict.fromkeys(course.deaf))
            return text("impact.unknown_kind", topics=topics)
        if course.fate in ("failed", "silent"):
            return text("impact.several_stop", number=number, why=_outcome(course))
    return text("impact.several", count=len(commands))


def _compared(follower: Follower, other: Course, state: FactoryState) -> Impact:
    course = follower.course
    return Impact(
        outcome=_outcome(course),
        orders=tuple(_orders(course, other, state)),
        stock=tuple(_stock(course, other)),
        positions=tuple(_positions(course, other)),
        losses=tuple(_losses(course, other, state)),
        settings=tuple(_settings(course, other)),
        blocked=tuple(_blocked(course, other)),
        alarms=tuple(a.text for key, a in course.alarms.items() if key not in other.alarms),
        assumed=tuple(follower.simulation.gaps),
        seconds=course.took_s,
        looked=_looked(course.lasted_s, follower.simulation.learned),
    )


def _looked(seconds: float, learned: LearnedDurations) -> Text:
    if learned.orders >= ENOUGH_TIMES:
        source = text("impact.source_learned", orders=learned.orders)
    else:
        source = text("impact.source_recorded")
    return text("impact.looked", seconds=figure(seconds, 0), source=source)


def _outcome(course: Course) -> Text:
    if course.fate == "effect" and course.took_s is not None:
        return text("impact.effect", seconds=figure(course.took_s, 0))
    if course.fate == "failed" and isinstance(course.why, Verdict):
        return text("impact.fails", why=course.why.text)
    if isinstance(course.why, Effect):
        return text("impact.silent", effect=course.why.text)
    return text("impact.open")


def _named(order: Order) -> Text:
    return text(
        "impact.order",
        kind=term("order.type", order.type),
        colour=term("colour", order.colour),
        id=verbatim(short(order.id)),
    )


def _orders(course: Course, other: Course, state: FactoryState) -> Iterator[Text]:
    for order in course.state.orders.values():
        if order.id in state.orders:
            continue
        ends = course.ends.get(order.id)
        if ends is None:
            yield text("impact.order_new_open", order=_named(order))
        else:
            yield text("impact.order_new", order=_named(order), seconds=figure(ends, 0))
    for identity in state.active_orders:
        mine, theirs = course.ends.get(identity), other.ends.get(identity)
        listed = state.orders.get(identity)
        if mine is None or theirs is None or listed is None or abs(mine - theirs) < NOTICED_S:
            continue
        key = "impact.order_later" if mine > theirs else "impact.order_sooner"
        yield text(key, order=_named(listed), seconds=figure(abs(mine - theirs), 0))


def _stock(course: Course, other: Course) -> Iterator[Text]:
    mine, theirs = course.state.stock.counts(), other.state.stock.counts()
    for colour in {**theirs, **mine}:
        before, after = theirs.get(colour, 0), mine.get(colour, 0)
        if before != after:
            yield text("impact.stock", colour=term("colour", colour), before=before, after=after)


def _positions(course: Course, other: Course) -> Iterator[Text]:
    for serial, vehicle in course.state.vehicles.items():
        before = other.state.vehicles.get(serial)
        if before is None:
            continue
        name = device_name(course.state, serial)
        if vehicle.last_node != before.last_node and vehicle.position_known:
            place = place_name(course.state, vehicle.last_node) or verbatim("")
            yield text("impact.stands", vehicle=name, place=place)
        mine, theirs = _carried(vehicle), _carried(before)
        for bay in sorted({**mine, **theirs}):
            if mine.get(bay) != theirs.get(bay) and mine.get(bay):
                colour = term("colour", mine.get(bay))
                yield text("impact.carries", vehicle=name, bay=bay, colour=colour)


def _carried(vehicle: Vehicle) -> dict[str, str | None]:
    return {bay: load.colour if load else None for bay, load in vehicle.bays.items()}


def _losses(course: Course, other: Course, state: FactoryState) -> Iterator[Text]:
    """What would be there without the command and is not with it."""
    for identity in state.active_orders:
        listed, mine = state.orders.get(identity), course.state.orders.get(identity)
        theirs = other.state.orders.get(identity)
        if listed is None or mine is None or theirs is None:
            continue
        gone = mine.vanished or mine.state in ("CANCELLED", "ERROR")
        if gone and not (theirs.vanished or theirs.state in ("CANCELLED", "ERROR")):
            yield text("impact.order_lost", order=_named(listed))
    for serial, vehicle in course.state.vehicles.items():
        before = other.state.vehicles.get(serial)
        if before and before.position_known and vehicle.last_node in (None, "", NOWHERE):
            yield text("impact.position_lost", vehicle=device_name(state, serial))
    kept = len(course.state.completed_orders) < len(other.state.completed_orders)
    if kept and not course.state.completed_orders:
        yield text("impact.list_lost", count=len(other.state.completed_orders))


def _settings(course: Course, other: Course) -> Iterator[Text]:
    mine, theirs = course.state.plant, other.state.plant
    if mine.config is not None and theirs.config is not None:
        yield from _differing(
            theirs.config.model_dump(by_alias=True, exclude_none=True),
            mine.config.model_dump(by_alias=True, exclude_none=True),
        )
    if mine.flows is not None and theirs.flows is not None:
        for colour in ("RED", "WHITE", "BLUE"):
            before, after = theirs.flows.of(colour), mine.flows.of(colour)
            if before != after:
                yield text(
                    "impact.flow",
                    colour=term("colour", colour),
                    before=" → ".join(before or ()) or "–",
                    after=" → ".join(after or ()) or "–",
                )
    if mine.layout != theirs.layout:
        yield text("impact.layout")


def _differing(
    before: dict[str, object], after: dict[str, object], path: str = ""
) -> Iterator[Text]:
    for key in {**before, **after}:
        old, new, name = before.get(key), after.get(key), f"{path}{key}"
        if isinstance(old, dict) and isinstance(new, dict):
            yield from _differing(old, new, f"{name}.")
        elif old != new:
            yield text("impact.setting", name=name, before=_said(old), after=_said(new))


def _said(value: object) -> Text:
    return text("impact.absent") if value is None else verbatim(str(value))


def _blocked(course: Course, other: Course) -> Iterator[Text]:
    for serial, seconds in course.busy.items():
        longer = seconds - other.busy.get(serial, 0.0)
        if longer >= NOTICED_S:
            name = device_name(course.state, serial)
            yield text("impact.busy", device=name, seconds=figure(longer, 0))
