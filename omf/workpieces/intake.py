"""Goods in: a piece is felt at the DPS, its colour read, its tag read, or it leaves before that.

The DPS tells its piece with each state of its own (PROTOCOL B.3, D.1); a state it forwards from its
TXT says nothing of pieces.
"""

from omf.messages.module import ModuleState
from omf.messages.orders import OrderRequest
from omf.messages.parts import UNREAD
from omf.state.assignments import DOCK_TYPE
from omf.state.model import Factory
from omf.state.modules import Module
from omf.state.values import Arrival, CarriedLoad, clip
from omf.workpieces import tracking
from omf.workpieces.life import Contradiction, LifeEvent, PlaceClaim, WorkpieceLife, Workpieces


def is_dock(module: Module, payload: ModuleState) -> bool:
    """Tell whether a module takes pieces in: by its type, else by how it names loads (F.29)."""
    if module.type is not None:
        return module.type == DOCK_TYPE
    return any(one.type is not None or one.load_type == UNREAD for one in payload.loads or ())


def read_dock(state: Factory, module: Module, payload: ModuleState, arrival: Arrival) -> None:
    """Take what the DPS tells of the piece that came in."""
    pieces = state.workpieces
    life = pieces.at(module.serial, None)
    command = module.action.command if module.action else None
    if payload.loads is not None and command != "PICK":
        if module.loads:
            life = _lies_there(state, module, life, module.loads[0], arrival)
        elif life is not None:
            _gone(pieces, module, life, arrival)
            return
    if command == "RGB_NFC" and life is not None and not arrival.retained:
        _read_tag(pieces, module, life, arrival)


def _lies_there(
    state: Factory,
    module: Module,
    life: WorkpieceLife | None,
    load: CarriedLoad,
    arrival: Arrival,
) -> WorkpieceLife:
    if life is None or _is_another(module, life, load):
        if life is not None:
            # 1. the former piece's DROP was not heard, 2. another one lies there now
            tracking.withdraw(life, module.serial, None, arrival.at)
        claim = PlaceClaim(module.serial, None, "module", arrival.at, arrival.id)
        content = (load.workpiece_id, load.colour)
        life = tracking.begin(state.workpieces, "intake", claim, content, arrival)
        event = LifeEvent(arrival.at, arrival.id, "station", "handed_in", module.serial)
        # A piece whose colour is known when it is first told was handed in before.
        life.note(event._replace(inferred=load.colour is not None or arrival.retained))
        if load.colour is not None:
            life.note(event._replace(what="colour_read", result=load.colour))
        return life
    if load.colour is not None and life.colour is None:
        event = LifeEvent(arrival.at, arrival.id, "station", "colour_read", module.serial)
        life.note(event._replace(result=load.colour))
    tracking.colour(life, load.colour, arrival)
    return life


def _is_another(module: Module, life: WorkpieceLife, load: CarriedLoad) -> bool:
    """A piece whose colour was read does not become unread again, nor another colour.

    One that a vehicle brought is on its way out: the DPS does not tell such a piece as its load.
    """
    if _was_carried(life):
        return True
    if module.action is not None or life.origin != "intake":
        return False
    return life.colour is not None and load.colour != life.colour


def _was_carried(life: WorkpieceLife) -> bool:
    return any(one.what == "loaded" for one in life.events)


def _read_tag(pieces: Workpieces, module: Module, life: WorkpieceLife, arrival: Arrival) -> None:
    action = module.action
    if action is None or action.state not in ("FINISHED", "FAILED"):
        return
    if action.state == "FINISHED" and action.result and action.result.upper() != UNREAD:
        tracking.identify(pieces, life, action.result, arrival, device=module.serial)
    elif life.tag is None and not any(one.what == "tag_unreadable" for one in life.events):
        life.note(LifeEvent(arrival.at, arrival.id, "station", "tag_unreadable", module.serial))


def _gone(pieces: Workpieces, module: Module, life: WorkpieceLife, arrival: Arrival) -> None:
    """The DPS holds nothing any more and put nothing onto a vehicle."""
    event = LifeEvent(arrival.at, arrival.id, "station", "put_out", module.serial, inferred=True)
    if _was_carried(life):
        # 1. the end of the delivery was not heard (F.37), 2. the order's end will tell
        tracking.withdraw(life, module.serial, None, arrival.at)
        life.note(event._replace(what="gone"))
        return
    if module.ordered is not None and pieces.by_order.get(module.ordered.order_id) == life.id:
        # 1. the end of its DROP was not heard (F.37), 2. the DPS is empty
        tracking.withdraw(life, module.serial, None, arrival.at)
        life.note(event)
        return
    kind, by = pieces.instants.get(module.serial, ("", ""))
    if kind == "cancelStorageOrder":
        tracking.end(pieces, life, "turned_away", arrival, (by,))
    else:
        reason = "left_without_tag" if life.tag is None else "taken_back"
        tracking.end(pieces, life, reason, arrival)


def read_request(state: Factory, payload: OrderRequest, arrival: Arrival) -> None:
    """A storage request names the tag of the piece at the DPS, should its own word be missing.

    A request alone begins no life: anybody can send one (PROTOCOL C.2).
    """
    tag = clip(payload.workpiece_id)
    if arrival.retained or payload.order_type == "PRODUCTION" or not tag:
        return
    pieces = state.workpieces
    unread = [
        life
        for life in pieces.open.values()
        if life.tag is None and life.origin == "intake" and life.claims
    ]
    alike = [life for life in unread if life.colour in (None, payload.type)]
    if len(alike) == 1:
        tracking.identify(pieces, alike[0], tag, arrival, inferred=True)
    elif (known := pieces.find(tag)) is not None and payload.type:
        _compare(known, payload.type, arrival)


def _compare(life: WorkpieceLife, told: str, arrival: Arrival) -> None:
    if life.colour is not None and life.colour != told:
        evidence = (life.colour_by or life.begun_by, arrival.id)
        life.contradict(Contradiction("colour", arrival.at, (life.colour, told), evidence))
