"""Brackets on the mock factory: released step by step, resumed, cancelled, stopped."""

import pytest

from omf.topics.catalogue import address
from services.common.store.keys import Stage
from tests.support.floor_work import MILL, Floor
from tests.support.processes import Processes, wait_for
from tests.support.servers import Addresses

pytestmark = pytest.mark.alike

STEPWISE = {"module": "MILL", "colour": "RED", "mode": "stepwise"}


@pytest.fixture
def floor(processes: Processes, servers: Addresses) -> Floor:
    return Floor(processes, servers).run()


def test_each_step_waits_for_its_release_and_orders_may_die_between_two(floor: Floor) -> None:
    asked = floor.ask("module-sequence", **STEPWISE)
    for step in (1, 2):
        order_id = floor.waits(step).order_id
        floor.crash()
        assert floor.waits(step).order_id == order_id
        assert floor.done("bracket-next", order_id=order_id).stage is Stage.EFFECT
    assert floor.desk.final(asked, 60).stage is Stage.EFFECT
    assert floor.orders_sent(MILL) == ["PICK", "MILL", "DROP"]
    assert floor.brackets() == []


def test_no_step_is_released_before_the_one_before_it_has_ended(floor: Floor) -> None:
    with floor.standing_still():
        asked = floor.ask("module-sequence", **STEPWISE)
        wait_for(
            lambda: "published" in floor.desk.stages(asked),
            say=lambda: str(floor.desk.events(asked)),
        )
        order_id = floor.brackets()[0].order_id
        early = floor.done("bracket-next", order_id=order_id)
        assert (early.stage, early.reasons[0].id) == (Stage.REFUSED, "step-under-way")
    floor.waits(1)
    with floor.standing_still():
        first, second = (floor.ask("bracket-next", order_id=order_id) for _ in range(2))
        assert floor.desk.final(first).stage is Stage.EFFECT
        assert floor.desk.final(second).reasons[0].id == "step-under-way"
    assert floor.done("bracket-next", order_id="none").reasons[0].id == "no-bracket"


def test_a_cancelled_bracket_sends_no_further_step_and_frees_its_module(floor: Floor) -> None:
    asked = floor.ask("module-sequence", **STEPWISE)
    order_id = floor.waits(1).order_id
    assert floor.done("bracket-cancel", order_id=order_id).stage is Stage.EFFECT
    ended = floor.desk.final(asked)
    assert (ended.stage, ended.reasons[0].id) == (Stage.FAILED, "cancelled")
    assert floor.brackets() == []
    step = {"serial": MILL, "command": "MILL", "colour": "RED"}
    assert floor.carried_out("module-step", **step).stage is Stage.EFFECT


def test_a_bracket_cancelled_under_way_ends_with_the_step_that_runs(floor: Floor) -> None:
    with floor.standing_still():
        asked = floor.ask("module-sequence", module="MILL", colour="RED")
        wait_for(lambda: "acknowledged" in floor.desk.stages(asked))
        order_id = floor.brackets()[0].order_id
        assert floor.done("bracket-cancel", order_id=order_id).stage is Stage.EFFECT
    ended = floor.desk.final(asked, 60)
    assert (ended.stage, ended.reasons[0].id) == (Stage.FAILED, "cancelled")
    assert ended.evidence
    assert floor.orders_sent(MILL) == ["PICK"]


def test_a_reset_of_the_factory_stops_a_waiting_bracket_and_says_what_to_do(floor: Floor) -> None:
    asked = floor.ask("module-sequence", **STEPWISE)
    floor.waits(1)
    assert floor.done("factory-reset", confirm="RESET").stage is Stage.EFFECT
    ended = floor.desk.final(asked)
    assert ended.stage is Stage.FAILED
    assert "begin anew" in ended.reasons[0].en
    assert floor.brackets() == []


def test_a_reset_while_orders_is_away_stops_the_step_that_its_finished_would_let_go(
    floor: Floor,
) -> None:
    with floor.standing_still():
        asked = floor.ask("module-sequence", module="MILL", colour="RED")
        wait_for(lambda: "acknowledged" in floor.desk.stages(asked))
        floor.orders.kill()
    wait_for(lambda: floor.said(MILL, "FINISHED"))
    floor.reset()
    floor.start_orders()
    ended = floor.desk.final(asked)
    assert (ended.stage, ended.reasons[0].id) == (Stage.FAILED, "interrupted")
    assert "begin anew" in ended.reasons[0].en
    assert floor.orders_sent(MILL) == ["PICK"]


def test_a_foreign_order_stops_a_waiting_bracket(floor: Floor) -> None:
    asked = floor.ask("module-sequence", **STEPWISE)
    floor.waits(1)
    foreign = f'{{"serialNumber":"{MILL}","orderId":"other","orderUpdateId":9,"timestamp":"t",'
    foreign += '"action":{"id":"a","command":"MILL","metadata":{"type":"RED"}}}'
    topic = address("module_order", serial=MILL)
    floor.ask("free-message", topic=topic, payload=foreign)
    ended = floor.desk.final(asked)
    assert ended.stage is Stage.FAILED
    assert "Another order" in ended.reasons[0].en


def test_an_order_of_the_factory_holds_the_next_step_back(floor: Floor) -> None:
    floor.ask("module-sequence", **STEPWISE)
    order_id = floor.waits(1).order_id
    assert floor.done("production-order", colour="WHITE").stage is Stage.EFFECT
    # The CCU answers an order a moment before its list names it.
    wait_for(floor.busy)
    refused = floor.done("bracket-next", order_id=order_id)
    assert "ccu-idle" in [reason.id for reason in refused.reasons]
