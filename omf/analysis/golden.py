"""What a session says by the code, rules and calendar in force: orders, lives, alarms, figures.

A pure fold over its messages with their own clock. The same messages give the same rows, so rows
kept once tell later what a change would have made different (omf/analysis/golden_differences.py).
"""

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from omf.alarms import kpis
from omf.alarms.changes import observe
from omf.alarms.life import AlarmEntry, AlarmLife
from omf.alarms.lifecycle import AlarmEvent
from omf.alarms.rule_data import BUILT_IN, AlarmRules
from omf.analysis.shift_clock import ORDER_LISTS, ShiftClock
from omf.analysis.shift_figures import shift_figures
from omf.analysis.shifts import ShiftCalendar
from omf.constants import HOUR_S, MINUTE_S
from omf.messages.message import Message
from omf.state import FactoryState
from omf.state.device_names import own_name
from omf.state.orders import Order
from omf.topics import catalogue
from omf.workpieces.collect import LifeCollector
from omf.workpieces.deviations import deviations
from omf.workpieces.life import LifeEvent, PlaceClaim, WorkpieceLife
from omf.workpieces.record import status, timeline

GoldenKind = Literal["order", "life", "alarm", "figure"]
GOLDEN_KINDS: tuple[GoldenKind, ...] = ("order", "life", "alarm", "figure")
NEWS_JUDGED_S, QUIET_JUDGED_S = 0.1, 1.0
"""As the owner of the alarms judges: so soon after a message, and as often without one."""
LONG_QUIET_S = 600.0
"""After so long without a message one look a minute is enough."""
VANISHED = "VANISHED"
"""An order that left the CCU's lists without an end."""


