"""The vehicles on the map: where each stands or drives, what it carries, how long it lasts."""

from collections.abc import Callable, Collection
from functools import partial
from typing import NamedTuple

from nicegui import ui

from omf.state.piece_positions import on_vehicle
from omf.state.vehicles import Vehicle
from services.ui import formats
from services.ui.views import floor_plan
from services.ui.views.device_status import DeviceStatus, status_of
from services.ui.views.floor_plan import Point
from services.ui.views.piece_positions import Aboard, aboard, order_tags, piece_words, pieces_on
from services.ui.views.vehicle_motion import HALFWAY, move_s, road_part
from services.ui.widgets.alarm_list import alarms_about
from services.ui.widgets.drawn_from import drawn_from
from services.ui.widgets.elements import attribute, set_classes, set_style
from services.ui.widgets.floor_map.bays import BayRow
from services.ui.widgets.floor_map.modules import (
    ORDER_PX,
    AlarmSign,
    alarm_mark,
    alarm_sign,
    pointer_words,
)
from services.ui.widgets.floor_map.sheet import Sheet
from services.ui.widgets.keyed_list import Draw
from services.ui.widgets.plain_element import PlainElement
from services.ui.widgets.svg import fit, shape, words


class VehiclePlace(NamedTuple):
    """Where a vehicle is drawn."""

    at: Point
    still: Point
    """The same for who wants nothing to move: half way while it drives."""


def vehicle_marks(paper: Sheet, below: ui.element) -> Draw:
    """One mark per vehicle whose position is known; vehicles may come and go.

    Their ways are drawn in `below`, under the names of the crossings.
    """
    holder = PlainElement("g")
    shown: dict[str, tuple[ui.element, ui.element, Draw]] = {}

    def draw() -> None:
        found = paper.screen.model.factory.vehicles
        for gone in [serial for serial in shown if serial not in found]:
            for made in shown.pop(gone)[:2]:
                made.delete()
            paper.marks.pop(gone, None)
        for serial in found:
            if serial not in shown:
                with below:
                    path = shape("polyline", "path-line")
                with holder, PlainElement("g") as group:
                    shown[serial] = group, path, _vehicle(paper, serial, path, group)
            shown[serial][2]()

    return draw


class VehicleMark(NamedTuple):
    """What the mark of a vehicle shows; without a style it has no place on the map."""

    style: str
    way: str
    spoken: str
    battery: str
    orders: str
    carried: dict[str, Aboard]
    alarms: AlarmSign
    status: DeviceStatus
    unpaired: bool
    estimated: bool


def _vehicle_view(paper: Sheet, serial: str) -> VehicleMark:
    model, say = paper.screen.model, paper.screen.say
    vehicle = model.factory.vehicles[serial]
    place = _place(paper, vehicle, model.factory.vehicles.values())
    way = _ahead(paper, vehicle, place.at) if place else []
    return VehicleMark(
        _moved(place, move_s(model)) if place else "",
        " ".join(f"{x:.1f},{y:.1f}" for x, y in way),
        _spoken(vehicle, paper),
        _percent(vehicle),
        " · ".join(order_tags(vehicle, model, say)),
        aboard(vehicle, on_vehicle(vehicle, model.factory)),
        alarm_sign(paper, serial),
        status_of(vehicle, model, say),
        not vehicle.listed,
        bool(vehicle.ahead) and not paper.scale.small,
    )


def _vehicle(paper: Sheet, serial: str, path: ui.element, holder: ui.element) -> Draw:
    attribute(path, "marker-end", "url(#arrow)")
    with PlainElement("g", "vehicle-mark") as group:
        told = pointer_words((0, 0))
        body = _body(paper, serial)
    paper.pickable(group, serial)

    def paint(shown: VehicleMark) -> None:
        set_classes(holder, old=shown.status.old)
        set_classes(group, hidden=not shown.style)
        set_classes(path, hidden=not shown.way)
        attribute(path, "points", shown.way)
        if shown.style:
            set_style(group, shown.style)
        told.say(shown.spoken)
        attribute(group, "aria-label", shown.spoken)
        body(shown)

    view = partial(_vehicle_view, paper, serial)
    return drawn_from(lambda: paper.shared("vehicle mark", serial, view), paint)


def _moved(place: VehiclePlace, seconds: float) -> str:
    """Where the mark is put within so long, and where it stands for who wants nothing to move."""
    (x, y), (still_x, still_y) = place
    here = f"--x: {x:.1f}px; --y: {y:.1f}px"
    still = f"--still-x: {still_x:.1f}px; --still-y: {still_y:.1f}px"
    return f"{here}; {still}; --move: {seconds:.2f}s"


