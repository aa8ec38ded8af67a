"""What a shift lead missed on the pages with each fault of the simulated factory (WALK 2.3)."""

import pytest

from omf.alarms.order_rules import subjects_of
from omf.state.orders import Order
from omf.state.piece_positions import on_module, on_vehicle
from services.ui.live.model import ViewModel
from services.ui.translator import Translator
from services.ui.views import alarm_commands, order_times, order_view
from tests.support.factory import DRILL, FTS
from tests.support.watched_mock import WatchedMock

EN = Translator("en")


def model_of(one: WatchedMock) -> ViewModel:
    return ViewModel("mock", factory=one.state, now=one.now)


def offered(one: WatchedMock, alarm: str) -> tuple[str, dict[str, object]] | None:
    found = alarm_commands.for_alarm(one.alarms()[alarm], model_of(one))
    return (found.kind, dict(found.given)) if found else None


def shown_on_its_page(one: WatchedMock, order: Order) -> set[str]:
    """The alarms an order's page shows."""
    subjects = subjects_of(one.state, order, one.now)
    return {alarm.id for alarm in one.alarms().values() if alarm.subject in subjects}


def stood(one: WatchedMock, alarm: str, within_s: float = 400) -> str:
    assert one.run(within_s, lambda: alarm in one.alarms()), one.alarms()
    return alarm


def test_fatal_marks_the_order_withdraws_its_end_shows_one_piece_and_offers_what_helps() -> None:
    one = WatchedMock(1)
    one.world.fault("fatal", "DRILL")
    order = one.order("WHITE")
    alarm = stood(one, f"device-fatal:{DRILL}")
    one.run(30)
    order = one.state.orders[order.id]
    model = model_of(one)
    assert order_view.phase(order, model) == "stuck"
    assert order_times.forecast_of(order, model) is None
    assert shown_on_its_page(one, order) == {alarm}
    assert offered(one, alarm) == ("factory-reset", {})
    carried = [one_load for v in one.state.vehicles.values() for one_load in
               on_vehicle(v, one.state).values() if one_load]  # fmt: skip
    lying = [piece for m in one.state.modules.values() if (piece := on_module(m, one.state))]
    assert len([*carried, *lying]) == 1


def test_a_bad_piece_is_an_alarm_that_offers_another_of_its_colour() -> None:
    one = WatchedMock(1)
    one.world.fault("nok", "")
    order = one.order("RED")
    alarm = stood(one, f"quality-failed:{order.id}", 600)
    assert offered(one, alarm) == ("production-order", {"colour": "RED"})
    assert shown_on_its_page(one, order) == {alarm}
    assert one.state.quality.checks[-1].picture.message_id


def test_a_vehicle_without_position_is_as_grave_as_what_waits_for_it_and_offers_to_dock() -> None:
    one = WatchedMock(1)
    one.world.fault("lost", FTS)
    one.run(5)
    one.world.fault("found", FTS)
    order = one.order("WHITE")
    alarm = stood(one, f"position-unknown:{FTS}", 30)
    one.run(5)
    assert one.alarms()[alarm].severity == "warning"
    assert offered(one, alarm) == ("fts-dock", {"serial": FTS})
    assert shown_on_its_page(one, one.state.orders[order.id]) == {alarm}


def test_a_ccu_that_starts_says_which_orders_are_lost_and_none_runs_on_for_ever() -> None:
    one = WatchedMock(1)
    order = one.order("WHITE")
    one.run(20)
    one.world.fault("ccu-restart", "")
    alarm = stood(one, "ccu-restarted:ccu", 15)
    assert order.id[:8] in one.alarms()[alarm].en
    lost = one.state.orders[order.id]
    assert order_view.phase(lost, model_of(one)) not in {"runs", "waits"}
    assert "lost" in order_view.state_word(lost, model_of(one), EN)


def test_the_race_is_shown_by_each_order_that_hangs_by_it_with_the_reset_that_helps() -> None:
    one = WatchedMock(1)
    production = one.order("WHITE")
    one.world.fault("race", "")
    storage = one.order("RED", "STORAGE")
    alarm = stood(one, f"order-stuck:{storage.id}")
    assert one.run(400, lambda: production.id[:8] in one.alarms()[alarm].en), one.alarms()
    assert offered(one, alarm) == ("factory-reset", {})
    for order in (storage, production):
        assert shown_on_its_page(one, one.state.orders[order.id]) == {alarm}


@pytest.mark.parametrize(("kind", "target"), [("bridge-dead", ""), ("silent", "DRILL")])
def test_an_order_held_up_by_what_is_away_says_so_and_by_its_short_id(
    kind: str, target: str
) -> None:
    one = WatchedMock(1)
    order = one.order("WHITE")
    one.world.fault(kind, target)
    assert one.run(300, lambda: bool(shown_on_its_page(one, one.state.orders[order.id])))
    (alarm,) = shown_on_its_page(one, one.state.orders[order.id])
    assert order.id[:8] in one.alarms()[alarm].en
    assert order.id not in one.alarms()[alarm].en
    assert order_view.phase(one.state.orders[order.id], model_of(one)) == "stuck"
