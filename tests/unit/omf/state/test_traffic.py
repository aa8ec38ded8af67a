"""Counting, sensors, and a state that stays small whatever is said."""

import json

import pytest

from omf.alarms.plant_rules import TOPICS_S
from omf.state import model as state
from omf.state import orders, traffic
from omf.state.ccu_reports import MAX_CALIBRATIONS
from omf.state.handlers import table
from omf.state.sensors import MAX_VALUES
from omf.state.traffic import Crowd
from omf.topics import catalogue
from tests.support.factory import DRILL, HBW, Factory, connection, module_state


def test_every_message_is_counted_on_its_topic_even_an_unknown_or_unreadable_one() -> None:
    told = Factory().raw("somewhere/else", b"\xff\x00")
    told.raw(f"module/v1/ff/{DRILL}/state", b"{")
    told.module(DRILL)
    counted = told.state.traffic
    assert (told.state.total, counted.unmodelled, counted.rejected) == (3, 1, 1)
    assert counted.count("#") == 3
    assert counted.count("module/v1/ff/+/state") == 2
    assert told.state.last_received == told.now


def test_a_reject_keeps_id_topic_and_reason_and_the_state_of_before() -> None:
    told = Factory().online(DRILL)
    told.raw(f"module/v1/ff/{DRILL}/connection", b'{"connectionState": []}')
    last = told.state.traffic.rejects[-1]
    assert (last.id, last.topic) == (f"{int(told.now * 1000)}-0", told_topic())
    assert last.reason == "misfit"
    assert "connectionState" in last.detail.en
    assert told.state.modules[DRILL].connection == "ONLINE"


def told_topic() -> str:
    return catalogue.address("module_connection", serial=DRILL)


def test_only_the_last_rejects_are_kept_and_all_are_counted() -> None:
    told = Factory()
    for _ in range(traffic.MAX_KEPT_REJECTS + 5):
        told.raw("ccu/order/active", b"no")
    assert len(told.state.traffic.rejects) == traffic.MAX_KEPT_REJECTS
    assert told.state.traffic.reasons == {"not_json": traffic.MAX_KEPT_REJECTS + 5}


def test_beyond_the_bound_the_topic_that_was_silent_longest_leaves() -> None:
    told = Factory()
    for number in range(traffic.MAX_COUNTED_TOPICS):
        told.raw(f"flood/{number}", b"x")
    told.raw("flood/0", b"again")
    for number in range(7):
        told.raw(f"new/{number}", b"x")
    counted = told.state.traffic
    assert (len(counted.topics), counted.overflow) == (traffic.MAX_COUNTED_TOPICS, 7)
    assert {"flood/0", "flood/8", "new/6"} <= set(counted.topics)
    assert not {f"flood/{number}" for number in range(1, 8)} & set(counted.topics)
    assert told.state.total == counted.count("#") + counted.overflow
    assert list(told.alarms()) == ["topics-overflow:topics"]


def test_a_flood_of_invented_topics_leaves_those_of_the_factory_listed() -> None:
    told = Factory().online(DRILL)
    for number in range(traffic.MAX_COUNTED_TOPICS * 2):
        told.raw(f"flood/{number}", b"x")
    assert told_topic() in told.state.traffic.topics


@pytest.mark.parametrize("more", [1, 500, traffic.MAX_COUNTED_TOPICS])
def test_retained_topics_that_are_deleted_again_end_the_alarm_and_new_ones_appear(
    more: int,
) -> None:
    told = Factory()
    names = [f"kept/{number}" for number in range(traffic.MAX_COUNTED_TOPICS + more)]
    for name in names:
        told.raw(name, b"x")
    assert list(told.alarms()) == ["topics-overflow:topics"]
    for name in names:
        told.raw(name, b"")
    assert list(told.alarms()) == []
    told.raw("brand/new", b"x")
    assert "brand/new" in told.state.traffic.topics
    assert list(told.alarms()) == []


def test_the_alarm_on_too_many_topics_ends_when_no_new_ones_come() -> None:
    told = Factory()
    for number in range(traffic.MAX_COUNTED_TOPICS + 1):
        told.raw(f"flood/{number}", b"x")
    told.wait(601)
    assert "topics-overflow:topics" not in told.alarms()


