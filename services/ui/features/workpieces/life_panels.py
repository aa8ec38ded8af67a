"""Of a life: its orders, its contradictions and deviations, and the other lives of its tag."""

from omf.workpieces import wording
from omf.workpieces.deviations import STATION_OF, deviations
from services.ui import formats
from services.ui.features.workpieces.shown_life import ShownLife
from services.ui.live.screen import Screen
from services.ui.views import urls
from services.ui.widgets.elements import div, link, panel, set_classes, text
from services.ui.widgets.keyed_list import Draw, KeyedList


def orders_panel(screen: Screen, shown: ShownLife) -> None:
    """The orders of the piece, what was planned and what was done."""
    with panel(screen.say("page.orders")):
        empty = text(screen.say("workpiece.no_order"), "empty")
        listing = KeyedList(div("lines"), lambda key: _order(screen, shown, key), empty)

    def draw() -> None:
        life = shown.life
        listing.show([one.order_id for one in life.orders] if life else [])

    screen.live(draw)


def _order(screen: Screen, shown: ShownLife, order_id: str) -> Draw:
    with div("life-order"):
        name = link("", urls.to_order(screen, order_id), "way-in")
        plan = text("", "dim")

    def draw() -> None:
        life, say = shown.life, screen.say
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


def findings_panel(screen: Screen, shown: ShownLife) -> None:
    """Contradictions, each with both messages, and what went otherwise than planned or usual."""
    with panel(screen.say("workpiece.findings")):
        empty = text(screen.say("workpiece.no_findings"), "empty")
        listing = KeyedList(div("lines"), lambda key: _finding(screen, shown, key), empty)
    screen.live(lambda: listing.show(list(_found(screen, shown))))


def _found(screen: Screen, shown: ShownLife) -> dict[str, tuple[str, tuple[str, ...], bool]]:
    """By key: the words, the messages behind them, whether it is a contradiction that stands."""
    life, factory, say = shown.life, screen.model.factory, screen.say
    if life is None:
        return {}
    found: dict[str, tuple[str, tuple[str, ...], bool]] = {}
    for place, one in enumerate(life.contradictions):
        words = wording.contradiction_words(one, factory, say)
        words = words if one.until is None else say("workpiece.settled", what=words)
        found[f"contradiction {place}"] = (words, one.evidence, one.until is None)
    for place, other in enumerate(deviations(life)):
        words = wording.deviation_words(other, screen.model.factory, say)
        found[f"deviation {place} {other.kind}"] = (words, other.evidence, False)
    return found


def _finding(screen: Screen, shown: ShownLife, key: str) -> Draw:
    _, evidence, stands = _found(screen, shown)[key]
    with div("row"):
        words = text("", "warn" if stands else "")
        for number, message_id in enumerate(evidence, 1):
            name = screen.say("workpiece.message", number=number)
            link(name, shown.to_message(message_id), "way-in hint")

    def draw() -> None:
        if (found := _found(screen, shown).get(key)) is not None:
            words.say(found[0])

    return draw


def others_panel(screen: Screen, shown: ShownLife) -> None:
    """The other lives of its tag: a tag comes in again."""
    with panel(screen.say("workpiece.other_lives")) as whole:
        listing = KeyedList(
            div("lines"), lambda key: _other(screen, shown, key), text("", "hidden")
        )
        older = text("", "hint")

    def draw() -> None:
        found = shown.others
        set_classes(whole, hidden=not found)
        listing.show([life.id for life in found])
        count = shown.older
        older.say(screen.say("workpiece.older_lives", count=count) if count else "")

    screen.live(draw)


def _other(screen: Screen, shown: ShownLife, key: str) -> Draw:
    life = next(one for one in shown.others if one.id == key)
    begun = formats.date_and_time(life.begun_at, screen.user.clock, screen.user.language)
    words = f"{begun} · {wording.status_word(life, screen.say)}"
    link(words, urls.to_workpiece(screen, life.id), "way-in")
    return lambda: None
