"""What a session is of: when, versions of the factory, how its orders ended, its alarms."""

from collections.abc import Iterable, Iterator
from typing import Literal

from omf.analysis.alarm_log import AlarmLog
from omf.analysis.report import ReportPart
from omf.messages.message import Message
from omf.state import FactoryState
from omf.state.device_names import own_name
from omf.state.orders import Order
from omf.texts import Text, of_fields

OrderOutcome = Literal["finished", "failed", "cancelled", "lost", "open"]
_OUTCOMES: dict[str | None, OrderOutcome] = {
    "FINISHED": "finished",
    "ERROR": "failed",
    "CANCELLED": "cancelled",
}


class SessionAlarm(ReportPart):
    """An alarm at the moment it came."""

    at_s: float
    """Seconds from the begin of the session."""
    severity: str
    rule: str
    subject: str
    de: str
    en: str
    fr: str

    @property
    def text(self) -> Text:
        """What it said."""
        return of_fields(self)


class SessionFacts(ReportPart):
    """Of one session file."""

    began_at: float
    """Arrival of its first message, Unix s."""
    length_s: float
    messages: int
    versions: dict[str, str]
    """What each part of the factory last said that it runs, by its name; who said none is left
    out."""
    orders: dict[OrderOutcome, int]
    """How the orders ended that the CCU worked on in the session; `open` at its end."""
    alarms: tuple[SessionAlarm, ...]
    """Each time one came, in order."""


def session_facts(messages: Iterable[Message]) -> SessionFacts | None:
    """Read a session once, in order of arrival; None for one without a message."""
    state, alarms, count = FactoryState(), AlarmLog(), 0
    first = at = 0.0
    for message in messages:
        at = message.received_at
        first = first if count else at
        count += 1
        alarms.pass_to(state, at)
        state.apply(message, at)
    if not count:
        return None
    alarms.look(state, at)
    raised = (
        SessionAlarm(
            at_s=max(0.0, came_at - first),
            severity=alarm.severity,
            rule=alarm.rule,
            subject=alarm.subject,
            **alarm.text.to_dict(),
        )
        for came_at, alarm in alarms.raised
    )
    return SessionFacts(
        began_at=first,
        length_s=at - first,
        messages=count,
        versions=dict(_versions(state)),
        orders=_orders(state.orders.values()),
        alarms=tuple(raised),
    )


def _versions(state: FactoryState) -> Iterator[tuple[str, str]]:
    told = state.plant.versions
    if told is not None and told.ccu_version:
        yield "CCU", told.ccu_version
    for module in state.modules.values():
        name = own_name(state, module.serial)
        inner = module.nodered.version if module.nodered else None
        yield from _told(name, module.version)
        yield from _told(f"{name} TXT", inner)
    for vehicle in state.vehicles.values():
        yield from _told(own_name(state, vehicle.serial), vehicle.version)


def _told(name: str, version: str | None) -> Iterator[tuple[str, str]]:
    if version:
        yield name, version


def _orders(orders: Iterable[Order]) -> dict[OrderOutcome, int]:
    """A completed order from before the session was never seen active in it."""
    found: dict[OrderOutcome, int] = {}
    for order in orders:
        if any(sighting.list == "active" for sighting in order.sightings):
            one = "lost" if order.vanished else _OUTCOMES.get(order.state, "open")
            found[one] = found.get(one, 0) + 1
    return found
