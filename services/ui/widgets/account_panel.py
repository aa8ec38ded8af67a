"""Why? A short account of what a page is about, each clause with the way to its messages."""

from collections.abc import Callable, Iterable

from omf.analysis.account import Clause, FactAccount, account_of
from omf.workpieces.life import WorkpieceLife
from services.ui.live.screen import Screen
from services.ui.views import urls
from services.ui.widgets.elements import div, link, panel, set_classes, text
from services.ui.widgets.keyed_list import Draw, KeyedList


def account_panel(
    screen: Screen,
    wanted: Callable[[], str],
    lives: Callable[[], Iterable[WorkpieceLife]] = tuple,
) -> None:
    """The panel of a tag, an order, a serial or an alarm; `lives` are only the archive's."""

    def read() -> FactAccount | None:
        model = screen.model
        return account_of(model.factory, wanted(), model.factory_now, lives())

    screen.live(clauses_panel(screen, read))


def clauses_panel(screen: Screen, read: Callable[[], FactAccount | None]) -> Draw:
    """The panel of whatever `read` tells; hidden while that is nothing. Returns how to redraw."""
    shown: dict[str, Clause] = {}
    with panel(screen.say("why.title")) as whole:
        listing = KeyedList(div("lines"), lambda key: _line(screen, shown[key]), text("", "hidden"))

    def draw() -> None:
        found = read()
        clauses = found.clauses if found else ()
        language = screen.say.language
        shown.clear()
        shown.update(
            {f"{place} {one.at} {one.text.in_(language)}": one for place, one in enumerate(clauses)}
        )
        set_classes(whole, hidden=not shown)
        listing.show(list(shown))

    return draw


def _line(screen: Screen, one: Clause) -> Draw:
    with div("row"):
        text(screen.when(one.at) if one.at is not None else screen.say("why.now"), "mono dim")
        text(screen.say.either(one.text))
        for number, message_id in enumerate(dict.fromkeys(one.evidence), 1):
            name = screen.say("workpiece.message", number=number)
            link(name, urls.to_kept_message(screen, message_id), "way-in hint")
        if not one.evidence and one.subject:
            link(screen.say("messages.all_of_it"), urls.to_text(screen, one.subject), "way-in hint")
    return lambda: None