class GoldenRow(BaseModel):
    """One order, life, alarm or figure; times are Unix s, devices as people call them."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    kind: GoldenKind
    id: str
    """Order id, id of the life, rule and subject of the alarm, or what the figure is of."""
    facts: dict[str, Any]


class AlarmTrace:
    """The alarms of a state as their owner would have kept them, nobody acting on them."""

    def __init__(self, state: FactoryState) -> None:
        """`state` is folded by the caller, who says what time it is."""
        self._state = state
        self._lives: dict[str, AlarmLife] = {}
        self._recent: deque[AlarmEntry] = deque()
        self._judged_at = self._heard_at = float("-inf")
        self._news_at: float | None = None
        self._open: dict[str, dict[str, Any]] = {}
        self.found: list[tuple[str, dict[str, Any]]] = []
        """Id and facts of each time an alarm stood, in the order of their beginnings."""

    def before(self, at: float) -> None:
        """Judge at every moment before `at` at which the owner would have; then a message comes."""
        if self._judged_at == float("-inf"):
            self._judged_at = at
        while (due := self._due()) <= at:
            self._judge(due)
        self._news_at = at if self._news_at is None else self._news_at
        self._heard_at = at

    def close(self, until: float) -> None:
        """Judge once more, at the end."""
        if self.found or self._news_at is not None:
            self._judge(until)

    def _due(self) -> float:
        if self._news_at is not None:
            return max(self._news_at + NEWS_JUDGED_S, self._judged_at)
        long = self._judged_at - self._heard_at >= LONG_QUIET_S
        return self._judged_at + (MINUTE_S if long else QUIET_JUDGED_S)

    def _judge(self, now: float) -> None:
        self._news_at, self._judged_at = None, now
        while self._recent and self._recent[0].at < now - HOUR_S:
            self._recent.popleft()
        state = self._state
        state.alarm_load = kpis.load(self._recent, now)
        found = state.found_alarms(now)
        self._lives, entries = observe(self._lives, found, now, state.alarm_rules)
        self._recent += entries
        for entry in entries:
            self._note(entry)
        for life in self._lives.values():
            if (open_ := self._open.get(life.id)) is not None:
                open_["severity"] = life.severity

    def _note(self, entry: AlarmEntry) -> None:
        stood = self._open.get(entry.alarm)
        if entry.event in (AlarmEvent.RAISED, AlarmEvent.SUPPRESSED) and stood is None:
            facts: dict[str, Any] = {
                "rule": entry.rule,
                "subject": entry.subject,
                "severity": entry.severity,
                "begin": _ms(entry.at),
                "end": None,
                "causes": [],
                "text": entry.text.to_dict(),
            }
            stood = self._open[entry.alarm] = facts
            self.found.append((entry.alarm, facts))
        if stood is None:
            return
        if entry.event is AlarmEvent.SUPPRESSED and entry.cause not in stood["causes"]:
            stood["causes"].append(entry.cause)
        if entry.event in (AlarmEvent.RETURNED, AlarmEvent.DROPPED):
            stood["end"] = _ms(entry.at)
            del self._open[entry.alarm]


class GoldenFold:
    """Folds the messages of a session in their order; `rows` then says what it was. Pure."""

    def __init__(self, since: float, rules: AlarmRules = BUILT_IN) -> None:
        """`since` is when the first message came."""
        self._lives = LifeCollector()
        self._lives.state.alarm_rules = rules
        self._alarms = AlarmTrace(self._lives.state)
        self._shift = ShiftClock(None, since)
        self._since = self._at = since
        self._active: set[str] = set()
        self._orders: dict[str, GoldenRow] = {}

    def take(self, message: Message) -> None:
        """Apply the next message."""
        self._at = max(self._at, message.received_at)
        self._alarms.before(self._at)
        self._lives.take(message)
        self._shift.take(message)
        entry = catalogue.of(message.topic)
        if entry is not None and entry.name in ORDER_LISTS:
            self._note_orders()

    def _note_orders(self) -> None:
        """What the state forgets of a long range is kept as it was told last."""
        state = self._lives.state
        active = set(state.active_orders)
        for name in sorted(active | self._active):
            if (order := state.orders.get(name)) is not None:
                self._orders[name] = _order(order)
        self._active = active

    def rows(self, calendar: ShiftCalendar) -> tuple[GoldenRow, ...]:
        """All of it; call once, after the last message."""
        state = self._lives.state
        self._alarms.close(self._at)
        self._shift.close(self._at)
        self._orders |= {
            name: _order(one) for name, one in state.orders.items() if name not in self._orders
        }
        alarms = (
            GoldenRow(kind="alarm", id=name, facts=facts) for name, facts in self._alarms.found
        )
        lives = (_life(one, state) for one in self._lives.lives)
        return (*self._orders.values(), *lives, *alarms, *self._figures(calendar))

    def _figures(self, calendar: ShiftCalendar) -> Iterator[GoldenRow]:
        span = self._since, self._at
        found = shift_figures(self._shift, span, calendar.planned(*span)).figures
        for one in (one for one in found if one.group not in ("alarms", "commands")):
            facts: dict[str, Any] = {
                "group": one.group,
                "subject": own_name(self._lives.state, one.subject),
                "name": one.name,
                "unit": one.unit,
                "value": None if one.value is None else round(one.value, 6),
            }
            yield GoldenRow(kind="figure", id=" ".join(map(str, one[:3])), facts=facts)


def golden_rows(
    messages: Iterable[Message], calendar: ShiftCalendar, rules: AlarmRules = BUILT_IN
) -> tuple[GoldenRow, ...]:
    """What a session says, in order of arrival; nothing of one without messages."""
    fold: GoldenFold | None = None
    for message in messages:
        fold = fold or GoldenFold(message.received_at, rules)
        fold.take(message)
    return fold.rows(calendar) if fold else ()


def _ms(at: float | None) -> float | None:
    return None if at is None else round(at, 3)


def _order(order: Order) -> GoldenRow:
    seen = {name: _first(order, name) for name in ("active", "completed")}
    facts = {
        "type": order.type,
        "colour": order.colour,
        "state": VANISHED if order.vanished else order.state,
        "begin": _ms(seen["active"]),
        "end": _ms(order.left_at if order.vanished else seen["completed"]),
        "steps": [_step(order, place) for place in range(len(order.steps))],
    }
    return GoldenRow(kind="order", id=order.id, facts=facts)


def _first(order: Order, name: str) -> float | None:
    return next((one.at for one in order.sightings if one.list == name), None)


def _step(order: Order, place: int) -> list[Any]:
    """Its place, as `DRILL.PICK` or `HBW > DRILL`, and the CCU's word."""
    step = order.steps[place]
    drives = step.source is not None or step.target is not None
    name = f"{step.source} > {step.target}" if drives else f"{step.module_type}.{step.command}"
    return [place + 1, name, step.state]


def _life(life: WorkpieceLife, state: FactoryState) -> GoldenRow:
    facts: dict[str, Any] = {
        "tag": life.tag,
        "colour": life.colour,
        "status": status(life),
        "begin": _ms(life.begun_at),
        "end": _ms(life.ended_at),
        "places": [_place(one, state) for one in life.claims],
        "events": [_event(one, state) for one in timeline(life)],
        "contradictions": [
            [one.kind, *(_said(one.kind, said, state) for said in one.said)]
            for one in life.contradictions
        ],
        "deviations": [
            [one.kind, one.what, _ms(one.seconds), one.usual.usual if one.usual else None]
            for one in deviations(life)
        ],
    }
    return GoldenRow(kind="life", id=life.id, facts=facts)


def _place(claim: PlaceClaim, state: FactoryState) -> str:
    name = own_name(state, claim.device)
    return f"{name} {claim.position}" if claim.position else name


def _said(kind: str, said: str, state: FactoryState) -> str:
    if kind in ("colour", "tag"):
        return said
    device, _, position = said.partition("/")
    return f"{own_name(state, device)} {position}".strip()


def _event(event: LifeEvent, state: FactoryState) -> dict[str, Any]:
    told = {
        "column": event.column,
        "what": event.what,
        "device": own_name(state, event.device) if event.device else None,
        "position": event.position,
        "node": own_name(state, event.node) if event.node else None,
        "result": event.result,
        "order_id": event.order_id,
        "companions": list(event.companions),
        "inferred": event.inferred,
    }
    return {"at": _ms(event.at)} | {name: said for name, said in told.items() if said}
