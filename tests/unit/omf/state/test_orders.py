"""What the fold makes of orders, requests and the stock."""

from omf.state import orders
from tests.support.factory import DPS, HBW, Factory, order, stock_message, warehouse_loads

REQUEST = {"type": "RED", "orderType": "PRODUCTION", "timestamp": "2026-08-07T09:00:00.000Z"}


def test_an_order_that_leaves_the_active_list_uncompleted_has_vanished() -> None:
    told = Factory().orders(order("a"))
    told.orders()
    vanished = told.state.orders["a"]
    assert (vanished.vanished, vanished.left_at, vanished.list) == (True, told.now, None)
    assert (vanished.state, len(vanished.steps)) == ("IN_PROGRESS", 1)


def test_an_order_is_completed_whichever_list_is_told_first() -> None:
    for first in ("ccu_order_active", "ccu_order_completed"):
        told = Factory().orders(order("a"))
        rest = {"ccu_order_active": [], "ccu_order_completed": [order("a", "FINISHED")]}
        told.say(first, rest.pop(first))
        told.say(*rest.popitem())
        done = told.state.orders["a"]
        assert (done.vanished, done.list, done.state) == (False, "completed", "FINISHED")


def test_a_late_active_list_does_not_reopen_a_completed_order() -> None:
    told = Factory().say("ccu_order_completed", [order("a", "FINISHED")])
    told.orders(order("a"))
    assert told.state.active_orders == ("a",)
    assert told.state.orders["a"].state == "FINISHED"
    assert told.state.orders["a"].list == "completed"


def test_a_reset_empties_the_lists_of_the_ccu_and_not_the_history() -> None:
    told = Factory().say("ccu_order_completed", [order("a", "FINISHED")])
    told.orders(order("b"))
    told.say("ccu_set_reset", {"timestamp": "2026-08-07T09:00:00.000Z", "withStorage": True})
    told.orders()
    told.say("ccu_order_completed", [])
    assert (told.state.active_orders, told.state.completed_orders) == ((), ())
    assert {key: one.vanished for key, one in told.state.orders.items()} == {"a": False, "b": True}
    assert told.state.requests.reset_with_storage is True


def test_an_empty_list_is_told_apart_from_a_list_never_told() -> None:
    told = Factory()
    assert told.state.view(told.now)["order_lists"]["active"] is None
    told.orders()
    assert told.state.view(told.now)["order_lists"]["active"] == []


def test_a_step_has_the_age_of_the_first_list_with_its_state() -> None:
    told = Factory().orders(order("a"))
    began = told.now
    told.orders(order("a"))
    assert told.state.orders["a"].steps[0].since == began
    step = {"id": "a-1", "type": "NAVIGATION", "state": "FINISHED"}
    told.orders(order("a", productionSteps=[step]))
    assert told.state.orders["a"].steps[0].since == told.now == told.state.orders["a"].changed_at


def test_the_history_forgets_the_oldest_orders_and_never_a_listed_one() -> None:
    told = Factory().say("ccu_order_completed", [order("kept", "FINISHED")])
    for number in range(orders.MAX_PAST_ORDERS + 10):
        told.orders(order(f"o{number}"))
    known = told.state.orders
    assert len(known) <= orders.MAX_PAST_ORDERS + 2
    assert "kept" in known
    assert "o0" not in known
    assert told.state.book.forgotten > 0


def test_a_request_is_answered_by_its_request_id_or_by_its_own_timestamp() -> None:
    told = Factory().say("ccu_order_request", REQUEST | {"requestId": "r"})
    told.say("ccu_order_request", REQUEST)
    told.orders(order("a"))
    told.say("ccu_order_response", order("b", requestId="r"))
    assert [request.order_id for request in told.state.requests.orders] == ["b", "a"]
    assert told.state.requests.response_order_id == "b"


def test_a_request_nobody_answers_stays_unanswered() -> None:
    told = Factory().say("ccu_order_request", REQUEST)
    told.orders(order("a", type="BLUE"))
    assert told.state.requests.orders[0].order_id is None


def test_an_accepted_order_is_known_before_a_list_names_it() -> None:
    told = Factory().say("ccu_order_response", order("a", "ENQUEUED"))
    accepted = told.state.orders["a"]
    assert (accepted.state, accepted.list, accepted.vanished) == ("ENQUEUED", None, False)


def test_an_empty_bay_is_empty_and_a_stock_never_told_is_unknown() -> None:
    told = Factory()
    assert (told.state.stock.known, told.state.view(0)["stock"]["bays"]) == (False, {})
    told.stock(A1="RED:t1")
    stock = told.state.stock
    assert stock.counts() == {"RED": 1, "WHITE": 0, "BLUE": 0}
    assert (stock.empty_bays, stock.free("RED"), stock.free("WHITE")) == (8, 1, 0)


def test_a_reserved_piece_is_counted_and_not_free() -> None:
    told = Factory()
    stock = stock_message(A1="RED:t1")
    stock["stockItems"][0]["workpiece"]["state"] = "RESERVED"
    told.say("ccu_state_stock", stock)
    assert told.state.stock.counts()["RED"] == 1
    assert told.state.stock.free("RED") == 0
    assert told.state.stock.by_state() == {"RED:RESERVED": 1}


def test_a_second_warehouse_does_not_hide_the_bays_of_the_first() -> None:
    told = Factory()
    both = stock_message(A1="RED:t1")
    other = stock_message(A1="BLUE:t2")
    for item in other["stockItems"]:
        item["hbw"] = "HBW2"
    both["stockItems"] += other["stockItems"]
    told.say("ccu_state_stock", both)
    assert len(told.state.stock.bays) == 18
    assert told.state.stock.counts() == {"RED": 1, "WHITE": 0, "BLUE": 1}
    told.module("HBW2", loads=warehouse_loads(A1="BLUE:t2"))
    assert told.state.stock.conflicts == []


def test_the_stock_of_the_ccu_is_compared_with_what_the_warehouse_and_the_cloud_say() -> None:
    told = Factory().stock(A1="RED:t1")
    told.module(HBW, loads=warehouse_loads(A1="RED:t1"))
    told.say("cloud_stock", stock_message(A1="RED:t1"))
    assert told.state.stock.conflicts == []
    told.module(HBW, loads=warehouse_loads(B2="RED:t1"))
    began = told.now
    told.say("cloud_stock", stock_message())
    told.module(HBW, loads=warehouse_loads(B2="RED:t1"))
    found = {(one.bay, one.other): one.since for one in told.state.stock.conflicts}
    assert found == {("A1", HBW): began, ("B2", HBW): began, ("A1", "cloud"): began + 1}


def test_a_module_that_is_no_warehouse_tells_nothing_of_the_stock() -> None:
    told = Factory().stock(A1="RED:t1")
    told.module(DPS, loads=[{"loadType": "RED"}])
    assert told.state.stock.hbw == {}
