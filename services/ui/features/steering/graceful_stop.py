"""The nearest to a stop the factory knows: nothing new begins, and DPS and HBW park at the end."""

from collections.abc import Callable
from functools import partial

from omf.sequences.written import SequenceStep
from omf.texts import text
from services.ui.live.model import ViewModel
from services.ui.live.screen import Screen
from services.ui.widgets.command_card.batch_card import BatchCard, Called
from services.ui.widgets.elements import attribute, div, panel
from services.ui.widgets.elements import text as shown

NAME = "orderly-stop"
"""Two of them never run at once."""


def graceful_stop(screen: Screen, put: Callable[[Callable[[], BatchCard]], None]) -> None:
    """The entry that opens its card; what it does not stop is said before and after."""
    say = screen.say
    with panel(say("stop.title")):
        entry = div("entry-line", "button").on("click", partial(put, partial(_card, screen)))
        entry.mark("orderly-stop")
        attribute(entry, "data-entry", "orderly-stop")
        with entry:
            shown(say("stop.entry"), "entry-name")
            shown(say("stop.hint"), "hint")


def wishes(model: ViewModel) -> list[SequenceStep]:
    """Cancel what waits, then park as soon as nothing runs any more.

    Each order by itself, and whatever comes of it: one that began meanwhile must not keep the
    others, nor the parking.
    """
    waiting = [o.id for o in model.factory.orders.values() if o.state == "ENQUEUED"]
    cancelling = [
        SequenceStep(kind="cancel-order", parameters={"order_ids": one}, optional=True)
        for one in waiting
    ]
    return [*cancelling, SequenceStep(kind="park", patient=True)]


def _card(screen: Screen) -> BatchCard:
    factory = screen.model.factory
    # By the CCU's word: what it calls running it does not cancel, whether or not it has begun.
    running = sum(o.open and o.state == "IN_PROGRESS" for o in factory.orders.values())
    runs = str(running) if factory.book.active_known else screen.say("unknown")
    hint = screen.say("stop.means", running=runs)
    called = Called(text("stop.title"), NAME)
    return BatchCard(screen, called, lambda: wishes(screen.model), hint=hint)
