"""What each module did with its time, and what is told of vehicles, orders and pieces meanwhile.

Definitions are in docs/shift-report.md. Times are arrivals (PROTOCOL F.22). What was not heard is
unknown: it is neither work nor a pause.
"""

from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from omf.analysis.order_clock import OrderClock
from omf.analysis.vehicle_clock import VehicleClock
from omf.constants import MODULE_SILENCE_S
from omf.durations import USUAL_DURATIONS
from omf.messages.message import Message
from omf.state.assignments import active_orders, next_step
from omf.state.device import ACTION_ENDED
from omf.state.factory_state import FactoryState
from omf.state.modules import Module, Ordered
from omf.state.orders import OrderStep
from omf.state.values import Action
from omf.topics import catalogue
from omf.workpieces.collect import FoldedLives
from omf.workpieces.life import WorkpieceLife

Condition = Literal["busy", "unknown", "failed", "waiting_for_vehicle", "blocked", "no_order"]
CONDITIONS: tuple[Condition, ...] = (
    "busy",
    "failed",
    "waiting_for_vehicle",
    "blocked",
    "no_order",
    "unknown",
)
HEARTBEATS = frozenset({"module_connection", "fts_connection"})
SHIFT_ENTRIES = HEARTBEATS | frozenset(
    {
        "module_state",
        "module_order",
        "fts_state",
        "fts_order",
        "ccu_order_active",
        "ccu_order_completed",
        "ccu_order_request",
        "ccu_state_stock",
        "ccu_state_flows",
        "ccu_state_layout",
        "ccu_set_reset",
        "ccu_pairing_state",
    }
)
"""Names of the catalogue entries the figures are made of."""
ORDER_LISTS = frozenset({"ccu_order_active", "ccu_order_completed"})
PAIRING, PAIRING_EVERY_S = "ccu_pairing_state", 60.0
"""It comes every second and tells of the types of modules: one a minute is read."""
DRIVE_STEP = "NAVIGATION"


@dataclass(slots=True)
class TimeSlice:
    """A module in one condition from `begin` to `end`, by the messages named."""

    condition: Condition
    begin: float
    end: float
    began_by: str
    """The message since which it was so, or the first in the range; "" where there was none."""
    command: str | None = None
    order_id: str | None = None
    ended_by: str = ""
    result: str | None = None
    """Of busy: the state the action ended with; None while it did not."""
    usual_s: float | None = None
    """Of busy: how long this action usually takes; None where nothing was measured."""


@dataclass(slots=True)
class _Now:
    """A module at this moment."""

    condition: Condition
    since: float
    by: str
    command: str | None = None
    order_id: str | None = None
    action: str | None = None


class HeardMessage(NamedTuple):
    """When something was said, and by which message."""

    at: float
    by: str


