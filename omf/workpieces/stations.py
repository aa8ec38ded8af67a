"""What modules do with pieces: stored, retrieved, taken in, worked on, checked, put out, delivered.

An action counts once, at its end; which piece it was is told by its order, by the tag it names, or
by where the pieces are. A retained copy tells what lies where and is no event of now.
"""

from collections.abc import Mapping
from typing import TypeAlias

from omf.messages.module import InstantActions, ModuleOrder, ModuleState
from omf.state.model import Factory
from omf.state.modules import WAREHOUSE, Module
from omf.state.values import Action, Arrival, clip
from omf.workpieces import bays, tracking
from omf.workpieces.intake import is_dock, read_dock
from omf.workpieces.life import Contradiction, LifeEvent, PlaceClaim, WorkpieceLife
from omf.workpieces.orders import link

Levels: TypeAlias = Mapping[str, str]

WORKED: Mapping[str, str] = {"DRILL": "drilled", "MILL": "milled", "FIRE": "fired"}
"""What a piece is after a command that changes it."""
CHECK = "CHECK_QUALITY"
TAKES_PIECES_AWAY = frozenset({"cancelStorageOrder", "SET_STORAGE"})
"""Instant actions that take pieces out of the house (PROTOCOL C.23, C.25)."""


def module_state(state: Factory, levels: Levels, payload: ModuleState, arrival: Arrival) -> None:
    """Take what a module did, and what it holds."""
    module = state.modules.get(levels["serial"])
    if module is None:
        return
    action = module.action
    dock = is_dock(module, payload)
    if action is not None and _is_new(state, module, action) and not arrival.retained:
        if action.state == "FINISHED":
            _finished(state, module, action, arrival, dock=dock)
        elif action.state == "FAILED" and action.command != "RGB_NFC":
            _failed(state, module, action, arrival)
    if dock:
        read_dock(state, module, payload, arrival)
    elif module.bays and module.type in (WAREHOUSE, None):
        bays.read_bays(state, module, arrival)
    elif payload.loads is not None and not module.loads:
        _emptied(state, module, arrival)


def _is_new(state: Factory, module: Module, action: Action) -> bool:
    told = (action.id, action.command, action.state)
    if state.workpieces.actions.get(module.serial) == told:
        return False
    state.workpieces.actions[module.serial] = told
    return True


def _finished(
    state: Factory, module: Module, action: Action, arrival: Arrival, *, dock: bool
) -> None:
    command = action.command or ""
    warehouse = module.type == WAREHOUSE or (module.type is None and bool(module.bays))
    if command not in ("PICK", "DROP", CHECK) and command not in WORKED:
        return
    if warehouse:
        bays.read_action(state, module, action, arrival)
        return
    life = _piece(state, module, action, arrival)
    if life is None:
        return
    link(state, module.order_id, life)
    event = _event(module, action, arrival)
    if command in WORKED:
        _be_there(state, module, life, arrival)
        life.note(event._replace(what=WORKED[command]))
    elif command == CHECK:
        _checked(state, module, life, event, arrival)
    elif command == "DROP":
        life.note(event._replace(what="put_out"))
        tracking.withdraw(life, module.serial, None, arrival.at)
        bays.onto_vehicle(state, module, life, arrival)
    elif dock:
        tracking.place(state, life, _here(module, arrival))
        life.note(
            event._replace(what="tag_written" if action.result != "FAILED" else "tag_unwritten")
        )
        tracking.end(state.workpieces, life, "delivered", arrival)
    else:
        tracking.place(state, life, _here(module, arrival))
        life.note(event._replace(what="taken_in"))


def _event(module: Module, action: Action, arrival: Arrival) -> LifeEvent:
    return LifeEvent(
        arrival.at,
        arrival.id,
        "station",
        "",
        module.serial,
        result=action.result,
        order_id=module.order_id or None,
        began_at=action.began_at,
    )


def _here(module: Module, arrival: Arrival, *, inferred: bool = False) -> PlaceClaim:
    return PlaceClaim(module.serial, None, "module", arrival.at, arrival.id, inferred)


def _be_there(state: Factory, module: Module, life: WorkpieceLife, arrival: Arrival) -> None:
    """A piece that is worked on is there, even if the end of the PICK was not heard (F.37)."""
    if all(one.device != module.serial for one in life.claims):
        tracking.place(state, life, _here(module, arrival, inferred=True))