def test_a_topic_that_is_too_long_has_words_of_its_own_and_makes_nothing_leave() -> None:
    told = Factory().raw("short", b"x")
    told.raw("long/" + "x" * 508, b"x")
    assert list(told.state.traffic.topics) == ["short"]
    assert told.state.traffic.overflow == 1
    (alarm,) = told.state.alarms(told.now)
    assert alarm.en.startswith("Topic of more than 512 characters is not listed: long/xxx")
    told.wait(601)
    assert "topic-unlisted:topics" not in told.alarms()


@pytest.mark.parametrize(
    ("entry", "level", "payload", "kept"),
    [
        ("module_connection", "serial", connection("x"), "modules"),
        ("fts_connection", "serial", connection("x"), "vehicles"),
        ("module_order", "serial", {"orderId": "o", "action": {"id": "a", "command": "PICK"}}, ""),
        ("arduino_state", "sensor", {"temperature": 1}, "sensors"),
        ("arduino_connection", "sensor", connection("x"), "links"),
    ],
)
def test_invented_names_do_not_grow_the_state(
    entry: str, level: str, payload: dict[str, object], kept: str
) -> None:
    told = Factory()
    other = {"kind": "k"} if level == "sensor" else {}
    for number in range(state.MAX_DEVICES + 50):
        told.say(entry, payload, **{level: f"invented{number}"}, **other)
    assert len(getattr(told.state, kept or "modules")) == state.MAX_DEVICES


def test_a_long_text_is_cut_and_a_long_list_is_shortened() -> None:
    told = Factory()
    errors = [{"errorType": "E" * 5_000, "errorLevel": "WARNING"}] * 200
    loads = [{"loadType": "RED", "loadPosition": f"P{n}"} for n in range(500)]
    told.module(HBW, errors=errors, loads=loads)
    assert len(json.dumps(told.state.snapshot())) < 50_000


def test_every_number_truth_value_and_text_of_a_sensor_is_a_reading_with_its_unit() -> None:
    told = Factory()
    told.say("txt_bme680", {"ts": "x", "t": 21.5, "h": 40, "p": 998.4, "rt": 0.0, "co2": 417})
    values = told.state.view(told.now)["sensors"]["bme680"]["values"]
    assert values["t"] == {"value": 21.5, "quantity": "temperature", "unit": "°C"}
    assert values["co2"] == {"value": 417, "quantity": "co2", "unit": None}
    assert set(values) == {"t", "h", "p", "co2"}
    assert told.state.sensors["bme680"].device_time == "x"


def test_a_sensor_keeps_a_bounded_number_of_values() -> None:
    told = Factory()
    many = {f"f{number}": number for number in range(1_000)}
    told.say("arduino_state", many, kind="k", sensor="s")
    assert len(told.state.sensors["k/s"].values) == MAX_VALUES


def test_a_picture_is_found_by_the_id_of_its_message() -> None:
    told = Factory().say("txt_cam", {"ts": "x", "data": "data:image/jpeg;base64,AA"})
    picture = told.state.camera
    assert picture is not None
    assert (picture.message_id, picture.at) == (f"{int(told.now * 1000)}-0", told.now)
    assert "base64" not in json.dumps(told.state.snapshot())


def test_every_function_takes_the_model_the_catalogue_names() -> None:
    for name, function in table.TAKES.items():
        hints = function.__annotations__
        model = hints.get("payload") or hints["_payload"]
        assert model.__name__ == catalogue.find(name).model, name


def test_what_is_only_counted_is_listed_here() -> None:
    read = {entry.name for entry in catalogue.TOPICS if entry.model}
    assert read - set(table.TAKES) == {
        "ccu_order_cancel",
        "cloud_order_request",
        "ccu_global",
        "ccu_pairing_pair_fts",
        "ccu_set_charge",
        "ccu_set_config",
        "ccu_set_default_layout",
        "ccu_set_delete_module",
        "ccu_set_flows",
        "ccu_set_layout",
        "ccu_set_module_duration",
        "nodered_instant_action",
        "nodered_order",
        "txt_keep_alive",
        "nfc_request",
        "nfc_answer",
        "dsp_aiqs_action",
        "arduino_station_config",
        "mock_fault",
        "mock_fault_done",
    }


