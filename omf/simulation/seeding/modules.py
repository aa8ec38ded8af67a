"""The modules as they stand: pieces, stage, the action under way and what is left of it."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from omf.layout.default import default_layout
from omf.layout.layout import Layout
from omf.simulation.device import LEAST_REST_S
from omf.simulation.modules.aiqs import HANDOVER_S, NEXT_COMMAND, QualityStation
from omf.simulation.modules.bridge import PLC_TYPES, Bridge
from omf.simulation.modules.calibration import Calibration
from omf.simulation.modules.dps import FORWARD_S, INPUT, INPUT_ORDER_ID, DeliveryStation
from omf.simulation.modules.hbw import Warehouse
from omf.simulation.modules.plc import BUSY, Plc
from omf.simulation.modules.processing import ProcessingModule
from omf.simulation.modules.txt import Controller
from omf.simulation.modules.txt_dps import TAKES_S
from omf.simulation.seeding import faults
from omf.simulation.seeding.progress import Standing
from omf.simulation.seeding.vehicles import error_body
from omf.simulation.simulated_factory import ModuleFacts
from omf.state import FactoryState
from omf.state.device import ACTION_ENDED, Channel
from omf.state.modules import Module
from omf.state.orders import Order, OrderStep
from omf.state.waiting_texts import WaitCause
from omf.texts import Text, text

ACTING = ("RUNNING", "INITIALIZING", "WAITING", "PENDING")
UNREACHABLE = ("OFFLINE", "CONNECTIONBROKEN")


def facts_of(state: FactoryState) -> list[ModuleFacts]:
    """The modules whose behaviour is known, as this factory has them."""
    kinds = dict((state.layout or Layout.from_message(default_layout())).modules)
    kinds |= {s: m.type for s, m in state.modules.items() if m.type and m.state_known}
    return [_facts(state, serial, kind) for serial, kind in kinds.items() if kind in PLC_TYPES]


def _facts(state: FactoryState, serial: str, kind: str) -> ModuleFacts:
    told = state.modules.get(serial) or Module(serial=serial)
    calibration = issubclass(PLC_TYPES[kind], Calibration)
    return ModuleFacts(serial, kind, told.ip or "", told.version or "", calibration)


def seed(
    bridge: Bridge,
    controllers: Sequence[Controller],
    state: FactoryState,
    standings: Sequence[Standing],
    found: Mapping[str, WaitCause],
    now: float,
) -> list[Text]:
    """Set a bridge and its TXT controllers that were not connected yet; what had to be assumed.

    `found` is what is wrong with modules, by serial.
    """
    gaps: list[Text] = []
    bridge.stock, bridge.started_at = None, bridge.stamp
    nodered = state.links.get("nodered")
    bridge.down = nodered is not None and nodered.connection in UNREACHABLE
    behind = {one.facts.serial: one for one in controllers}
    for serial, plc in bridge.modules.items():
        module = state.modules.get(serial)
        if module is None or not module.state_known:
            gaps.append(text("simulation.gap_module", module=serial))
            module = module or Module(serial=serial)
        else:
            _module(plc, module)
            faults.seed_module(plc, found.get(serial))
        at = next((s for s in standings if s.sent and _at(s.step, serial)), None)
        if at is not None and at.step is not None:
            _go_on(plc, behind.get(serial), module, at.order, at.step, now)
        elif isinstance(plc, DeliveryStation) and serial in behind:
            gaps += _input(plc, behind[serial], module, now)
    return gaps


def _at(step: OrderStep | None, serial: str) -> bool:
    return step is not None and step.serial == serial and step.type != "NAVIGATION"


def _module(plc: Plc, module: Module) -> None:
    plc.order_id, plc.order_update_id = module.order_id, int(module.order_update_id or 0)
    plc.errors = [error_body(one) | {"errorMessage": one.message} for one in module.errors]
    plc.silent = module.connection in UNREACHABLE
    plc.unreachable = plc.silent
    plc.action = _action(module)
    colour = next((load.colour for load in module.loads if load.colour), None)
    last = module.last_action
    done = last.command if last is not None and last.state == "FINISHED" else None
    if isinstance(plc, Warehouse):
        _bays(plc, module)
    elif isinstance(plc, ProcessingModule):
        order = (plc.process, "DROP")
        stages = {"PICK": order[0], plc.process: order[1]}
        plc.piece, plc.worked = colour, done == plc.process
        plc.stage = stages.get(done or "", "PICK") if colour else "PICK"
        plc.duration = int(last.duration) if last is not None and last.duration else None
        plc.accepted = (module.order_id, plc.order_update_id) if colour else None
        plc.usual_process_s = float(module.production_duration or plc.usual_process_s)
    elif isinstance(plc, QualityStation):
        plc.piece = colour
        plc.stage = NEXT_COMMAND.get(done or "", "PICK") if colour else "PICK"
    elif isinstance(plc, DeliveryStation) and colour:
        plc.stage, plc.colour, plc.piece = INPUT, colour, {"type": colour}
    if isinstance(plc, Calibration):
        plc.calibrating = bool(module.paused or module.calibrating)


def _action(module: Module) -> dict[str, Any] | None:
    action = module.action
    if action is None:
        return None
    told = {"id": action.id, "command": action.command, "state": action.state}
    more = {"result": action.result, "duration": action.duration}
    return told | {name: value for name, value in more.items() if value is not None}


def _bays(plc: Warehouse, module: Module) -> None:
    for bay, load in module.bays.items():
        if load is not None and bay in plc.bays:
            at = (load.loaded_ms or 0) / 1000
            plc.fill(bay, load.colour or "", load.workpiece_id or "", at)


# --- what is under way ----------------------------------------------------------------------


def _go_on(
    plc: Plc,
    controller: Controller | None,
    module: Module,
    piece: Order,
    step: OrderStep,
    now: float,
) -> None:
    """Go on with a command under way; one that was sent and not answered yet begins."""
    action = module.action
    running = action is not None and action.state in ACTING
    told = action is not None and action.id == step.id
    if told and not running:
        return
    metadata = _metadata(module, piece)
    order = {
        "orderId": module.ordered.order_id if module.ordered else module.order_id,
        "orderUpdateId": module.ordered.order_update_id if module.ordered else 0,
        "serialNumber": module.serial,
        "timestamp": plc.device.stamp,
        "action": {"id": step.id, "command": step.command, "metadata": metadata},
    }
    if not told:
        if step.command == "DROP" and isinstance(plc, DeliveryStation):
            plc.stage = INPUT
        if not plc.silent:
            plc.order(order)
        return
    began = (action.began_at if action else None) or now
    began = min(began, module.ordered.at) if module.ordered else began
    waited = max(0.0, now - began) * plc.device.speed
    _resume(plc, controller, module, order, waited)


def _metadata(module: Module, order: Order) -> dict[str, Any]:
    """As the CCU would send it: the colour of the order, its piece, and how long to work."""
    tag = {"workpieceId": order.workpiece_id} if order.workpiece_id else {}
    lasts = {"duration": module.production_duration} if module.production_duration else {}
    return {"type": order.colour or "", **tag, **lasts}


def _resume(
    plc: Plc,
    controller: Controller | None,
    module: Module,
    order: Mapping[str, Any],
    waited: float,
) -> None:
    command = str(order["action"]["command"])
    errors = plc.errors
    plc.order_id = order["orderId"]
    plc.inner = BUSY
    plc.heed(order)
    plc.begun(order)
    plc.action = {**plc.new_action(order), "state": "RUNNING"}
    plc.errors = errors
    if isinstance(plc, Warehouse | ProcessingModule):
        plc.accepted = (order["orderId"], order["orderUpdateId"])
    if isinstance(plc, ProcessingModule | QualityStation):
        plc.stage = command
    left = plc.device.rest(partial(plc.lasting, command), waited)
    if controller is not None and isinstance(plc, DeliveryStation):
        _txt(controller, order, max(LEAST_REST_S, left - FORWARD_S))
    elif controller is not None and command == "CHECK_QUALITY":
        _check(plc, controller, module.nodered, order, waited, left)
    else:
        plc.device.after(left, plc.finish, command, group=plc.group)


def _txt(controller: Controller, order: Mapping[str, Any], left: float) -> None:
    """The TXT works on it already."""
    controller.order = dict(order)
    action = order["action"]
    controller.action = {"command": action["command"], "id": action["id"], "state": "RUNNING"}
    controller.after(left, controller.done, group="order")


def _input(plc: DeliveryStation, txt: Controller, module: Module, now: float) -> list[Text]:
    """A piece somebody laid into the input is looked at, then its tag is read."""
    action = module.nodered.action if module.nodered is not None else None
    if action is None or action.state not in ACTING:
        return []
    if action.command == "INPUT_RGB":
        return [text("simulation.gap_colour", module=module.serial)]
    if action.command == "RGB_NFC" and plc.piece is not None:
        waited = max(0.0, now - (action.began_at or now)) * plc.device.speed
        reading = {"command": "RGB_NFC", "id": action.id, "metadata": dict(plc.piece)}
        order = {"orderId": INPUT_ORDER_ID, "orderUpdateId": 1, "action": reading}
        _txt(txt, order, txt.rest(partial(txt.draw, TAKES_S["RGB_NFC"]), waited))
    return []


def _check(
    plc: Plc,
    controller: Controller,
    told: Channel | None,
    order: Mapping[str, Any],
    waited: float,
    left: float,
) -> None:
    """The check passes from the module to its TXT and back: where it is, the TXT tells."""
    action = told.action if told is not None else None
    mine = action is not None and action.id == order["action"]["id"]
    if mine and action is not None and action.state in ACTION_ENDED:
        plc.device.after(LEAST_REST_S, plc.finish, "CHECK_QUALITY", group=plc.group)
        if isinstance(plc, QualityStation):
            plc.result = action.result or "FAILED"
    elif mine or waited >= HANDOVER_S:
        _txt(controller, order, max(LEAST_REST_S, left - 1.7))
    elif isinstance(plc, QualityStation):
        plc.ask_in(max(LEAST_REST_S, HANDOVER_S - waited))