def _spoken(vehicle: Vehicle, paper: Sheet) -> str:
    """All that the mark says and what it has no room for, as it is heard or read by pointing."""
    model, say = paper.screen.model, paper.screen.say
    orders = [say("floor.for_order", order=tag) for tag in order_tags(vehicle, model, say)]
    pieces = [piece_words(one, model, say) for one in pieces_on(vehicle.serial, model)]
    carried = say("floor.carries", pieces=", ".join(pieces)) if pieces else ""
    alarms = [say.either(alarm) for alarm in alarms_about(paper.screen, vehicle.serial)]
    guess = say("floor.estimate") if vehicle.ahead else ""
    status = status_of(vehicle, model, say).word
    told = (status, guess, *orders, carried, _percent(vehicle), *alarms)
    said = ", ".join(word for word in dict.fromkeys(told) if word and word != formats.NONE)
    return f"{say('module.FTS')} {vehicle.serial}: {said}"


def _body(paper: Sheet, serial: str) -> Callable[[VehicleMark], None]:
    width, height = paper.scale.vehicle
    left, top = -width / 2, -height / 2
    frame = shape("rect", "vehicle-box", x=left, y=top, width=width, height=height)
    words("vehicle-name", (left + 6, top + 13), serial)
    battery = None if paper.scale.small else words("vehicle-battery", (-left - 6, top + 13))
    bays = BayRow((left + 12, -top - 9), width - 24)
    alarm = alarm_mark((-left, top))
    orders = words("order-tag vehicle-order", (0, -top + 13))
    estimate = words("vehicle-estimate", (0, -top + 26), paper.screen.say("floor.estimate"))
    away = words("vehicle-away comm", (-left + 8, 4))

    def paint(shown: VehicleMark) -> None:
        if battery:
            battery.say(shown.battery)
            orders.say(shown.orders)
            fit(orders, paper.scale.column, ORDER_PX)
        bays.draw(shown.carried, paper.screen.say, loads=paper.shows("loads"))
        alarm(shown.alarms)
        set_classes(frame, unpaired=shown.unpaired, down=shown.status.down)
        away.say(shown.status.word if shown.status.down else "")
        set_classes(estimate, hidden=not shown.estimated)

    return paint


def _percent(vehicle: Vehicle) -> str:
    percent = vehicle.battery_percentage
    return formats.NONE if percent is None else f"{min(100, max(0, percent)):.0f} %"


def _place(paper: Sheet, vehicle: Vehicle, others: Collection[Vehicle]) -> VehiclePlace | None:
    """Below the node it was last at; on its way, an estimate between that and the next node."""
    node, following = vehicle.last_node, vehicle.ahead[0] if vehicle.ahead else None
    here, there = paper.plan.places.get(node or ""), paper.plan.places.get(following or "")
    if here is None:
        return None
    modules = paper.screen.model.factory.modules
    if there is not None:
        begin = _edge(paper, there, here) if node in modules else here
        end = _edge(paper, here, there) if following in modules else there
        part = road_part(vehicle, paper.screen.model)
        still = floor_plan.between(begin, end, HALFWAY)
        return VehiclePlace(floor_plan.between(begin, end, part), still)
    scale = paper.scale
    beside = _beside(others, vehicle) * (scale.vehicle[0] + 6)
    down = (scale.box[1] + scale.vehicle[1]) / 2 - 3 if node in modules else 0
    at = here[0] + beside, here[1] + down
    return VehiclePlace(at, at)


def _ahead(paper: Sheet, vehicle: Vehicle, at: Point) -> list[Point]:
    """From where it is to the nodes it has still to pass."""
    after = vehicle.ahead
    if not paper.shows("paths") or not after:
        return []
    points = [at, *(place for name in after if (place := paper.plan.places.get(name)))]
    if len(points) > 1:
        module = after[-1] in paper.screen.model.factory.modules
        points[-1] = (_edge if module else _rim)(paper, points[-2], points[-1])
    return points if len(points) > 1 else []


def _edge(paper: Sheet, before: Point, end: Point) -> Point:
    """Where a road meets the box of a module, so that the arrow does not cross its words."""
    width, height = paper.scale.box
    across, along = abs(end[0] - before[0]), abs(end[1] - before[1])
    length, half = (across, width / 2) if across > along else (along, height / 2)
    return floor_plan.between(before, end, max(0.0, 1 - half / length) if length else 1.0)


def _rim(paper: Sheet, before: Point, end: Point) -> Point:
    """Where a road meets the ring of a crossing, so that the arrow is not hidden below it."""
    length = abs(end[0] - before[0]) + abs(end[1] - before[1])
    part = max(0.0, 1 - paper.scale.crossing / length) if length else 1.0
    return floor_plan.between(before, end, part)


def _beside(vehicles: Collection[Vehicle], one: Vehicle) -> int:
    """How many others stand at the same node and were drawn before this one."""
    before = (v for v in vehicles if v.serial < one.serial and not v.driving)
    return sum(v.last_node == one.last_node for v in before)