def test_invented_warehouses_do_not_grow_the_stock() -> None:
    told = Factory()
    load = [{"loadType": "RED", "loadPosition": "A1"}]
    for number in range(state.MAX_DEVICES + 20):
        told.say("module_state", module_state("x", None, loads=load), serial=f"invented{number}")
    assert len(told.state.stock.hbw) == state.MAX_DEVICES


def test_a_list_of_orders_without_end_is_read_to_a_bound() -> None:
    told = Factory()
    listed = [{"orderId": str(number), "state": "FINISHED"} for number in range(20_000)]
    told.say("ccu_order_active", listed)
    told.orders()
    assert told.state.active_orders == ()
    assert len(told.state.orders) == orders.MAX_PAST_ORDERS


@pytest.mark.parametrize(
    ("entry", "level", "payload", "kept", "kind"),
    [
        ("module_connection", "serial", connection("x"), "modules", "modules"),
        ("module_state", "serial", module_state("x", None), "modules", "modules"),
        ("fts_connection", "serial", connection("x"), "vehicles", "vehicles"),
        ("arduino_state", "sensor", {"temperature": 1}, "sensors", "sensors"),
        ("arduino_connection", "sensor", connection("x"), "links", "links"),
    ],
)
@pytest.mark.parametrize("retain", [False, True])
def test_the_newest_heard_stays_and_what_left_for_it_is_counted_and_said(
    entry: str, level: str, payload: dict[str, object], kept: str, kind: Crowd, *, retain: bool
) -> None:
    told = Factory()
    other = {"kind": "k"} if level == "sensor" else {}
    for number in range(state.MAX_DEVICES):
        told.say(entry, payload, **{level: f"first{number}"}, **other)
    told.say(entry, payload, **{level: "first0"}, **other)
    assert told.state.traffic.crowded_out == {}
    for number in range(3):
        told.say(entry, payload, retain=retain, **{level: f"new{number}"}, **other)
    names = {name.rpartition("/")[2] for name in getattr(told.state, kept)}
    assert len(names) == state.MAX_DEVICES
    assert {"new0", "new1", "new2", "first0", "first4"} <= names
    assert not {"first1", "first2", "first3"} & names
    assert told.state.traffic.crowded_out[kind] == 3
    assert told.state.view(told.now)["messages"]["crowded_out"][kind] == 3
    assert "crowded-out:devices" in told.alarms()
    told.wait(TOPICS_S)
    assert "crowded-out:devices" not in told.alarms()


def test_what_the_ccu_lists_stays_however_long_it_is_silent() -> None:
    told = Factory()
    told.say("ccu_pairing_state", {"modules": [{"serialNumber": HBW}], "transports": []})
    for number in range(state.MAX_DEVICES + 5):
        told.say("module_connection", connection("x"), serial=f"invented{number}")
    assert HBW in told.state.modules


def test_the_newest_retained_commands_and_calibrations_stay() -> None:
    told = Factory()
    order = {"orderId": "o", "action": {"id": "a", "command": "PICK"}}
    for number in range(traffic.MAX_SEEN_COMMANDS + 2):
        told.say("module_order", order, retain=True, serial=f"m{number}")
    kept = told.state.traffic.retained_commands
    assert len(kept) == traffic.MAX_SEEN_COMMANDS
    assert list(kept)[-1].split("/")[3] == f"m{traffic.MAX_SEEN_COMMANDS + 1}"
    assert told.state.traffic.crowded_out["commands"] == 2
    for number in range(MAX_CALIBRATIONS + 2):
        told.say("ccu_state_calibration", {"calibrating": True}, serial=f"m{number}")
    assert f"m{MAX_CALIBRATIONS + 1}" in told.state.plant.calibrations
    assert len(told.state.plant.calibrations) == MAX_CALIBRATIONS
    assert told.state.traffic.crowded_out["calibrations"] == 2
