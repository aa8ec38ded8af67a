"""What vehicles do with pieces: loaded, under way past which nodes and beside whom, unloaded.

A vehicle presets the load of a bay when it docks (PROTOCOL D.4); what it says while it waits for
the handover is therefore no word on where a piece is.
"""

from collections.abc import Mapping
from typing import TypeAlias

from omf.messages.fts import VehicleState
from omf.messages.module import InstantActions
from omf.state.model import Factory
from omf.state.values import Arrival
from omf.state.vehicles import Vehicle
from omf.workpieces import tracking
from omf.workpieces.life import Content, Contradiction, LifeEvent, PlaceClaim, WorkpieceLife

Levels: TypeAlias = Mapping[str, str]


def fts_state(state: Factory, levels: Levels, payload: VehicleState, arrival: Arrival) -> None:
    """Take where a vehicle is and what it holds."""
    vehicle = state.vehicles.get(levels["serial"])
    if vehicle is None:
        return
    pieces = state.workpieces
    serial = vehicle.serial
    if vehicle.last_node != pieces.nodes.get(serial):
        known = serial in pieces.nodes
        pieces.nodes[serial] = vehicle.last_node
        if known and vehicle.position_known and not arrival.retained:
            _note_node(state, vehicle, arrival)
    if vehicle.waiting_for_load or "load" not in payload.model_fields_set:
        return
    holds = _holds(vehicle)
    if holds != pieces.told.get(serial):
        _change(state, vehicle, holds, arrival)


def _holds(vehicle: Vehicle) -> dict[str, Content]:
    return {
        name: (load.workpiece_id, load.colour)
        for name, load in vehicle.bays.items()
        if load is not None
    }


def _note_node(state: Factory, vehicle: Vehicle, arrival: Arrival) -> None:
    what = "docked" if vehicle.last_node in state.modules else "passed"
    for life in state.workpieces.on(vehicle.serial):
        claim = next(one for one in life.claims if one.device == vehicle.serial)
        event = LifeEvent(arrival.at, arrival.id, "transport", what, vehicle.serial)
        life.note(event._replace(position=claim.position, node=vehicle.last_node))


def _change(state: Factory, vehicle: Vehicle, holds: dict[str, Content], arrival: Arrival) -> None:
    pieces, serial = state.workpieces, vehicle.serial
    before = pieces.told.get(serial, {})
    # A bay the vehicle did not tell of is unknown, not empty.
    kept = {name: held for name, held in before.items() if name not in vehicle.bays}
    pieces.told[serial] = {**kept, **holds}
    changed = {name: held for name, held in holds.items() if before.get(name) != held}
    for name, held in before.items():
        if name not in holds and name not in kept:
            _unload(state, vehicle, name, held, arrival)
    for name, held in changed.items():
        _exchange(state, vehicle, name, (before.get(name), held), arrival)
    for name, held in changed.items():
        _load(state, vehicle, name, held, arrival)


def _unload(state: Factory, vehicle: Vehicle, name: str, held: Content, arrival: Arrival) -> None:
    """A bay is empty now; mostly the module that took the piece has said so before."""
    life = state.workpieces.at(vehicle.serial, name)
    left = life.name if life else held[0] or f"{vehicle.serial}/{name}"
    beside = _companions(state, vehicle, life)
    was = tracking.withdraw(life, vehicle.serial, name, arrival.at) if life else None
    _tell_companions(state, vehicle, left, "companion_left", arrival)
    if life is None:
        return
    event = LifeEvent(arrival.at, arrival.id, "transport", "unloaded", vehicle.serial, name)
    evidence = (was.message_id,) if was else ()
    life.note(event._replace(node=vehicle.last_node, companions=beside, evidence=evidence))
    module = state.modules.get(vehicle.last_node or "")
    if not life.claims and module is not None:
        # 1. the end of the module's PICK was not heard (F.37), 2. the piece left the vehicle there
        life.claims.append(
            PlaceClaim(module.serial, None, "module", arrival.at, arrival.id, inferred=True)
        )


