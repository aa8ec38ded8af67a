"""The life of one workpiece: what is known of it, its plan, and everything that happened to it."""

from collections.abc import Mapping
from urllib.parse import quote

from nicegui import ui

from omf.state.device_names import device_name
from omf.workpieces import wording
from services.common.documents.pdf import DOCUMENT_FORMATS
from services.ui import formats
from services.ui.features.workpieces.life_panels import findings_panel, orders_panel, others_panel
from services.ui.features.workpieces.life_timeline import LifeTimeline
from services.ui.features.workpieces.piece_path import piece_path
from services.ui.features.workpieces.shown_life import ShownLife
from services.ui.live.screen import Screen
from services.ui.types import Address, Page, Value
from services.ui.views import urls, workpiece_view
from services.ui.widgets.account_panel import account_panel
from services.ui.widgets.elements import (
    attribute,
    div,
    link,
    panel,
    set_classes,
    text,
)
from services.ui.widgets.keyed_list import Draw
from services.ui.widgets.properties_panel import absent, properties_panel
from services.ui.widgets.rack import disc, paint
from services.ui.widgets.stale_overlay import stale_overlay

PIECE_FACTS = (
    "piece",
    "workpiece",
    "tag_entry",
    "piece_place",
    "piece_result",
    "began",
    "ended",
    "piece_vehicles",
    "piece_messages",
)


def build(screen: Screen, address: Address) -> None:
    """Fill the page of the piece the address names by life, tag or order; it may still come."""
    wanted = address.get("piece", "")
    if not wanted:
        ui.navigate.to(screen.path("workpieces"))
        return
    shown = ShownLife(screen, wanted)
    with div("detail-page"):
        missing = absent(screen, "workpiece", wanted)
        archive = text("", "hint").props("role=status")
        with div("detail-wide") as body:
            _head(screen, shown, wanted)
            draw_facts = _body(screen, shown)

    def draw() -> None:
        found = shown.life is not None
        set_classes(missing, hidden=found or shown.looking)
        looking = shown.looking and not found
        archive.say(screen.say("workpiece.looking") if looking else shown.fault)
        set_classes(archive, hidden=not (looking or shown.fault), wrong=bool(shown.fault))
        set_classes(body, hidden=not found)
        draw_facts()

    screen.live(draw)
    shown.look(screen.refresh)


def _body(screen: Screen, shown: ShownLife) -> Draw:
    with div("detail-row"):
        with panel(screen.say("workpiece.facts"), "detail-column") as known:
            draw = properties_panel(screen, PIECE_FACTS, lambda: _facts(screen, shown))
        with div("detail-column"):
            orders_panel(screen, shown)
            findings_panel(screen, shown)
            others_panel(screen, shown)
    account_panel(screen, lambda: _named(shown), lambda: shown.archived_lives)
    piece_path(screen, shown)
    with panel(screen.say("workpiece.timeline")) as events:
        LifeTimeline(screen, shown)
    for told in (known, events):
        stale_overlay(screen, told)
    return draw


def _named(shown: ShownLife) -> str:
    life = shown.life
    return life.id if life is not None else ""


def _head(screen: Screen, shown: ShownLife, wanted: str) -> None:
    with div("detail-head"):
        piece = disc(None)
        title = text("", "detail-title", "h2")
        state = text("", "detail-state")
        link(screen.say("page.workpieces"), screen.path("workpieces"), "way-in head-end")
        on_map = link(screen.say("page.floor"), "", "way-in")
        # A file tells the whole life; in the past what came later is not known yet.
        for form in DOCUMENT_FORMATS if screen.past is None else ():
            address = f"workpiece.file?piece={quote(wanted, safe='')}&format={form}"
            file = link(form.upper(), f"/{screen.environment}/{address}", "act small")
            attribute(file, "title", screen.say(f"workpiece.file.{form}"))
            attribute(file, "download", value=True)

    def draw() -> None:
        if (life := shown.life) is not None:
            paint(piece, life.colour or "?")
            title.say(wording.title(life, screen.say))
            state.say(wording.status_word(life, screen.say))
            listed = workpiece_view.list_of(life)
            set_classes(state, warn=listed in ("unclear", "lost"), bad=listed == "failed")
            device = life.claims[-1].device if life.claims else None
            attribute(on_map, "href", urls.to_floor(screen, device))

    screen.live(draw)


def _facts(screen: Screen, shown: ShownLife) -> Mapping[str, Value]:
    life, say, user = shown.life, screen.say, screen.user
    if life is None:
        return {}

    def moment(at: float | None) -> str:
        return formats.date_and_time(at, user.clock, user.language)

    known: dict[str, Value] = {
        "piece": say.known("colour", wording.colour_of(life)),
        "workpiece": life.tag or say("workpieces.no_tag"),
        "began": (moment(life.begun_at), shown.to_message(life.begun_by)),
        "piece_messages": (say("messages.all_of_it"), urls.to_text(screen, life.name)),
    }
    if entry := wording.tag_words(life.tag, screen.model.factory, say):
        known["tag_entry"] = entry
    if life.claims:
        place = wording.place_words(life.claims, screen.model.factory, say)
        known["piece_place"] = (place, urls.to_device(screen, life.claims[-1].device))
    if life.ended_at is not None:
        known["ended"] = (moment(life.ended_at), shown.to_message(life.ended_by or ""))
    if result := wording.result_word(life, say):
        known["piece_result"] = result
    carried = (one.device for one in life.events if one.what == "loaded" and one.device)
    factory = screen.model.factory
    named = (say.either(device_name(factory, one)) for one in dict.fromkeys(carried))
    if vehicles := ", ".join(named):
        known["piece_vehicles"] = vehicles
    return known


PAGE = Page(
    "workpiece", "overview", "", build, paths=("workpiece/{piece:path}", "workpiece"), menu=False
)
