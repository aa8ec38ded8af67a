"""A simulated factory carries orders out as the recorded one did (PROTOCOL C.1-C.4, D.1, D.2)."""

import pytest

from omf.simulation.device import message
from tests.support.mock_world import STAMP, World, factory, finish, order

STEPS = {"WHITE": 12, "RED": 12, "BLUE": 16}


def orders_to_devices(world: World) -> list[tuple[str, int]]:
    """(orderId, orderUpdateId) of all orders to modules and vehicles, on the wire's order."""
    bodies = [s.body for s in world.seen if s.topic.endswith("/order") and "NodeRed" not in s.topic]
    return [(body["orderId"], body["orderUpdateId"]) for body in bodies if "orderUpdateId" in body]


@pytest.mark.parametrize("colour", STEPS)
def test_each_colour_runs_through_all_its_steps_to_finished(colour):
    world = factory()
    order(world, colour, requestId="r-1")
    done = finish(world)[0]
    assert (done["state"], done["type"], done["requestId"]) == ("FINISHED", colour, "r-1")
    assert [step["state"] for step in done["productionSteps"]] == ["FINISHED"] * STEPS[colour]
    assert world.last("ccu/order/active") == []


def test_the_order_update_id_is_the_index_of_the_step():
    world = factory()
    order(world, "BLUE")
    finish(world)
    assert [update for _, update in orders_to_devices(world)] == list(range(16))


def test_the_first_drive_and_the_active_list_precede_the_response():
    world = factory()
    order(world, "WHITE")
    world.run(1)
    topics = [seen.topic for seen in world.seen]
    response = topics.index("ccu/order/response")
    assert topics.index("fts/v1/ff/5iO4/order") < response
    assert world.bodies("ccu/order/response")[0]["state"] == "IN_PROGRESS"
    assert "ccu/order/active" in topics[response - 3 : response]


def test_the_piece_is_reserved_taken_and_gone():
    world = factory(stock={"WHITE": 1})
    order(world, "WHITE")
    world.run(1)
    bays = {
        item["location"]: item["workpiece"] for item in world.last("ccu/state/stock")["stockItems"]
    }
    assert (len(bays), bays["A1"]["state"], bays["B1"]["type"]) == (9, "RESERVED", "")
    done = finish(world)[0]
    assert done["workpieceId"] == bays["A1"]["id"]
    assert not any(
        item["workpiece"]["type"] for item in world.last("ccu/state/stock")["stockItems"]
    )


def test_an_order_without_an_unreserved_piece_is_refused_in_silence():
    world = factory(stock={"WHITE": 1})
    order(world, "WHITE")
    order(world, "WHITE")
    order(world, "RED")
    world.run(10)
    assert len(world.bodies("ccu/order/response")) == 1
    assert len(world.last("ccu/order/active")) == 1


@pytest.mark.parametrize(
    "broken", [{}, {"type": "RED"}, {"timestamp": STAMP}, {"type": "RED", "timestamp": ""}]
)
def test_a_request_without_type_or_timestamp_is_ignored(broken):
    world = factory()
    world.publish(message("ccu_order_request", {"orderType": "PRODUCTION", **broken}))
    world.run(5)
    assert world.bodies("ccu/order/response") == []


def test_the_tag_is_written_with_what_was_done_newest_order_first():
    world = factory(stock={})
    order(world, "WHITE", "STORAGE", workpieceId="04a1b2c3d4e5f6")
    finish(world)
    order(world, "WHITE")
    finish(world, 2)
    delivery = world.last("module/v1/ff/SVR4H73275/order")["action"]["metadata"]["workpiece"]
    assert [entry["code"] for entry in delivery["history"]] == [400, 700, 200, 100, 300]
    assert delivery["workpieceId"] == "04a1b2c3d4e5f6"


def test_a_storage_order_brings_the_input_piece_into_the_first_free_bay():
    world = factory(stock={"RED": 1})
    order(world, "BLUE", "STORAGE", workpieceId="04a1b2c3d4e5f6")
    done = finish(world)[0]
    assert (done["state"], done["orderType"]) == ("FINISHED", "STORAGE")
    bays = {
        load["loadPosition"]: load for load in world.last("module/v1/ff/SVR3QA0022/state")["loads"]
    }
    assert (bays["B1"]["loadType"], bays["B1"]["loadId"]) == ("BLUE", "04a1b2c3d4e5f6")


def test_a_piece_laid_into_the_input_stores_itself():
    world = factory(stock={})
    world.fault("input", "RED")
    done = finish(world)[0]
    assert (done["orderType"], done["type"], done["state"]) == ("STORAGE", "RED", "FINISHED")
    request = world.bodies("ccu/order/request")[0]
    assert request["workpieceId"] == done["workpieceId"]


def test_a_fourth_piece_of_a_colour_is_sent_away():
    world = factory(stock={"RED": 3})
    order(world, "RED", "STORAGE", workpieceId="04a1b2c3d4e5f6")
    world.run(5)
    actions = world.bodies("module/v1/ff/SVR4H73275/instantAction")
    assert "cancelStorageOrder" in [body["actions"][0]["actionType"] for body in actions]
    assert world.bodies("ccu/order/response") == []
    assert world.last("module/v1/ff/SVR4H73275/state")["loads"] == []