class ShiftClock:
    """Hears the messages of a range in order; `state` is the fold up to its beginning. Pure."""

    def __init__(self, state: FactoryState | None, since: float) -> None:
        """`state` None: nothing is known at `since` (Unix s)."""
        self._folded = FoldedLives(state)
        self._at = self._since = since
        self._paired_at = float("-inf")
        self._heard: dict[str, float] = {}
        self.first: HeardMessage | None = None
        self.last: HeardMessage | None = None
        """The first and last message of anybody since the beginning."""
        self.quiet: list[tuple[HeardMessage, HeardMessage]] = []
        """Messages between which nobody of the factory said anything for too long, in order."""
        self._modules: dict[str, _Now] = {}
        self.slices: dict[str, list[TimeSlice]] = {}
        """By serial, in order of time; what is still going on is added by `close`."""
        self.vehicles = VehicleClock()
        self.orders = OrderClock(self.state)
        self.lives: dict[str, WorkpieceLife] = {}
        """Every piece that was in the house, once `close` was called."""
        self._carry_over()

    @property
    def state(self) -> FactoryState:
        """The fold of everything heard."""
        return self._folded.state

    def _carry_over(self) -> None:
        state = self.state
        for serial, module in state.modules.items():
            if module.last_message is not None:
                self._heard[serial] = module.last_message
        for serial in state.modules:
            self._judge(serial, self._since, "")

    def take(self, message: Message) -> None:
        """Hear the next message; what says nothing of these figures is passed over."""
        entry = catalogue.of(message.topic)
        if entry is None or entry.name not in SHIFT_ENTRIES:
            return
        if entry.name == PAIRING and message.received_at - self._paired_at < PAIRING_EVERY_S:
            return
        at = self._at = max(self._at, message.received_at)
        self._note(HeardMessage(at, message.id))
        serial = catalogue.levels(entry.name, message.topic).get("serial", "")
        if serial and not message.retain and entry.direction == "from_factory":
            self._hear(serial, at, message.id)
        if entry.name in HEARTBEATS:
            self._reconsider(serial, at, message.id)
        else:
            self._fold(message, entry.name, serial)

    def _note(self, heard: HeardMessage) -> None:
        if self.last is not None and heard.at - self.last.at > MODULE_SILENCE_S:
            self.quiet.append((self.last, heard))
        self.first, self.last = self.first or heard, heard

    def _fold(self, message: Message, name: str, serial: str) -> None:
        self.lives |= {life.id: life for life in self._folded.take(message)}
        if name == PAIRING:
            self._paired_at = self._at
        elif name in ORDER_LISTS:
            self.orders.hear(self.state, message)
            for known in list(self.state.modules):
                self._judge(known, self._at, message.id)
        elif name == "fts_state" and not message.retain:
            self.vehicles.hear(self.state, serial, self._at, message.id)
        elif name in ("module_state", "module_order"):
            self._judge(serial, self._at, message.id)

    def _hear(self, serial: str, at: float, by: str) -> None:
        self._silence(serial, at)
        self._heard[serial] = at
        now = self._modules.get(serial)
        if now is not None and not now.by and now.condition != "unknown":
            now.by = by

    def _silence(self, serial: str, at: float) -> None:
        """A module that said nothing for too long was unknown since then."""
        now, heard = self._modules.get(serial), self._heard.get(serial)
        if now is None or now.condition in ("busy", "unknown"):
            return
        quiet_from = (heard if heard is not None else self._since) + MODULE_SILENCE_S
        if at > quiet_from:
            self._pass(serial, _Now("unknown", max(quiet_from, now.since), now.by))

    def _reconsider(self, serial: str, at: float, by: str) -> None:
        now = self._modules.get(serial)
        if now is not None and now.condition == "unknown":
            self._judge(serial, at, by)

    def _judge(self, serial: str, at: float, by: str) -> None:
        module = self.state.modules.get(serial)
        if module is None:
            return
        self._silence(serial, at)
        found = self._condition(module, at, by)
        now = self._modules.get(serial)
        if now is None:
            if at > self._since:
                self._add(serial, TimeSlice("unknown", self._since, at, ""))
            self._modules[serial] = found
        elif (now.condition, now.action) != (found.condition, found.action):
            self._pass(serial, found)

    def _pass(self, serial: str, found: _Now) -> None:
        now = self._modules[serial]
        module = self.state.modules.get(serial)
        action = module.action if module and now.condition == "busy" else None
        ended = action is not None and action.id == now.action
        part = TimeSlice(now.condition, now.since, found.since, now.by, now.command, now.order_id)
        usual = USUAL_DURATIONS.get(f"{module.type}.{now.command}") if module else None
        part.ended_by, part.result = found.by, action.state if action and ended else None
        part.usual_s = usual.usual if ended and usual else None
        self._add(serial, part)
        self._modules[serial] = found

    def _add(self, serial: str, part: TimeSlice) -> None:
        if part.end > part.begin or part.condition == "busy":
            self.slices.setdefault(serial, []).append(part)

    def _condition(self, module: Module, at: float, by: str) -> _Now:
        action, heard = module.action, self._heard.get(module.serial)
        if (told := self._told(module, at)) is not None:
            return _Now("busy", at, by, told.command, told.order_id, told.action_id)
        command = _command(module, action)
        if action is not None and command and action.state not in (None, *ACTION_ENDED):
            return _Now("busy", at, by, command, module.order_id or None, action.id)
        if heard is None or at - heard > MODULE_SILENCE_S:
            return _Now("unknown", at, by)
        failed = action is not None and action.state == "FAILED"
        if failed or any(error.fatal for error in module.errors):
            return _Now("failed", at, by, order_id=module.order_id or None)
        return self._waiting(module, at, by)

    def _told(self, module: Module, at: float) -> Ordered | None:
        """The order it was given and has not answered yet; long unanswered it is not at work."""
        ordered, action = module.ordered, module.action
        if ordered is None or ordered.action_id is None or at - ordered.at > MODULE_SILENCE_S:
            return None
        known = {one.id for one in (action, module.last_action) if one is not None}
        return None if ordered.action_id in known else ordered

    def _waiting(self, module: Module, at: float, by: str) -> _Now:
        for order in active_orders(self.state):
            step = next_step(order) if order.state == "IN_PROGRESS" else None
            if step is None:
                continue
            if step.type == DRIVE_STEP and module.type in (step.source, step.target):
                return _Now("waiting_for_vehicle", at, by, order_id=order.id)
            if step.type != DRIVE_STEP and _works_at(step, module):
                return _Now("blocked", at, by, step.command, order.id)
        return _Now("no_order", at, by)

    def close(self, until: float) -> None:
        """End the range, after its last message."""
        for serial in list(self._modules):
            self._silence(serial, until)
            now = self._modules[serial]
            part = TimeSlice(now.condition, now.since, until, now.by, now.command, now.order_id)
            self._add(serial, part)
        self.vehicles.close(until)
        pieces = self.state.workpieces
        self.lives |= {life.id: life for life in (*pieces.ended, *pieces.open.values())}

    def go_on(self, at: float) -> None:
        """After `close(at)`: tell what follows for itself, as whoever knows what was before."""
        self._since = self._at = at
        self.slices, self.lives = {}, {}
        self.first, self.last, self.quiet = None, None, []
        self._modules = {
            serial: replace(now, since=at, by="") for serial, now in self._modules.items()
        }
        self.vehicles.go_on(at)
        self.orders.go_on()


def _command(module: Module, action: Action | None) -> str | None:
    """What an action is; the DPS leaves the command out while it works (PROTOCOL B.3)."""
    ordered = module.ordered
    if action is None:
        return None
    same = ordered is not None and ordered.action_id is not None and ordered.action_id == action.id
    return action.command or (ordered.command if ordered and same else None)


def _works_at(step: OrderStep, module: Module) -> bool:
    return step.serial == module.serial or (step.serial is None and step.module_type == module.type)
