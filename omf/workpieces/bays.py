"""The warehouse: which piece lies in which bay, by its own word, else by the CCU's stock."""

from omf.constants import CCU_ANSWER_S
from omf.state.model import Factory
from omf.state.modules import WAREHOUSE, Module
from omf.state.stock import Bay
from omf.state.values import Action, Arrival
from omf.workpieces import tracking
from omf.workpieces.life import Content, Contradiction, LifeEvent, PlaceClaim, WorkpieceLife
from omf.workpieces.orders import link

EMPTY_BAY: Content = (None, None)


def read_bays(state: Factory, module: Module, arrival: Arrival) -> None:
    """Take what a warehouse says lies in its bays; only what changed is news."""
    holds = {name: (load.workpiece_id, load.colour) for name, load in module.bays.items() if load}
    before = state.workpieces.told.get(module.serial, {})
    if holds != before:
        state.workpieces.told[module.serial] = holds
        _changed(state, module.serial, before, holds, arrival)


def _changed(
    state: Factory,
    serial: str,
    before: dict[str, Content],
    holds: dict[str, Content],
    arrival: Arrival,
) -> None:
    for name, was in before.items():
        if holds.get(name, EMPTY_BAY)[0] != was[0] or name not in holds:
            _emptied(state, serial, name, was, arrival)
    for name, held in holds.items():
        if before.get(name) != held:
            _filled(state, serial, name, held, arrival)


def _emptied(state: Factory, serial: str, name: str, was: Content, arrival: Arrival) -> None:
    pieces = state.workpieces
    life = pieces.find(was[0], serial, name) if was[0] else pieces.at(serial, name)
    claim = tracking.withdraw(life, serial, name, arrival.at) if life else None
    if life is None or claim is None or life.claims:
        return
    kind, by = pieces.instants.get(serial, ("", ""))
    if kind == "SET_STORAGE":
        tracking.end(pieces, life, "removed_from_stock", arrival, (by,))
        return
    event = LifeEvent(arrival.at, arrival.id, "station", "gone", serial, name)
    life.note(event._replace(evidence=(claim.message_id,)))


def _filled(state: Factory, serial: str, name: str, held: Content, arrival: Arrival) -> None:
    pieces, (tag, colour) = state.workpieces, held
    claim = PlaceClaim(serial, name, "bay", arrival.at, arrival.id)
    unread = pieces.at(serial, name)
    if unread is not None and unread.tag is None:
        life = tracking.identify(pieces, unread, tag, arrival, device=serial) if tag else unread
    else:
        found = pieces.find(tag, serial, name) if tag else unread
        life = found or tracking.begin(pieces, "stored", claim, held, arrival)
    tracking.colour(life, colour, arrival)
    known = any(one[:2] == claim[:2] for one in life.claims)
    if not known:
        tracking.place(state, life, claim)
    if not known or not life.events:
        life.note(LifeEvent(arrival.at, arrival.id, "station", "in_bay", serial, name))


def read_action(state: Factory, module: Module, action: Action, arrival: Arrival) -> None:
    """Take that a warehouse stored a piece, or gave one out."""
    if action.command == "PICK":
        _stored(state, module, action, arrival)
    elif action.command == "DROP":
        _retrieved(state, module, action, arrival)


def _stored(state: Factory, module: Module, action: Action, arrival: Arrival) -> None:
    pieces = state.workpieces
    before = pieces.told.get(module.serial, {})
    tag = action.workpiece_id
    life = pieces.life(pieces.by_order.get(module.order_id, ""))
    life = life if life is not None and life.end is None else None
    life = life or (pieces.find(tag) if tag else None)
    tag = tag or (life.tag if life else None)
    filled = [name for name, load in module.bays.items() if load and name not in before]
    named = [name for name in filled if tag and module.bays[name].workpiece_id == tag]  # type: ignore[union-attr]
    bay = named[0] if named else filled[0] if len(filled) == 1 else None
    claim = PlaceClaim(module.serial, bay, "bay", arrival.at, arrival.id)
    if life is None:
        if tag is None and bay is None:
            return
        life = tracking.begin(pieces, "stored", claim, (tag, action.colour), arrival)
    link(state, module.order_id, life)
    tracking.place(state, life, claim)
    life.note(_event(module, action, arrival, "stored", bay)._replace(inferred=not named))


def _event(
    module: Module, action: Action, arrival: Arrival, what: str, bay: str | None
) -> LifeEvent:
    return LifeEvent(
        arrival.at,
        arrival.id,
        "station",
        what,
        module.serial,
        bay,
        order_id=module.order_id or None,
        began_at=action.began_at,
    )