def test_a_piece_that_fails_ends_its_order_at_once_and_frees_everything():
    world = factory()
    world.fault("nok")
    order(world, "RED")
    done = finish(world)[0]
    states = [step["state"] for step in done["productionSteps"]]
    assert (done["state"], states[8:]) == (
        "ERROR",
        ["ERROR", "CANCELLED", "CANCELLED", "CANCELLED"],
    )
    assert world.last("/j1/txt/1/i/quality_check")["result"] == "FAILED"
    world.run(60)
    cleared = world.last("fts/v1/ff/5iO4/order")
    dock = cleared["nodes"][-1]
    assert cleared["orderUpdateId"] == 0
    assert (dock["id"], dock["action"]["metadata"]["noLoadChange"]) == ("SVR3QA0022", True)
    assert all(m["available"] == "READY" for m in world.last("ccu/pairing/state")["modules"])
    order(world, "RED")
    assert finish(world, 2)[1]["state"] == "FINISHED"


def limit_parallel(world: World, limit: int) -> None:
    config = {"productionDurations": {}, "productionSettings": {"maxParallelOrders": limit}}
    world.publish(message("ccu_set_config", {**config, "ftsSettings": {}}))


def test_orders_beyond_the_limit_wait_their_turn():
    world = factory()
    limit_parallel(world, 1)
    for colour in ("RED", "WHITE", "BLUE"):
        order(world, colour)
    world.run(2)
    assert [o["state"] for o in world.last("ccu/order/active")] == [
        "IN_PROGRESS",
        "ENQUEUED",
        "ENQUEUED",
    ]
    assert [o["type"] for o in finish(world, 3)] == ["RED", "WHITE", "BLUE"]


def test_a_queued_order_can_be_cancelled_a_begun_one_cannot():
    world = factory(stock={"RED": 1, "WHITE": 1})
    limit_parallel(world, 1)
    order(world, "RED")
    order(world, "WHITE")
    world.run(2)
    ids = [o["orderId"] for o in world.last("ccu/order/active")]
    world.publish(message("ccu_order_cancel", ids))
    world.run(2)
    assert [o["state"] for o in world.last("ccu/order/completed")] == ["CANCELLED"]
    assert [o["orderId"] for o in world.last("ccu/order/active")] == ids[:1]
    states = [item["workpiece"]["state"] for item in world.last("ccu/state/stock")["stockItems"]]
    assert states.count("RESERVED") == 1


def test_orders_in_parallel_bring_the_vehicle_back_with_an_inserted_drive():
    world = factory()
    for colour in ("WHITE", "BLUE", "RED"):
        order(world, colour)
    done = finish(world, 3)
    assert {o["state"] for o in done} == {"FINISHED"}
    inserted = [
        step
        for o in done
        for step in o["productionSteps"]
        if step["type"] == "NAVIGATION" and step["source"] == step["target"]
    ]
    assert inserted
    bays = {
        body["nodes"][-1]["action"]["metadata"]["loadPosition"]
        for body in world.bodies("fts/v1/ff/5iO4/order")
    }
    assert {"1", "2"} <= bays


@pytest.mark.parametrize(("vehicles", "seed"), [(2, 1), (2, 2), (3, 3), (9, 4)])
def test_several_vehicles_finish_six_orders_without_meeting(vehicles, seed):
    world = factory(vehicles, seed=seed)
    for colour in ("WHITE", "BLUE", "RED") * 2:
        order(world, colour)
    assert {o["state"] for o in finish(world, 6)} == {"FINISHED"}
    where: dict[str, str] = {}
    for body in world.bodies("fts/v1/ff/+/state"):
        where[body["serialNumber"]] = body["lastNodeId"]
        places = [place for place in where.values() if place != "UNKNOWN"]
        assert len(set(places)) == len(places), f"two vehicles at one place: {where}"


def test_an_order_from_the_cloud_is_republished_and_carried_out():
    world = factory()
    world.publish(message("cloud_order_request", {"type": "RED", "ts": STAMP}))
    world.run(2)
    assert world.bodies("ccu/order/request")[0]["orderType"] == "PRODUCTION"
    assert world.last("/j1/txt/1/f/i/order")["state"] == "IN_PROCESS"
    finish(world)
    assert world.last("/j1/txt/1/f/i/order")["state"] == "WAITING_FOR_ORDER"


def test_without_a_seed_no_two_days_share_an_order_id():
    def first_id():
        world = factory(seed=None)
        order(world, "RED")
        world.run(1)
        return world.last("ccu/order/active")[0]["orderId"]

    assert first_id() != first_id()


def test_the_same_seed_gives_the_same_traffic():
    def topics(seed):
        world = factory(seed=seed)
        order(world, "WHITE")
        finish(world)
        return [(seen.at, seen.topic, seen.send.payload) for seen in world.seen]

    assert topics(7) == topics(7)
    assert topics(7) != topics(8)
