"""Which message is the reason of which: joined by the ids they name, from a request to a state.

An order is answered by its request, told to vehicle and modules under its id, step by step; the id
of a step is the id of the action (PROTOCOL C.28), which comes back in the states (F.24). What names
no such id is joined by device and time only, and marked as inferred.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import singledispatchmethod
from typing import Literal, NamedTuple

from omf.messages.ccu import GlobalReset
from omf.messages.commands import (
    CALIBRATION_COMMANDS,
    PairVehicle,
    SetCalibration,
    SetCharge,
    SetReset,
)
from omf.messages.fts import VehicleOrder, VehicleState
from omf.messages.message import Message
from omf.messages.module import InnerOrder, InstantActions, ModuleOrder, ModuleState
from omf.messages.orders import (
    AskedOrder,
    CloudOrderRequest,
    OrderList,
    OrderRecord,
    OrderRequest,
)
from omf.messages.parts import ActionState
from omf.messages.reading import Reading, parse
from omf.state.device import ACTION_ENDED

FOLLOWS_S = 5.0
"""What follows from a message without naming it comes within so many seconds (D.5, G.4)."""
IDLE_ID = "0"
"""The action id of what the bridge asks of the DPS by itself (F.35)."""


LinkKind = Literal["request", "order", "step", "action", "time"]
"""By what two messages are joined: the request the order names, the id of the order, the step that
another depends on, the id of the action, device and time."""


class ChainLink(NamedTuple):
    """One message is the reason of another."""

    cause: str
    """Id of the message."""
    effect: str
    by: LinkKind
    inferred: bool
    """No id says so."""


class _ToldStep(NamedTuple):
    """One message that was read."""

    id: str
    at: float
    name: str
    serial: str
    payload: object


class ChainLinks:
    """Reads the messages twice: an order is listed after the first drive that it causes."""

    def __init__(self, messages: Iterable[Message], wanted: str) -> None:
        self._told = list(_read(messages))
        self._wanted = wanted
        self._announced: dict[str, tuple[str, bool]] = {}
        """Order id -> the message it follows from, and whether that is inferred."""
        self._depends: dict[str, str] = {}
        """Step id -> the step before it."""
        self._acts: dict[str, str] = {}
        """Action id -> the message that told it."""
        self._ended: dict[str, str] = {}
        """Action id -> the message that told its end."""
        self._phases: dict[tuple[str, str], str | None] = {}
        self._orders_seen: set[tuple[str, str]] = set()
        self._steps: dict[str, str | None] = {}
        self._nodes: dict[str, str | None] = {}
        self._module_ended: dict[str, _ToldStep] = {}
        self._recent: list[_ToldStep] = []

    def links(self) -> list[ChainLink]:
        """Every link, in the order of the effects."""
        self._learn()
        found: dict[ChainLink, None] = {}
        heard: set[str] = set()
        for told in self._told:
            for cause, by, inferred in self._causes(told.payload, told):
                # 1. nobody recorded the request, 2. the list of the order comes after its drive
                if cause in heard:
                    found[ChainLink(cause, told.id, by, inferred)] = None
            heard.add(told.id)
        return list(found)

    def _learn(self) -> None:
        asked: list[tuple[str, AskedOrder]] = []
        for told in self._told:
            if isinstance(told.payload, OrderRequest):
                one = told.payload
                what = (one.order_type, one.type, one.timestamp, one.request_id, one.workpiece_id)
                asked.append((told.id, AskedOrder(*what)))
        for told in self._told:
            for order in _orders(told.payload):
                self._learn_order(order, told, asked)

    def _learn_order(
        self, order: OrderRecord, told: _ToldStep, asked: list[tuple[str, AskedOrder]]
    ) -> None:
        name = order.order_id or ""
        if name not in self._announced:
            request = next((one for one in reversed(asked) if one[1].is_answered_by(order)), None)
            by_id = request is not None and bool(order.request_id and request[1].request_id)
            self._announced[name] = (request[0], not by_id) if request else (told.id, False)
        for step in order.production_steps:
            if step.id and step.dependent_action_id:
                self._depends[step.id] = step.dependent_action_id

    @singledispatchmethod
    def _causes(self, _: object, told: _ToldStep) -> Iterator[tuple[str, LinkKind, bool]]:
        """The messages a payload follows from: id, by what they are joined, whether inferred."""
        self._recent.append(told)
        return iter(())

    @_causes.register
    def _(self, payload: OrderRequest, told: _ToldStep) -> Iterator[tuple[str, LinkKind, bool]]:
        for one in reversed(self._near(told, CloudOrderRequest)):
            if getattr(one.payload, "type", None) == payload.type:
                yield one.id, "time", True
                return

    @_causes.register
    def _(self, payload: OrderRecord, told: _ToldStep) -> Iterator[tuple[str, LinkKind, bool]]:
        yield from self._order(payload, told)

    @_causes.register
    def _(self, payload: OrderList, told: _ToldStep) -> Iterator[tuple[str, LinkKind, bool]]:
        for order in payload.orders:
            yield from self._order(order, told)

    def _order(self, order: OrderRecord, told: _ToldStep) -> Iterator[tuple[str, LinkKind, bool]]:
        """A list is news of an order at its first sight there, and where a step of it has ended."""
        name = order.order_id or ""
        if (name, told.name) not in self._orders_seen:
            self._orders_seen.add((name, told.name))
            if told.name != "ccu_order_completed" and name in self._announced:
                cause, inferred = self._announced[name]
                yield cause, "request", inferred
        for step in order.production_steps:
            key = step.id or ""
            news = self._steps.get(key) != step.state
            self._steps[key] = step.state
            if news and step.state in {"FINISHED", "ERROR"} and key in self._ended:
                yield self._ended[key], "step", False

    @_causes.register
    def _(self, payload: VehicleOrder, told: _ToldStep) -> Iterator[tuple[str, LinkKind, bool]]:
        acts = [node.action for node in payload.nodes or () if node.action and node.action.id]
        step = acts[-1].id or "" if acts else ""
        yield from self._told_for(payload.order_id, step, told, SetCharge)
        self._acts |= {act.id: told.id for act in acts if act.id}

    @_causes.register
    def _(self, payload: ModuleOrder, told: _ToldStep) -> Iterator[tuple[str, LinkKind, bool]]:
        step = payload.action.id if payload.action else None
        yield from self._told_for(payload.order_id, step or "", told, SetReset)
        if step:
            self._acts[step] = told.id

    @_causes.register
    def _(self, payload: InnerOrder, _: _ToldStep) -> Iterator[tuple[str, LinkKind, bool]]:
        """What the bridge hands on under the same action id."""
        act = payload.action.id if payload.action else None
        if act and act != IDLE_ID and act in self._acts:
            yield self._acts[act], "action", False

    def _told_for(
        self, order_id: str | None, step: str, told: _ToldStep, asked: type
    ) -> Iterator[tuple[str, LinkKind, bool]]:
        """A step follows from the end of the one before it, the first of all from the order."""
        before = self._ended.get(self._depends.get(step, ""))
        if before is not None:
            yield before, "step", False
        elif order_id in self._announced:
            cause, inferred = self._announced[order_id or ""]
            yield cause, "order", inferred
        else:
            yield from self._asked_for(told, asked)

    @_causes.register
    def _(self, payload: ModuleState, told: _ToldStep) -> Iterator[tuple[str, LinkKind, bool]]:
        acts = [*payload.action_states, *([payload.action_state] if payload.action_state else [])]
        yield from self._acted(acts, told)
        phase = payload.action_state.phase if payload.action_state else None
        if phase in ACTION_ENDED and told.name == "module_state":
            self._module_ended[told.serial] = told

    @_causes.register
    def _(self, payload: VehicleState, told: _ToldStep) -> Iterator[tuple[str, LinkKind, bool]]:
        self._nodes[told.serial] = payload.node
        yield from self._acted(payload.action_states, told)

    def _acted(
        self, acts: Iterable[ActionState], told: _ToldStep
    ) -> Iterator[tuple[str, LinkKind, bool]]:
        """News of an action: that it is known, and its end; the message asked for in any case."""
        for act in acts:
            cause = self._acts.get(act.id or "")
            if act.id is None or cause is None:
                continue
            key = (told.name, act.id)
            first, ended = key not in self._phases, act.phase in ACTION_ENDED
            news = self._phases.get(key) != act.phase
            self._phases[key] = act.phase
            if ended and told.name != "nodered_state":
                self._ended.setdefault(act.id, told.id)
            if (news and (first or ended)) or told.id == self._wanted:
                yield cause, "action", False

    @_causes.register
    def _(self, payload: InstantActions, told: _ToldStep) -> Iterator[tuple[str, LinkKind, bool]]:
        for one in payload.actions or ():
            if one.action_type == "clearLoadHandler":
                ended = self._module_ended.get(self._nodes.get(told.serial) or "")
                if ended is not None and told.at - ended.at <= FOLLOWS_S:
                    yield ended.id, "time", True
            elif one.action_type in _ASKED_BY:
                yield from self._asked_for(told, _ASKED_BY[one.action_type])
            elif one.metadata and one.metadata.order_id in self._announced:
                cause, inferred = self._announced[one.metadata.order_id or ""]
                yield cause, "order", inferred
            if one.action_id:
                self._acts[one.action_id] = told.id

    @_causes.register
    def _(self, _: GlobalReset, told: _ToldStep) -> Iterator[tuple[str, LinkKind, bool]]:
        yield from self._asked_for(told, SetReset)

    def _asked_for(self, told: _ToldStep, asked: type) -> Iterator[tuple[str, LinkKind, bool]]:
        """The last wish of that kind shortly before, for that device where it names one."""
        for one in reversed(self._near(told, asked)):
            if getattr(one.payload, "serial_number", None) in (None, told.serial):
                yield one.id, "time", True
                return

    def _near(self, told: _ToldStep, kind: type) -> list[_ToldStep]:
        self._recent = [one for one in self._recent if told.at - one.at <= FOLLOWS_S]
        return [one for one in self._recent if isinstance(one.payload, kind)]


_ASKED_BY: Mapping[str | None, type] = {
    "reset": SetReset,
    "stopCharging": SetCharge,
    "findInitialDockPosition": PairVehicle,
    **dict.fromkeys(CALIBRATION_COMMANDS, SetCalibration),
}


def _orders(payload: object) -> tuple[OrderRecord, ...]:
    if isinstance(payload, OrderList):
        return payload.orders
    return (payload,) if isinstance(payload, OrderRecord) and payload.order_id else ()


def _read(messages: Iterable[Message]) -> Iterator[_ToldStep]:
    for message in messages:
        if isinstance(read := parse(message.topic, message.payload), Reading):
            serial = str(read.levels.get("serial", ""))
            yield _ToldStep(message.id, message.received_at, read.entry.name, serial, read.payload)
