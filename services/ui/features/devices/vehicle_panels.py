"""What only a vehicle has: load bays, the way it was told and the way it came, its actions."""

from collections.abc import Callable

from omf.state.vehicles import Vehicle
from services.ui import formats
from services.ui.live.screen import Screen
from services.ui.views import urls
from services.ui.views.device_status import act_words, place_name
from services.ui.views.piece_positions import aboard
from services.ui.widgets.elements import attribute, div, link, panel, set_classes, text
from services.ui.widgets.keyed_list import Draw, KeyedList
from services.ui.widgets.rack import disc, paint

Read = Callable[[], Vehicle | None]
VISITS = 15


def bay_panel(screen: Screen, read: Read) -> None:
    """The load bays with colour and tag, as many as it has, then pieces of which no bay is told."""
    say = screen.say
    with panel(say("vehicle.bays")):
        untold = text(say("vehicle.bays_untold"), "empty")
        listing = KeyedList(
            div("bay-lines"), lambda key: _bay(screen, read, key), text("", "hidden")
        )

    def draw() -> None:
        vehicle = read()
        known = bool(vehicle and (vehicle.bays or vehicle.unplaced))
        set_classes(untold, hidden=known)
        listing.show(list(aboard(vehicle)) if vehicle and known else [])

    screen.live(draw)


def _bay(screen: Screen, read: Read, key: str) -> Draw:
    with div("row"):
        name = text("", "bay-name")
        piece, words, tag = disc(None), text("", "grow"), link("", "", "mono dim")

    def draw() -> None:
        vehicle, say = read(), screen.say
        found = aboard(vehicle).get(key) if vehicle else None
        if found is None:
            return
        name.say(found.name or say("vehicle.unplaced"))
        load = found.load
        paint(piece, (load.colour or "?") if load else None)
        nothing = say("stock.empty" if found.known else "unknown")
        words.say(say.known("colour", load.colour) if load else nothing)
        # Loaded from the store the vehicle knows the colour before the tag (PROTOCOL B.7).
        tag.say((load.workpiece_id or say("special.no_tag")) if load else "")
        known = load.workpiece_id if load else None
        attribute(tag, "href", urls.to_workpiece(screen, known) if known else None)

    return draw


def path_panel(screen: Screen, read: Read) -> None:
    """The nodes of the last order with where the vehicle is on it, and the nodes it came by."""
    say = screen.say
    with panel(say("vehicle.path")):
        none = text(say("vehicle.no_path"), "empty")
        holder = div("path")
        text(say("vehicle.visits"), "panel-title")
        empty = text(say("vehicle.no_visits"), "empty")
        visits = KeyedList(div("past-lines visits"), lambda key: _visit(screen, key), empty)
    drawn: list[object] = []

    def draw() -> None:
        vehicle = read()
        path = vehicle.path if vehicle else ()
        set_classes(none, hidden=bool(path))
        state = (path, vehicle.last_node if vehicle else None, vehicle.driving if vehicle else None)
        if drawn != [state]:
            drawn[:] = [state]
            holder.clear()
            with holder:
                _nodes(screen, vehicle)
        past = vehicle.visits[-VISITS:] if vehicle else []
        visits.show([f"{visit.at} {visit.state}" for visit in reversed(past)])

    screen.live(draw)


def _nodes(screen: Screen, vehicle: Vehicle | None) -> None:
    path = vehicle.path if vehicle else ()
    last = vehicle.last_node if vehicle else None
    here = path.index(last) if last in path else -1
    for number, node in enumerate(path):
        with div("node-chip") as chip:
            text(place_name(node, screen.model, screen.say))
        ahead = bool(vehicle and vehicle.driving and number > here)
        set_classes(chip, here=number == here, ahead=ahead, passed=number < here)


def _visit(screen: Screen, key: str) -> Draw:
    at, _, node = key.partition(" ")
    with div("change-line"):
        text(formats.moment(float(at), screen.user.clock), "mono dim")
        lost = node == "UNKNOWN"
        place = screen.say("motion.lost") if lost else place_name(node, screen.model, screen.say)
        text(place)
    return lambda: None


def drive_panel(screen: Screen, read: Read) -> None:
    """Every action of the order under way and the instant actions behind it, in order."""
    with panel(screen.say("vehicle.actions")):
        empty = text(screen.say("vehicle.no_actions"), "empty")
        listing = KeyedList(div("past-lines"), lambda key: _action(screen, read, key), empty)

    def draw() -> None:
        vehicle = read()
        listing.show([str(number) for number in range(len(vehicle.actions) if vehicle else 0)])

    screen.live(draw)


def _action(screen: Screen, read: Read, key: str) -> Draw:
    number = int(key)
    with div("change-line"):
        words = text("")

    def draw() -> None:
        vehicle = read()
        if vehicle is None or number >= len(vehicle.actions):
            return
        action = vehicle.actions[number]
        words.say(act_words(action, None, screen.say))
        set_classes(words, warn=action.state == "FAILED", dim=action.state == "WAITING")

    return draw
