"""The nearest to a stop the factory knows: nothing new begins, and DPS and HBW park at the end."""

from collections.abc import Callable
from functools import partial

from services.ui.live.model import ViewModel
from services.ui.live.screen import Screen
from services.ui.views.command_batch import BatchEntry
from services.ui.widgets.command_card.batch_card import BatchCard
from services.ui.widgets.elements import attribute, div, panel, text


def graceful_stop(screen: Screen, put: Callable[[Callable[[], BatchCard]], None]) -> None:
    """The entry that opens its card; what it does not stop is said before and after."""
    say = screen.say
    with panel(say("stop.title")):
        entry = div("entry-line", "button").on("click", partial(put, partial(_card, screen)))
        entry.mark("orderly-stop")
        attribute(entry, "data-entry", "orderly-stop")
        with entry:
            text(say("stop.entry"), "entry-name")
            text(say("stop.hint"), "hint")


def wishes(model: ViewModel) -> list[BatchEntry]:
    """Cancel what waits, then park as soon as nothing runs any more.

    Each order by itself, and whatever comes of it: one that began meanwhile must not keep the
    others, nor the parking.
    """
    waiting = [o.id for o in model.factory.orders.values() if o.state == "ENQUEUED"]
    cancelling = [BatchEntry("cancel-order", {"order_ids": one}, optional=True) for one in waiting]
    return [*cancelling, BatchEntry("park", {}, patient=True)]


def _card(screen: Screen) -> BatchCard:
    factory = screen.model.factory
    # By the CCU's word: what it calls running it does not cancel, whether or not it has begun.
    running = sum(o.open and o.state == "IN_PROGRESS" for o in factory.orders.values())
    runs = str(running) if factory.book.active_known else screen.say("unknown")
    hint = screen.say("stop.means", running=runs)
    title = screen.say("stop.title")
    return BatchCard(screen, title, lambda: wishes(screen.model), hint=hint)
