"""What caused what: by the ids that messages name; what only time joins is marked as inferred."""

from typing import Any

import pytest

from omf.analysis.chain_links import ChainLinks
from omf.analysis.message_chain import MessageChain, chain_of, is_chained
from omf.messages.message import Message
from omf.messages.reading import Reading, parse
from tests.support.factory import DRILL, FTS, HBW, Factory
from tests.support.folds import every_recording
from tests.support.shared import recording

ORDER, DOCK, DROP = "order-1", "step-dock", "step-drop"


def _order(state: str = "ENQUEUED", **more: Any) -> dict[str, Any]:
    dock = {"id": DOCK, "type": "NAVIGATION", "state": "IN_PROGRESS", "target": "HBW"}
    drop = {"id": DROP, "type": "MANUFACTURE", "state": state, "dependentActionId": DOCK}
    return {
        "orderId": ORDER,
        "orderType": "PRODUCTION",
        "type": "WHITE",
        "state": "IN_PROGRESS",
        "timestamp": "2026-08-07T09:20:00.000Z",
        "productionSteps": [dock, drop],
        **more,
    }


def _request(**more: Any) -> dict[str, Any]:
    asked = {"type": "WHITE", "orderType": "PRODUCTION", "timestamp": "2026-08-07T09:20:00.000Z"}
    return {**asked, **more}


def _story(request: dict[str, Any], **answer: Any) -> Factory:
    """A request, its first drive, the order in the list, the drop, and its confirmation."""
    told = Factory()
    told.say("ccu_order_request", request)
    nodes = [{"id": HBW, "action": {"id": DOCK, "type": "DOCK"}}]
    told.say("fts_order", {"orderId": ORDER, "orderUpdateId": 0, "nodes": nodes}, serial=FTS)
    told.say("ccu_order_active", [_order(**answer)])
    done = [{"id": DOCK, "command": "DOCK", "state": "FINISHED"}]
    told.vehicle(HBW, orderId=ORDER, actionStates=done)
    act = {"id": DROP, "command": "DROP", "metadata": {"type": "WHITE"}}
    told.say("module_order", {"orderId": ORDER, "orderUpdateId": 1, "action": act}, serial=HBW)
    for state in ("RUNNING", "FINISHED"):
        acting = {"id": DROP, "command": "DROP", "state": state}
        told.module(HBW, orderId=ORDER, actionState=acting)
    clear = {"actionType": "clearLoadHandler", "actionId": "clear", "metadata": {}}
    told.say("fts_instant_action", {"serialNumber": FTS, "actions": [clear]}, serial=FTS)
    told.say("ccu_order_active", [_order("FINISHED", **answer)])
    return told


def _chain(told: Factory, number: int) -> MessageChain:
    return chain_of(told.heard, told.heard[number])


def _edges(told: Factory, chain: MessageChain) -> dict[tuple[int, int], tuple[str, bool]]:
    place = {message.id: number for number, message in enumerate(told.heard)}
    return {(place[one.cause], place[one.effect]): (one.by, one.inferred) for one in chain.links}


def test_a_request_leads_to_drive_order_states_and_back_to_the_list() -> None:
    told = _story(_request(requestId="r"), requestId="r")
    assert _edges(told, _chain(told, 0)) == {
        (0, 1): ("order", False),
        (0, 2): ("request", False),
        (1, 3): ("action", False),
        (3, 4): ("step", False),
        (4, 5): ("action", False),
        (4, 6): ("action", False),
        (6, 7): ("time", True),
        (6, 8): ("step", False),
    }


def test_a_state_names_all_it_follows_from() -> None:
    told = _story(_request(requestId="r"), requestId="r")
    chain = _chain(told, 6)
    place = {message.id: number for number, message in enumerate(told.heard)}
    assert [place[one.cause] for one in chain.causes()] == [0, 1, 3, 4]
    assert [place[one.effect] for one in chain.effects_of(chain.wanted.id)] == [7, 8]
    assert told.heard[5].id not in chain.messages, "another effect of the same order"


def test_without_request_ids_time_and_colour_join_and_that_is_inferred() -> None:
    told = _story(_request())
    found = _edges(told, _chain(told, 0))
    assert (found[0, 1], found[0, 2]) == (("order", True), ("request", True))


def test_an_order_nobody_here_asked_for_begins_with_its_first_list() -> None:
    told = _story(_request(type="RED"))
    assert _chain(told, 0).links == ()
    assert (2, 1) not in _edges(told, _chain(told, 1))


def test_a_repeated_state_is_joined_when_it_is_asked_for() -> None:
    told = _story(_request())
    told.module(
        HBW, orderId=ORDER, actionState={"id": DROP, "command": "DROP", "state": "FINISHED"}
    )
    assert (4, 9) in _edges(told, _chain(told, 9))
    assert (4, 9) not in _edges(told, _chain(told, 4))


@pytest.mark.parametrize(
    ("cause", "wish", "effect", "act", "serial", "joined"),
    [
        ("ccu_set_reset", {"timestamp": "x"}, "module_instant_action", "reset", DRILL, True),
        ("ccu_set_charge", {"serialNumber": FTS, "charge": False}, "fts_instant_action",
         "stopCharging", FTS, True),
        ("ccu_set_charge", {"serialNumber": "leJ4", "charge": False}, "fts_instant_action",
         "stopCharging", FTS, False),
        ("ccu_pairing_pair_fts", {"serialNumber": FTS}, "fts_instant_action",
         "findInitialDockPosition", FTS, True),
    ],
)  # fmt: skip
def test_a_wish_is_the_inferred_reason_of_an_instant_action_of_that_device(
    cause: str, wish: dict[str, Any], effect: str, act: str, serial: str, *, joined: bool
) -> None:
    told = Factory().say(cause, wish)
    done = {"actionType": act, "actionId": "one"}
    told.say(effect, {"serialNumber": serial, "actions": [done]}, serial=serial)
    expected = {(0, 1): ("time", True)} if joined else {}
    assert _edges(told, _chain(told, 1)) == expected


def test_what_cannot_be_read_stands_alone() -> None:
    told = Factory().raw("ccu/order/request", b"{").raw("some/topic", {"orderId": ORDER})
    for number in (0, 1):
        chain = _chain(told, number)
        assert (chain.links, set(chain.messages)) == ((), {told.heard[number].id})


@every_recording
def test_no_cause_is_later_than_its_effect_and_orders_of_a_step_have_one(name: str) -> None:
    heard = [one for one in recording(name) if is_chained(one.topic)]
    place = {message.id: number for number, message in enumerate(heard)}
    links = ChainLinks(heard, "").links()
    assert all(place[one.cause] < place[one.effect] for one in links)
    reasons = {one.effect for one in links}
    told = [one for one in heard if _later_step(one)]
    assert [one.topic for one in told if one.id not in reasons] == []


def _later_step(message: Message) -> bool:
    """An order of the CCU to a module: a vehicle has docked for it."""
    read = parse(message.topic, message.payload)
    return isinstance(read, Reading) and read.entry.name == "module_order"