def _checked(
    state: Factory, module: Module, life: WorkpieceLife, event: LifeEvent, arrival: Arrival
) -> None:
    _be_there(state, module, life, arrival)
    seen = next((one for one in reversed(life.events) if one.what == "photographed"), None)
    evidence = (seen.message_id,) if seen and seen.at >= (event.began_at or arrival.at) else ()
    life.note(event._replace(what="checked", evidence=evidence))
    if event.result == "FAILED" and module.loads_known and not module.loads:
        tracking.end(state.workpieces, life, "rejected", arrival)


def _failed(state: Factory, module: Module, action: Action, arrival: Arrival) -> None:
    life = _piece(state, module, action, arrival, begin=False)
    if life is not None and (module.order_id or life.claims):
        event = _event(module, action, arrival)
        life.note(event._replace(what="failed", result=action.command))


def _piece(
    state: Factory, module: Module, action: Action, arrival: Arrival, *, begin: bool = True
) -> WorkpieceLife | None:
    """The piece an action was about; None where nothing tells which."""
    pieces, tag = state.workpieces, action.workpiece_id
    life = pieces.life(pieces.by_order.get(module.order_id, ""))
    if life is not None and life.end is None:
        if tag and life.tag and tag != life.tag:
            evidence = (life.begun_by, arrival.id)
            life.contradict(Contradiction("tag", arrival.at, (life.tag, tag), evidence))
        return life
    if life is not None:
        return None
    order = state.orders.get(module.order_id)
    tag = tag or (order.workpiece_id if order and order.list != "completed" else None)
    if tag and (found := pieces.find(tag, module.serial)) is not None:
        return found
    if tag is None and (there := pieces.at(module.serial, None)) is not None:
        return there
    return _found_working(state, module, (tag, action.colour), arrival) if begin else None


def _found_working(
    state: Factory, module: Module, content: tuple[str | None, str | None], arrival: Arrival
) -> WorkpieceLife | None:
    """A piece that was on its way when we began to listen: only if somebody tells it exists."""
    tag, colour = content
    order = state.orders.get(module.order_id)
    colour = colour or (order.colour if order else None)
    colour = colour or next((one.colour for one in module.loads if one.colour), None)
    if tag is None and not module.loads:
        return None
    claim = _here(module, arrival)
    return tracking.begin(state.workpieces, "module", claim, (tag, colour), arrival)


def _emptied(state: Factory, module: Module, arrival: Arrival) -> None:
    """A module that tells no tags holds nothing, and did not say that it put the piece out."""
    life = state.workpieces.at(module.serial, None)
    if life is None or (module.action and module.action.command == "DROP"):
        return
    checks = [one for one in life.events if one.what == "checked"]
    if checks and checks[-1].device == module.serial and checks[-1].result == "FAILED":
        tracking.end(state.workpieces, life, "rejected", arrival)
        return
    was = tracking.withdraw(life, module.serial, None, arrival.at)
    event = LifeEvent(arrival.at, arrival.id, "station", "gone", module.serial)
    life.note(event._replace(evidence=(was.message_id,) if was else ()))


def module_order(state: Factory, _levels: Levels, payload: ModuleOrder, arrival: Arrival) -> None:
    """An order to a module that names a tag tells which piece its order is about."""
    action = payload.action
    if arrival.retained or action is None or action.metadata is None or not payload.order_id:
        return
    named = action.metadata
    tag = named.workpiece_id or (named.workpiece.workpiece_id if named.workpiece else None)
    life = state.workpieces.find(clip(tag)) if tag else None
    if life is not None:
        link(state, clip(payload.order_id), life)


def module_instant_action(
    state: Factory, levels: Levels, payload: InstantActions, arrival: Arrival
) -> None:
    """Keep the last instant action that takes pieces away: it explains what is missing then."""
    for action in () if arrival.retained else payload.actions or ():
        if action.action_type in TAKES_PIECES_AWAY:
            state.workpieces.instants[levels["serial"]] = (action.action_type, arrival.id)


def txt_quality_check(state: Factory, _levels: Levels, _payload: object, arrival: Arrival) -> None:
    """The picture of a check belongs to the piece of the order that was checked then."""
    check = state.quality.checks[-1] if state.quality.checks else None
    if check is None or arrival.retained or check.picture.message_id != arrival.id:
        return
    pieces = state.workpieces
    life = pieces.life(pieces.by_order.get(check.order_id or "", ""))
    if life is None and check.workpiece_id:
        life = pieces.find(check.workpiece_id)
    if life is not None:
        event = LifeEvent(
            arrival.at, arrival.id, "station", "photographed", order_id=check.order_id
        )
        said = (
            check.result if not check.classification else f"{check.result} {check.classification}"
        )
        life.note(event._replace(result=said))
