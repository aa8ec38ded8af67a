"""A vehicle's legs as messages: one order a leg, and the load confirmed where it changes."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from omf.commands.command_types.navigate import Navigate, resolve
from omf.commands.command_types.vehicle_menu import PAST_CCU
from omf.commands.effects import BEGUN_WINDOW_S, drive, vehicle_told
from omf.commands.encoding import dump, timestamp, without_none
from omf.commands.facts.vehicle import vehicle
from omf.commands.instant import Sent, instant, step_of
from omf.commands.schemas import CommandError, Drafting, Effect, Kind, PlannedStep
from omf.layout.layout import Layout, NoRoute
from omf.layout.roads import Route
from omf.messages.fts import NOWHERE
from omf.state.assignments import held_nodes
from omf.texts import Text, text
from omf.topics.catalogue import address

DRIVE_EXPIRY_S = 5.0
"""Somebody looks at the vehicle: what does not move at once must not move later."""


def drive_steps(form: Navigate, draft: Drafting) -> tuple[PlannedStep, ...]:
    """All legs under one orderId with rising orderUpdateId; none while the position is unknown.

    With a load, the first stop of a preset loads it and the last unloads it; between them the
    vehicle docks without load change. A single target is left waiting for its load, since only
    the operator knows what is done with it.
    """
    found = vehicle(draft.state, form.serial)
    here = found.last_node if found is not None else None
    if here is None or here == NOWHERE or draft.state.layout is None:
        return ()
    return tuple(_legs(form, draft, draft.state.layout, here))


def _legs(form: Navigate, draft: Drafting, layout: Layout, here: str) -> Iterator[PlannedStep]:
    order_id = draft.new_id()
    held = held_nodes(draft.state, form.serial)
    last = len(form.stops) - 1
    for index, stop in enumerate(form.stops):
        changes = form.load_type is not None and index in (0, last)
        # A loaded bay takes a DOCK with load only for the same loadId (PROTOCOL C.21). Without
        # one the vehicle docks as it is, and the confirmation alone empties the bay (C.22).
        loaded = changes and (index == 0 or form.workpiece_id is not None)
        route = _route(layout, here, stop, held)
        yield _leg(form, draft, route, order_id, index + 1, loaded=loaded)
        if changes and last > 0:
            yield _confirm(form, draft, dropped=index == last)
        here = stop


def _route(layout: Layout, start: str, target: str, held: Collection[str]) -> Route:
    """Round other vehicles; through them if there is no other way, which `road-free` refuses."""
    for blocked in (held, ()):
        try:
            return layout.route(start, target, blocked)
        except NoRoute:
            continue
    raise CommandError("target", text("plan.no_way", start=start, target=target))


def _leg(
    form: Navigate, draft: Drafting, route: Route, order_id: str, number: int, *, loaded: bool
) -> PlannedStep:
    names = draft.state.layout.modules if draft.state.layout else {}
    serial, dock_id, target = str(form.serial), draft.new_id(), route.nodes[-1]
    dock = {"type": "DOCK", "id": dock_id, "metadata": _dock_metadata(form, loaded=loaded)}
    body = {
        "timestamp": timestamp(draft.now),
        "orderId": order_id,
        "orderUpdateId": number,
        "nodes": route.order_nodes(dock, draft.new_id),
        "edges": route.order_edges(),
        "serialNumber": serial,
    }
    return PlannedStep(
        topic=address("fts_order", serial=serial),
        payload=dump(body),
        # A vehicle takes the same orderId and orderUpdateId only once (PROTOCOL C.21, G.3).
        once=False,
        title=_title(form, route, names, loaded=loaded),
        effect=drive(serial, order_id, number, dock_id, target),
        device=serial,
        order_id=order_id,
        order_update_id=number,
        action_id=dock_id,
    )


def _dock_metadata(form: Navigate, *, loaded: bool) -> dict[str, Any]:
    if not loaded:
        return {"loadPosition": form.load_position, "noLoadChange": True}
    return without_none(
        loadId=form.workpiece_id, loadType=form.load_type, loadPosition=form.load_position
    )


def _title(form: Navigate, route: Route, names: Mapping[str, str], *, loaded: bool) -> Text:
    way = " → ".join(names.get(node, node) for node in route.nodes)
    length = f"{route.length:.0f} mm"
    if loaded:
        return text("step.drive_with_load", way=way, length=length, load=form.load_type)
    return text("step.drive_without_load", way=way, length=length)


def _confirm(form: Navigate, draft: Drafting, *, dropped: bool) -> PlannedStep:
    serial = str(form.serial)
    metadata = without_none(
        loadDropped=dropped,
        loadType=form.load_type,
        loadId=form.workpiece_id,
        loadPosition=form.load_position,
    )
    title = text("step.load_dropped" if dropped else "step.load_taken", load=form.load_type)

    def effect(sent: Sent) -> Effect:
        expected = text("effect.vehicle_free_again")
        return vehicle_told(
            "vehicle-action", serial, BEGUN_WINDOW_S, expected, action_id=sent.action_id
        )

    sent = instant(draft, "fts_instant_action", serial, ("clearLoadHandler", metadata))
    return step_of(sent, serial, title, effect)


KINDS = (
    Kind(
        name="fts-navigate",
        parameters=Navigate,
        build=drive_steps,
        resolve=resolve,
        interlocks=(
            "ccu-idle",
            "vehicle-listed",
            "vehicle-connected",
            "position-known",
            "vehicle-docked",
            "vehicle-still",
            "vehicle-unburdened",
            "vehicle-unpaused",
            "vehicle-sound",
            "bay-usable",
            "road-free",
        ),
        prudence=PAST_CCU,
        risk="guarded",
        role="supervisor",
        expiry_s=DRIVE_EXPIRY_S,
        once=False,
        moves=True,
        source="C.18, C.21, E, F.4, F.5",
    ),
)
