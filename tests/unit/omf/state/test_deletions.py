"""An empty payload is a deletion, on every topic: what was told there is forgotten."""

import pytest

from omf.state.handlers.deletions import FORGETS
from omf.state.handlers.table import TAKES
from omf.topics import catalogue
from tests.support.examples import EXAMPLES, example
from tests.support.factory import DRILL, FTS, HBW, Factory, order, stock_message, warehouse_loads

EVENTS = {
    "nodered_factsheet",  # its version is told by the connection as well
    "ccu_order_request",
    "ccu_set_calibration",
    "ccu_set_reset",
    "ccu_set_park",
    "txt_quality_check",
    "txt_ptu",
}
"""What happened and stays known although the topic is empty now."""


def test_whatever_is_taken_can_be_forgotten() -> None:
    assert set(TAKES) - set(FORGETS) == EVENTS


@pytest.mark.parametrize("entry", catalogue.TOPICS, ids=lambda entry: entry.name)
def test_an_empty_payload_is_no_unreadable_message_on_any_topic(entry: catalogue.Topic) -> None:
    told = Factory()
    topic = entry.topic.replace("{", "").replace("}", "")
    told.raw(topic, b"")
    if entry.name in EXAMPLES:
        told.raw(topic, example(entry.name, "full").payload)
    told.raw(topic, b"")
    told.raw(topic, b"", retain=True)
    assert told.state.traffic.rejected == 0
    assert not [name for name in told.alarms() if name.startswith("messages-rejected")]


def test_a_deleted_layout_stock_pairing_and_settings_are_unknown() -> None:
    told = Factory()
    names = ("ccu_state_layout", "ccu_state_flows", "ccu_state_config", "ccu_state_stock",
             "ccu_state_version_mismatch", "ccu_pairing_state")  # fmt: skip
    for name in names:
        told.raw(catalogue.find(name).topic, example(name, "full").payload)
    for name in names:
        told.delete(name)
    view = told.state.view(told.now)
    empty = Factory().state.view(told.now)
    for part in ("layout", "layout_faults", "flows", "config", "versions", "stock"):
        assert view[part] == empty[part], part
    assert not any(one["listed"] for one in (*view["modules"].values(), *view["vehicles"].values()))


def test_the_orders_of_a_deleted_list_have_not_vanished() -> None:
    told = Factory().orders(order("a"))
    told.delete("ccu_order_active")
    assert told.state.view(told.now)["order_lists"]["active"] is None
    assert told.state.orders["a"].list is None
    assert not told.state.orders["a"].vanished
    told.orders(order("a"))
    assert told.state.orders["a"].list == "active"


def test_a_deleted_teller_of_the_stock_contradicts_nobody() -> None:
    told = Factory()
    told.say("ccu_pairing_state", {"modules": [{"serialNumber": HBW, "subType": "HBW"}]})
    told.stock(A1="RED:t")
    told.say("module_state", {"loads": warehouse_loads(A1="BLUE:x")}, serial=HBW)
    told.say("cloud_stock", stock_message(A1="WHITE:y"))
    assert {one.other for one in told.state.stock.conflicts} == {HBW, "cloud"}
    told.delete("cloud_stock")
    told.delete("module_state", serial=HBW)
    assert told.state.stock.conflicts == []


def test_commands_the_ccu_clears_for_a_module_it_forgets_are_forgotten() -> None:
    told = Factory().online(DRILL).online(FTS)
    told.say(
        "module_order", {"orderId": "o", "action": {"id": "a", "command": "PICK"}}, serial=DRILL
    )
    actions = [{"actionType": "reset", "actionId": "i"}]
    told.say("module_instant_action", {"actions": actions}, serial=DRILL)
    told.say("fts_instant_action", {"actions": actions}, serial=FTS)
    for name in ("module_order", "module_instant_action"):
        told.delete(name, serial=DRILL)
    told.delete("fts_instant_action", serial=FTS)
    assert (told.state.modules[DRILL].ordered, told.state.modules[DRILL].instant) == (None, None)
    assert told.state.vehicles[FTS].instant is None


def test_a_factsheet_and_a_drive_are_forgotten_with_all_they_told() -> None:
    told = Factory.known()
    assert told.state.store_capacity("RED") == 3
    dock = {"id": HBW, "action": {"id": "a", "type": "DOCK", "metadata": {"loadPosition": "2"}}}
    told.say("fts_order", {"orderId": "o", "nodes": [dock], "edges": []}, serial=FTS)
    told.delete("module_factsheet", serial=HBW).delete("fts_order", serial=FTS)
    store, vehicle = told.state.modules[HBW], told.state.vehicles[FTS]
    assert (store.positions, store.capacity) == ((), {})
    assert told.state.store_capacity("RED") is None
    assert (vehicle.path, vehicle.path_action, vehicle.path_bay) == ((), None, None)


GHOST = "mistyped"


@pytest.mark.parametrize(
    "names",
    [
        ("fts_state", "fts_connection"),
        ("fts_connection", "fts_state", "fts_factsheet"),
        ("module_connection", "module_state"),
        ("module_factsheet",),
        ("nodered_state", "nodered_connection"),
        ("module_order", "module_instant_action"),
    ],
)
def test_a_device_of_which_nothing_is_left_is_gone_and_not_silent_for_ever(
    names: tuple[str, ...],
) -> None:
    told = Factory.known()
    for name in names:
        told.say(name, EXAMPLES[name]["full"], serial=GHOST)
    assert GHOST in (*told.state.modules, *told.state.vehicles)
    for name in names:
        told.delete(name, serial=GHOST)
    assert GHOST not in (*told.state.modules, *told.state.vehicles)
    told.wait(3600)
    assert not [name for name in told.alarms() if GHOST in name]


def test_a_device_the_ccu_lists_stays_though_all_its_own_words_are_deleted() -> None:
    told = Factory.known()
    for name in ("fts_state", "fts_connection", "fts_factsheet"):
        told.delete(name, serial=FTS)
    told.delete("module_state", serial=HBW).delete("module_connection", serial=HBW)
    assert FTS in told.state.vehicles
    assert HBW in told.state.modules


def test_a_deletion_is_no_word_of_the_device() -> None:
    told = Factory().vehicle("2").online(FTS)
    told.online(DRILL)
    heard = told.state.vehicles[FTS].last_message
    told.delete("fts_state", serial=FTS)
    assert told.state.vehicles[FTS].last_message == heard
    assert told.state.vehicles[FTS].last_node is None