def _exchange(
    state: Factory,
    vehicle: Vehicle,
    name: str,
    contents: tuple[Content | None, Content],
    arrival: Arrival,
) -> None:
    """One bay, two tags without a handover between: both pieces say so."""
    before, now = contents
    if before is None or before[0] is None or before[0] == now[0]:
        return
    life = state.workpieces.find(before[0], vehicle.serial, name)
    was = tracking.withdraw(life, vehicle.serial, name, arrival.at) if life else None
    if life is None or was is None:
        return
    said = (before[0], now[0] or "")
    found = Contradiction("tag", arrival.at, said, (was.message_id, arrival.id))
    life.contradict(found)
    if now[0] is not None and (other := state.workpieces.find(now[0])) is not None:
        other.contradict(found)


def _load(state: Factory, vehicle: Vehicle, name: str, held: Content, arrival: Arrival) -> None:
    claim = PlaceClaim(vehicle.serial, name, "vehicle", arrival.at, arrival.id)
    life = _who(state, vehicle, claim, held, arrival)
    known = claim[:2] in [one[:2] for one in life.claims]
    tracking.colour(life, held[1], arrival)
    tracking.place(state, life, claim)
    if known and life.events:
        return
    event = LifeEvent(arrival.at, arrival.id, "transport", "loaded", vehicle.serial, name)
    beside = _companions(state, vehicle, life)
    life.note(event._replace(node=vehicle.last_node, companions=beside, inferred=arrival.retained))
    _tell_companions(state, vehicle, life.name, "companion_joined", arrival)


def _who(
    state: Factory, vehicle: Vehicle, claim: PlaceClaim, held: Content, arrival: Arrival
) -> WorkpieceLife:
    """The piece a vehicle says it holds: by its tag, by the handover before, else one not known."""
    pieces, (tag, colour) = state.workpieces, held
    life = pieces.find(tag, vehicle.serial, claim.position) if tag else None
    if life is not None and life.claims:
        return life
    unread = _handed_over(state, vehicle, claim, colour)
    if unread is None:
        return life or tracking.begin(pieces, "vehicle", claim, held, arrival)
    if tag is None:
        return unread
    return tracking.identify(pieces, unread, tag, arrival, device=vehicle.serial)


def _handed_over(
    state: Factory, vehicle: Vehicle, claim: PlaceClaim, colour: str | None
) -> WorkpieceLife | None:
    """The piece without a tag that a module put onto the vehicle, or that lies in this bay."""
    for position in (claim.position, None):
        for life in state.workpieces.on(vehicle.serial):
            there = any(one[:2] == (vehicle.serial, position) for one in life.claims)
            alike = life.colour is None or colour is None or life.colour == colour
            if there and alike and life.tag is None:
                return life
    return None


def _companions(state: Factory, vehicle: Vehicle, life: WorkpieceLife | None) -> tuple[str, ...]:
    return tuple(one.name for one in state.workpieces.on(vehicle.serial) if one is not life)


def _tell_companions(
    state: Factory, vehicle: Vehicle, name: str, what: str, arrival: Arrival
) -> None:
    for other in state.workpieces.on(vehicle.serial):
        if other.name != name:
            event = LifeEvent(arrival.at, arrival.id, "transport", what, vehicle.serial)
            other.note(event._replace(node=vehicle.last_node, companions=(name,)))


def fts_instant_action(
    state: Factory, levels: Levels, payload: InstantActions, arrival: Arrival
) -> None:
    """A vehicle that is reset forgets its loads (C.22): nobody knows which pieces lie on it."""
    actions = payload.actions or ()
    if not arrival.retained and any(one.action_type == "reset" for one in actions):
        pieces = state.workpieces
        tracking.lose_all(pieces, pieces.on(levels["serial"]), "lost_at_reset", arrival)