def _retrieved(state: Factory, module: Module, action: Action, arrival: Arrival) -> None:
    """The warehouse chooses the piece; which one it was is told by its result, else by the bay."""
    pieces = state.workpieces
    before = pieces.told.get(module.serial, {})
    emptied = [name for name in before if name in module.bays and module.bays[name] is None]
    tag = action.result if action.result and action.result != "unknown" else None
    by_bay = pieces.at(module.serial, emptied[0]) if len(emptied) == 1 else None
    # A tag that still lies in another bay as well: the one that left is meant.
    same_tag = by_bay is not None and by_bay.tag == tag
    life = by_bay if same_tag else pieces.find(tag, module.serial) if tag else by_bay
    if life is None and tag:
        claim = PlaceClaim(module.serial, None, "bay", arrival.at, arrival.id)
        content = (tag, action.colour)
        life = tracking.begin(pieces, "stored", claim, content, arrival)
    if life is None:
        return
    bay = next((one.position for one in life.claims if one.device == module.serial), None)
    tracking.withdraw(life, module.serial, bay, arrival.at)
    pieces.told.get(module.serial, {}).pop(bay or "", None)
    link(state, module.order_id, life)
    life.note(_event(module, action, arrival, "retrieved", bay)._replace(inferred=tag is None))
    onto_vehicle(state, module, life, arrival)


def onto_vehicle(state: Factory, module: Module, life: WorkpieceLife, arrival: Arrival) -> None:
    """A piece a module put out lies on the vehicle that stands there, if exactly one does."""
    docked = [one for one in state.vehicles.values() if one.last_node == module.serial]
    waiting = [one for one in docked if one.waiting_for_load or one.order_id == module.order_id]
    there = waiting or docked
    if len(there) == 1 and not life.claims:
        claim = PlaceClaim(there[0].serial, None, "vehicle", arrival.at, arrival.id, inferred=True)
        tracking.place(state, life, claim)


def read_stock(state: Factory, arrival: Arrival) -> None:
    """Take the CCU's stock: the word on a warehouse that does not speak, and a check on pieces."""
    bays: dict[str, dict[str, Bay]] = {}
    alone = [one.serial for one in state.modules.values() if one.type == WAREHOUSE]
    for bay in state.stock.ccu.bays.values():
        serial = bay.hbw or (alone[0] if len(alone) == 1 else "")
        bays.setdefault(serial, {})[bay.location] = bay
    for serial, listed in bays.items():
        if serial and serial not in state.stock.hbw:
            _by_stock(state, serial, listed, arrival)
    _check_stock(state, bays, arrival)


def _by_stock(state: Factory, serial: str, listed: dict[str, Bay], arrival: Arrival) -> None:
    holds = {
        name: (bay.workpiece_id, bay.colour)
        for name, bay in listed.items()
        if bay.colour or bay.workpiece_id
    }
    before = state.workpieces.told.get(serial, {})
    if holds != before:
        state.workpieces.told[serial] = holds
        _changed(state, serial, before, holds, arrival)


def _check_stock(state: Factory, bays: dict[str, dict[str, Bay]], arrival: Arrival) -> None:
    """A piece the CCU still delivers from a bay though it has long been elsewhere."""
    listed = {
        bay.workpiece_id: (serial, name)
        for serial, found in bays.items()
        for name, bay in found.items()
        if bay.workpiece_id
    }
    for life in state.workpieces.open.values():
        place = listed.get(life.tag) if life.tag else None
        said = f"{place[0]}/{place[1]}" if place else ""
        for old in [one.said[0] for one in life.contradictions if one.kind == "stock"]:
            if old != said:
                life.settle("stock", old, arrival.at)
        if place is not None:
            _hold_against(state, life, place, arrival)


def _hold_against(
    state: Factory, life: WorkpieceLife, place: tuple[str, str], arrival: Arrival
) -> None:
    """Compare where a piece is with the bay the CCU lists it in."""
    serial, name = place
    if any(one[:2] == (serial, None) for one in life.claims):
        # 1. the end of the warehouse's PICK was not heard (F.37), 2. the CCU tells the bay
        claim = PlaceClaim(serial, name, "bay", arrival.at, arrival.id, inferred=True)
        tracking.place(state, life, claim)
        return
    for one in life.claims:
        vehicle = state.vehicles.get(one.device)
        handed_over = vehicle is not None and vehicle.last_node == serial
        fresh = arrival.at - one.at <= CCU_ANSWER_S
        if one[:2] == place or handed_over or fresh:
            return
    if life.claims:
        here = life.claims[-1]
        said = (f"{serial}/{name}", here.name)
        found = Contradiction("stock", arrival.at, said, (arrival.id, here.message_id))
        life.contradict(found)
