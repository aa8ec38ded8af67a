"""Race, lost vehicle, silent module, two orders on one vehicle: one word and one true sentence.

They stand there within five seconds of when the order stops, or the device is heard no more.
"""

from collections.abc import Callable
from typing import NamedTuple

import pytest

from omf.state.orders import Order
from omf.state.waiting_texts import WaitCause
from services.ui.live.model import ViewModel
from services.ui.translator import Translator
from services.ui.views import order_view
from services.ui.views.order_view import Phase
from tests.support.watched_mock import WatchedMock

WITHIN_S = 5
MOST_S = 400
FTS = "5iO4"


class Case(NamedTuple):
    """What happens, which order waits, and what its line says then."""

    happens: Callable[[WatchedMock], Order]
    cause: WaitCause
    phase: Phase
    named: tuple[str, ...]


def race(watched: WatchedMock) -> Order:
    watched.world.fault("race")
    return watched.order("RED", "STORAGE")


def lost_vehicle(watched: WatchedMock) -> Order:
    order = watched.order("WHITE")
    watched.run(12)
    watched.world.fault("lost", FTS)
    return order


def silent_module(watched: WatchedMock) -> Order:
    watched.world.fault("silent", "DRILL")
    return watched.order("WHITE")


def two_on_one_vehicle(watched: WatchedMock) -> Order:
    """The first one's piece has left the warehouse: the vehicle alone is what the second needs."""
    watched.order("BLUE")
    watched.run(60)
    return watched.order("WHITE")


CASES = {
    "race": Case(race, "module-race", "stuck", ("DPS",)),
    "lost": Case(lost_vehicle, "vehicle-lost", "stuck", (f"FTS {FTS}", "connection lost")),
    "silent": Case(silent_module, "module-silent", "stuck", ("DRILL", "silent")),
    "two": Case(two_on_one_vehicle, "vehicle-taken", "queued", (f"FTS {FTS}", "Production Blue")),
}
WORDS = {"stuck": "stands still", "queued": "queued"}


@pytest.mark.parametrize("name", CASES)
def test_the_true_cause_is_on_the_line_of_the_order_within_five_seconds(name: str) -> None:
    case, watched = CASES[name], WatchedMock()
    order = case.happens(watched)
    assert watched.run(MOST_S, lambda: stops(watched, order, name))
    assert watched.run(WITHIN_S, lambda: cause(watched, order) == case.cause)
    model = ViewModel("mock", factory=watched.state, now=watched.now)
    now = watched.state.orders[order.id]
    wait = order_view.wait_of(now, model)
    assert wait is not None
    assert all(one in wait.en for one in case.named), wait.en
    assert order_view.phase(now, model) == case.phase
    assert order_view.state_word(now, model, Translator("en")) == WORDS[case.phase]


def test_an_order_a_reset_took_is_called_lost_and_one_in_work_runs() -> None:
    watched = WatchedMock()
    order = watched.order("WHITE")
    watched.run(20)
    model = ViewModel("mock", factory=watched.state, now=watched.now)
    assert order_view.phase(watched.state.orders[order.id], model) == "runs"
    watched.world.fault("ccu-restart")
    watched.run(10)
    model = ViewModel("mock", factory=watched.state, now=watched.now)
    assert order_view.phase(watched.state.orders[order.id], model) == "lost"


def stops(watched: WatchedMock, order: Order, name: str) -> bool:
    """The order waits for something; of the race nobody tells, so it counts from the request."""
    return name == "race" or cause(watched, order) is not None


def cause(watched: WatchedMock, order: Order) -> str | None:
    wait = watched.wait_of(order)
    return wait.cause if wait else None
