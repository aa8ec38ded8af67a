"""The life of one workpiece: what is known of it, its plan, and everything that happened to it."""

from collections.abc import Mapping

from nicegui import ui

from omf.messages.message import Message
from omf.workpieces import wording
from omf.workpieces.deviations import STATION_OF, deviations
from omf.workpieces.life import LifeEvent, WorkpieceLife
from omf.workpieces.record import timeline
from services.ui import formats
from services.ui.live.screen import Screen, past_address
from services.ui.types import Address, Page, Value
from services.ui.views import message_rows, urls, workpiece_view
from services.ui.widgets.elements import (
    attribute,
    div,
    fold,
    link,
    panel,
    set_classes,
    text,
)
from services.ui.widgets.keyed_list import Draw, KeyedList
from services.ui.widgets.properties_panel import absent, properties_panel
from services.ui.widgets.rack import disc, paint
from services.ui.widgets.stale_overlay import stale_overlay

PIECE_FACTS = (
    "piece",
    "workpiece",
    "piece_place",
    "piece_result",
    "began",
    "ended",
    "piece_vehicles",
    "piece_messages",
)
TIMELINE_COLUMNS = ("order", "station", "transport")
MAX_SHOWN_EVENTS = 300


def build(screen: Screen, address: Address) -> None:
    """Fill the page of the piece the address names by life, tag or order; it may still come."""
    wanted = address.get("piece", "")
    if not wanted:
        ui.navigate.to(screen.path("workpieces"))
        return
    with div("detail-page"):
        missing = absent(screen, "workpiece", wanted)
        with div("detail-wide") as body:
            _head(screen, wanted)
            with div("detail-row"):
                with panel(screen.say("workpiece.facts"), "detail-column") as known:
                    draw_facts = properties_panel(
                        screen, PIECE_FACTS, lambda: _facts(screen, wanted)
                    )
                with div("detail-column"):
                    _orders(screen, wanted)
                    _findings(screen, wanted)
            with panel(screen.say("workpiece.timeline")) as events:
                _Timeline(screen, wanted)
    for told in (known, events):
        stale_overlay(screen, told)

    def draw() -> None:
        found = _life(screen, wanted) is not None
        set_classes(missing, hidden=found)
        set_classes(body, hidden=not found)
        draw_facts()

    screen.live(draw)


def _life(screen: Screen, wanted: str) -> WorkpieceLife | None:
    factory = screen.model.factory
    return screen.model.shared(("workpiece", wanted), lambda: wording.find(factory, wanted))


def _head(screen: Screen, wanted: str) -> None:
    with div("detail-head"):
        piece = disc(None)
        title = text("", "detail-title", "h2")
        state = text("", "detail-state")
        link(screen.say("page.workpieces"), screen.path("workpieces"), "way-in head-end")
        on_map = link(screen.say("page.floor"), "", "way-in")

    def draw() -> None:
        if (life := _life(screen, wanted)) is not None:
            paint(piece, life.colour or "?")
            title.say(wording.title(life, screen.say))
            state.say(wording.status_word(life, screen.say))
            listed = workpiece_view.list_of(life)
            set_classes(state, warn=listed in ("unclear", "lost"), bad=listed == "failed")
            device = life.claims[-1].device if life.claims else None
            attribute(on_map, "href", urls.to_floor(screen, device))

    screen.live(draw)


def _facts(screen: Screen, wanted: str) -> Mapping[str, Value]:
    life, say, user = _life(screen, wanted), screen.say, screen.user
    if life is None:
        return {}

    def moment(at: float | None) -> str:
        return formats.date_and_time(at, user.clock, user.language)

    known: dict[str, Value] = {
        "piece": say.known("colour", wording.colour_of(life)),
        "workpiece": life.tag or say("workpieces.no_tag"),
        "began": (moment(life.begun_at), urls.to_message(screen, life.begun_by)),
        "piece_messages": (say("messages.all_of_it"), urls.to_text(screen, life.name)),
    }
    if life.claims:
        place = wording.place_words(life.claims, screen.model.factory, say)
        known["piece_place"] = (place, urls.to_device(screen, life.claims[-1].device))
    if life.ended_at is not None:
        known["ended"] = (moment(life.ended_at), urls.to_message(screen, life.ended_by or ""))
    if result := wording.result_word(life, say):
        known["piece_result"] = result
    carried = (one.device for one in life.events if one.what == "loaded" and one.device)
    if vehicles := ", ".join(dict.fromkeys(carried)):
        known["piece_vehicles"] = vehicles
    return known


def _orders(screen: Screen, wanted: str) -> None:
    with panel(screen.say("page.orders")):
        empty = text(screen.say("workpiece.no_order"), "empty")
        listing = KeyedList(div("lines"), lambda key: _order(screen, wanted, key), empty)

    def draw() -> None:
        life = _life(screen, wanted)
        listing.show([one.order_id for one in life.orders] if life else [])

    screen.live(draw)


