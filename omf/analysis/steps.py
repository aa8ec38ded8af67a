"""When each step of each order began and ended, by the arrival of what proves it.

The CCU publishes its lists late and not for every change, so the devices are heard first: the id of
a step is the id of the action it orders (PROTOCOL C.28).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from omf import durations
from omf.analysis.report import OrderRow, StepRow, Verdict
from omf.durations import Span
from omf.messages.base import Payload
from omf.messages.fts import VehicleOrder, VehicleState
from omf.messages.module import ModuleOrder, ModuleState
from omf.state import FactoryState
from omf.state.orders import Order, OrderStep

END_STATES = frozenset({"FINISHED", "FAILED", "ERROR"})
TOLERANCE = 0.1
"""A step is slow or fast when it leaves the recorded range by more than this share of its most."""
NEVER_SEEN: dict[str, Verdict] = {
    "CANCELLED": "cancelled",
    "ERROR": "failed",
    "FINISHED": "skipped",
    "IN_PROGRESS": "open",
}


@dataclass(slots=True)
class StepTimes:
    """What is known of one step."""

    began_at: float | None = None
    ended_at: float | None = None
    listed_end_at: float | None = None
    """When the CCU first listed it as ended, having listed it as not ended before."""
    listed: str | None = None
    usual: Span | None = None
    device: str | None = None


class StepClock:
    """Hears every message and remembers when each step began and ended."""

    def __init__(self) -> None:
        self._times: dict[str, StepTimes] = {}

    def hear(self, payload: Payload, serial: str | None, at: float) -> None:
        """Take one live message of a device or to one."""
        match payload:
            case ModuleOrder(action=action) if action:
                self._told(action.id, at)
            case VehicleOrder(nodes=nodes):
                for node in nodes or ():
                    if node.action and node.action.type == "DOCK":
                        self._told(node.action.id, at, durations.drive(payload), serial)
            case ModuleState(action_state=action) if action:
                self._reported(action.id, action.state, at)
            case VehicleState(action_states=actions):
                for action in actions:
                    self._reported(action.id, action.state, at)

    def look(self, state: FactoryState, at: float) -> None:
        """Compare with what the CCU lists now; call after each of its order messages."""
        for order_id in (*state.active_orders, *state.completed_orders):
            for step in state.orders[order_id].steps:
                self._listed(step, at)

    def _listed(self, step: OrderStep, at: float) -> None:
        times = self._times.setdefault(step.id or "", StepTimes())
        before, times.listed = times.listed, step.state
        if before in (None, step.state):
            return
        if step.state == "IN_PROGRESS":
            times.began_at = at if times.began_at is None else times.began_at
        if step.state in END_STATES:
            times.listed_end_at = at if times.listed_end_at is None else times.listed_end_at

    def _told(
        self, step_id: str | None, at: float, usual: Span | None = None, device: str | None = None
    ) -> None:
        times = self._times.setdefault(step_id or "", StepTimes())
        if times.began_at is None:
            times.began_at, times.usual, times.device = at, usual, device

    def _reported(self, step_id: str | None, state: str | None, at: float) -> None:
        times = self._times.get(step_id or "")
        if times and times.began_at is not None and times.ended_at is None and state in END_STATES:
            times.ended_at = at

    def order(self, order: Order) -> OrderRow:
        """The order with its steps as they went."""
        ended = next((s.at for s in order.sightings if s.list == "completed"), order.left_at)
        return OrderRow(
            id=order.id,
            type=order.type,
            colour=order.colour,
            state=order.state,
            vanished=order.vanished,
            began_at=order.first_seen,
            ended_at=ended,
            usual_alone=durations.order_alone(order.type, order.colour),
            steps=tuple(self._rows(order)),
        )

    def _rows(self, order: Order) -> Iterator[StepRow]:
        free_at: float | None = order.first_seen
        for step in order.steps:
            times = self._times.get(step.id or "", StepTimes())
            ended_at = _end(times)
            row = _row(step, times, ended_at, free_at)
            free_at = ended_at if ended_at is not None else free_at
            yield row


def _end(times: StepTimes) -> float | None:
    if times.ended_at is not None or times.began_at is None:
        return times.ended_at
    return times.listed_end_at


def _row(
    step: OrderStep, times: StepTimes, ended_at: float | None, free_at: float | None
) -> StepRow:
    drive = step.type == "NAVIGATION"
    name = f"{step.source} → {step.target}" if drive else f"{step.module_type}.{step.command}"
    usual = times.usual if drive else durations.USUAL_DURATIONS.get(name)
    wait_s = None
    if times.began_at is not None and free_at is not None:
        wait_s = max(0.0, times.began_at - free_at)
    return StepRow(
        id=step.id,
        name=name,
        drive=drive,
        device=times.device if drive else step.module_type,
        state=step.state,
        began_at=times.began_at,
        ended_at=ended_at,
        wait_s=wait_s,
        usual=usual,
        verdict=_verdict(step, times.began_at, ended_at, usual),
    )


def _verdict(
    step: OrderStep, began: float | None, ended: float | None, usual: Span | None
) -> Verdict:
    if began is None:
        return NEVER_SEEN.get(step.state or "", "waiting")
    if step.state in {"ERROR", "FAILED"}:
        return "failed"
    if step.state == "CANCELLED":
        return "cancelled"
    if ended is None:
        return "open"
    return pace(ended - began, usual)


def pace(duration_s: float, usual: Span | None) -> Verdict:
    """Hold a duration against the recorded range."""
    if usual is None:
        return "unknown"
    if duration_s > usual.most * (1 + TOLERANCE):
        return "slow"
    return "fast" if duration_s < usual.least - usual.most * TOLERANCE else "usual"