def _order(screen: Screen, wanted: str, order_id: str) -> Draw:
    with div("life-order"):
        name = link("", urls.to_order(screen, order_id), "way-in")
        plan = text("", "dim")

    def draw() -> None:
        life, say = _life(screen, wanted), screen.say
        trace = (
            next((one for one in life.orders if one.order_id == order_id), None) if life else None
        )
        if life is None or trace is None:
            return
        kind = say.known("order.type", trace.type)
        name.say(f"{kind} {order_id[:8]} · {say.known('order.state', trace.state)}")
        done = [
            STATION_OF[one.what]
            for one in life.events
            if one.what in STATION_OF and one.order_id == order_id
        ]
        planned, actual = " → ".join(trace.planned), " → ".join(done)
        none = say("workpiece.nothing_yet")
        words = say("workpiece.plan", planned=planned, actual=actual or none)
        plan.say(words if trace.planned else "")

    return draw


def _findings(screen: Screen, wanted: str) -> None:
    """Contradictions, each with both messages, and what went otherwise than planned or usual."""
    with panel(screen.say("workpiece.findings")):
        empty = text(screen.say("workpiece.no_findings"), "empty")
        listing = KeyedList(div("lines"), lambda key: _finding(screen, wanted, key), empty)
    screen.live(lambda: listing.show(list(_found(screen, wanted))))


def _found(screen: Screen, wanted: str) -> dict[str, tuple[str, tuple[str, ...], bool]]:
    """By key: the words, the messages behind them, whether it is a contradiction that stands."""
    life, factory, say = _life(screen, wanted), screen.model.factory, screen.say
    if life is None:
        return {}
    found: dict[str, tuple[str, tuple[str, ...], bool]] = {}
    for place, one in enumerate(life.contradictions):
        words = wording.contradiction_words(one, factory, say)
        words = words if one.until is None else say("workpiece.settled", what=words)
        found[f"contradiction {place}"] = (words, one.evidence, one.until is None)
    for place, other in enumerate(deviations(life)):
        words = wording.deviation_words(other, say)
        found[f"deviation {place} {other.kind}"] = (words, other.evidence, False)
    return found


def _finding(screen: Screen, wanted: str, key: str) -> Draw:
    _, evidence, stands = _found(screen, wanted)[key]
    with div("row"):
        words = text("", "warn" if stands else "")
        for number, message_id in enumerate(evidence, 1):
            name = screen.say("workpiece.message", number=number)
            link(name, urls.to_message(screen, message_id), "way-in hint")

    def draw() -> None:
        if (found := _found(screen, wanted).get(key)) is not None:
            words.say(found[0])

    return draw


class _Timeline:
    """Four columns on one time line: order, station, transport, surroundings."""

    def __init__(self, screen: Screen, wanted: str) -> None:
        self._screen = screen
        self._wanted = wanted
        self._events: dict[str, LifeEvent] = {}
        self._around: dict[str, dict[str, Message]] = {}
        say = screen.say
        with div("life-line life-head"):
            for name in ("time", *TIMELINE_COLUMNS, "surroundings"):
                text(say(f"workpiece.column.{name}"))
        empty = text(say("workpiece.nothing_yet"), "empty")
        self._listing = KeyedList(div("life-lines"), self._line, empty)
        screen.live(self._draw)

    def _draw(self) -> None:
        life = _life(self._screen, self._wanted)
        events = timeline(life)[-MAX_SHOWN_EVENTS:] if life else []
        keys = [f"{one.message_id} {one.what} {one.result}" for one in events]
        named = dict(zip(keys, events, strict=True))
        if named.keys() != self._events.keys():
            said = reversed(list(self._screen.model.journal.newest()))
            times = [one.at for one in named.values()]
            around = wording.readings_before(times, said)
            self._around = dict(zip(named, around, strict=True))
        self._events = named
        self._listing.show(list(named))

    def _line(self, key: str) -> Draw:
        screen, event = self._screen, self._events[key]
        with div("life-line"):
            with div("life-when"):
                target = urls.to_message(screen, event.message_id)
                link(screen.when(event.at, millis=True), target, "way-in mono")
                then = past_address(f"/{screen.environment}/floor", event.at)
                link(screen.say("workpiece.map_then"), then, "way-in hint")
            for name in TIMELINE_COLUMNS:
                words = event.column == name
                said = wording.event_words(event, screen.model.factory, screen.say)
                text(said if words else "", f"life-{name}" if words else "life-none")
            first, *others = self._surroundings(event, self._around.get(key, {}))
            # One sensor is seen, the others by choice: seven lines an event would bury the life.
            holder = fold(first, "life-around") if others else div("life-around")
            with holder:
                for line in others or [first]:
                    text(line, "dim")
        return lambda: None

    def _surroundings(self, event: LifeEvent, readings: dict[str, Message]) -> list[str]:
        language, factory = self._screen.say.language, self._screen.model.factory
        told = [
            (message_rows.means(one, factory, language), event.at - one.received_at)
            for one in readings.values()
        ]
        lines = [f"{words} · {formats.age(age, language)}" for words, age in told if words]
        return lines or [self._screen.say("unknown")]


PAGE = Page(
    "workpiece", "overview", "", build, paths=("workpiece/{piece:path}", "workpiece"), menu=False
)
