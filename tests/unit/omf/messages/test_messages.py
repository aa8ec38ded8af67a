"""What messages mean: the pitfalls of PROTOCOL B and F, one sentence each."""

import json
from typing import Any

import pytest
from pydantic import ValidationError

from omf.messages.drift import report as drift_report
from omf.messages.drift import unmodelled_fields
from omf.messages.message import Message
from omf.messages.module import InstantAction, InstantActions, ModuleAction, ModuleOrder
from omf.messages.orders import OrderCancel, OrderRequest
from omf.messages.parts import ActionMetadata, ActionState, Load
from omf.messages.reading import REASONS, Deleted, Reading, Rejected, Unmodelled, parse
from omf.messages.writing import WriteError, check_command, dump
from omf.texts import has
from omf.topics import catalogue

STAMP = "2026-08-07T09:04:33.832Z"


def read(name: str, payload: Any, **levels: str) -> Any:
    result = parse(catalogue.address(name, **levels), json.dumps(payload).encode())
    assert isinstance(result, Reading), result
    return result.payload


def module_state(**fields: Any) -> Any:
    return read("module_state", fields, serial="SVR3QA2098")


@pytest.mark.parametrize("spelling", ["", "0", 0, None])
def test_no_order_is_no_order_however_it_is_spelt(spelling: object) -> None:
    assert module_state(orderId=spelling).order_id is None
    assert module_state().order_id is None


def test_an_order_id_is_kept_as_it_is() -> None:
    assert module_state(orderId="dd278eef").order_id == "dd278eef"


def test_an_empty_error_object_is_no_error() -> None:
    assert module_state(errors=[{}]).errors == ()
    assert len(module_state(errors=[{}, {"errorType": "Validation"}]).errors) == 1


def test_only_fatal_blocks() -> None:
    warning, fatal = module_state(
        errors=[{"errorLevel": "WARNING"}, {"errorLevel": "FATAL"}]
    ).errors
    assert not warning.fatal
    assert fatal.fatal


@pytest.mark.parametrize(
    "references",
    [
        [{"orderId": "o"}, {"topic": "order"}],
        [
            {"referenceKey": "orderId", "referenceValue": "o"},
            {"referenceKey": "topic", "referenceValue": "order"},
        ],
    ],
)
def test_both_ways_of_writing_error_references_say_the_same(references: list[Any]) -> None:
    (error,) = module_state(errors=[{"errorType": "x", "errorReferences": references}]).errors
    assert error.references == {"orderId": "o", "topic": "order"}


@pytest.mark.parametrize(
    ("load", "empty", "colour"),
    [
        ({"loadType": "", "loadId": "", "loadPosition": "A1", "loadTimestamp": 0}, True, None),
        ({"loadType": None, "loadId": None, "loadPosition": "1"}, True, None),
        ({"loadType": "RED", "loadId": None, "loadPosition": "2"}, False, "RED"),
        ({"type": "BLUE"}, False, "BLUE"),
        ({"loadType": "UNKNOWN"}, False, None),
        ({"loadType": "WHITE", "duration": 5}, False, "WHITE"),
    ],
)
def test_a_bay_is_empty_when_nothing_is_named_in_it(
    load: dict[str, Any], *, empty: bool, colour: str | None
) -> None:
    found = Load.model_validate(load)
    assert found.empty is empty
    assert found.colour == colour


def test_the_misspelt_waiting_is_waiting() -> None:
    assert ActionState(id="1", state="WAITIING").phase == "WAITING"
    assert ActionState(id="1", state="WAITIING").running
    assert not ActionState(id="1", state="FINISHED").running


def test_an_order_running_on_the_dps_has_no_command_and_that_is_fine() -> None:
    state = module_state(actionState={"id": "a", "state": "RUNNING"})
    assert state.action_state.command is None


def test_what_a_message_does_not_say_is_unknown() -> None:
    state = module_state()
    assert (state.paused, state.loads, state.action_state, state.header_id) == (None,) * 4


def test_a_vehicle_that_does_not_know_where_it_is_stands_nowhere() -> None:
    assert read("fts_state", {"lastNodeId": "UNKNOWN"}, serial="5iO4").node is None
    assert read("fts_state", {"lastNodeId": "2"}, serial="5iO4").node == "2"


def test_a_percentage_beyond_all_reason_is_kept_as_reported() -> None:
    state = read("fts_state", {"batteryState": {"percentage": 219}}, serial="5iO4")
    assert state.battery_state.percentage == 219


def test_an_empty_bay_of_the_stock_is_empty_although_it_has_a_workpiece() -> None:
    items = [
        {"workpiece": {"id": "", "type": "", "state": "RAW"}, "location": "A1", "hbw": "H"},
        {"workpiece": {"id": "x", "type": "RED", "state": "RAW"}, "location": "A2", "hbw": "H"},
    ]
    first, second = read("ccu_state_stock", {"ts": STAMP, "stockItems": items}).stock_items
    assert first.empty
    assert not second.empty


def test_a_bare_true_is_a_payload() -> None:
    bare = True
    assert read("arduino_alarm_enabled", bare).root is True


def test_an_empty_payload_on_a_retained_topic_means_deleted() -> None:
    topic = catalogue.address("module_state", serial="SVR3QA2098")
    result = parse(topic, b"")
    assert isinstance(result, Deleted)
    assert result.levels == {"serial": "SVR3QA2098"}


@pytest.mark.parametrize("entry", catalogue.TOPICS, ids=lambda entry: entry.name)
def test_an_empty_payload_is_a_deletion_on_every_topic(entry: catalogue.Topic) -> None:
    result = parse(entry.topic.replace("{", "").replace("}", ""), b"")
    assert isinstance(result, Deleted)
    assert result.entry == entry


def test_an_empty_payload_is_no_command() -> None:
    result = check_command(catalogue.address("ccu_order_request"), b"")
    assert isinstance(result, Rejected)
    assert result.reason == "empty"


def test_a_topic_nobody_described_is_unmodelled_and_its_payload_is_left_alone() -> None:
    assert parse("any/other", b"\xff") == Unmodelled("any/other", None)
    alert = catalogue.find("txt_alert")
    assert parse(alert.topic, b"{}") == Unmodelled(alert.topic, alert)


def test_a_field_nobody_described_is_kept_and_reported() -> None:
    state = module_state(loads=[{"loadType": "RED", "weight": 3}], humour="dry")
    assert unmodelled_fields(state) == ("humour", "loads[].weight")
    assert json.loads(state.model_dump_json(by_alias=True, exclude_unset=True))["humour"] == "dry"


def test_a_misfit_is_rejected_with_the_place_and_the_reason() -> None:
    topic = catalogue.address("module_connection", serial="SVR3QA2098")
    result = parse(topic, b'{"connectionState": []}')
    assert isinstance(result, Rejected)
    assert result[:2] == (topic, "misfit")
    assert result.detail.en == "connectionState: must be text"
    assert result.detail.de == "connectionState: muss ein Text sein"


def test_each_reason_of_a_rejection_is_said_in_both_languages() -> None:
    topic = catalogue.address("module_connection", serial="SVR3QA0022")
    order = catalogue.address("ccu_order_request")
    given = ((topic, b" " * 65_537), (order, b"\0"), (topic, b"{"), (topic, b"{}"))
    found = {str(getattr(parse(*message), "reason", None)) for message in given}
    assert found == set(REASONS)
    assert all(has(f"reject.{reason}") for reason in REASONS)


def test_a_payload_beyond_its_limit_is_refused_unread() -> None:
    topic = catalogue.address("module_state", serial="SVR3QA2098")
    result = parse(topic, b" " * 65_537)
    assert isinstance(result, Rejected)
    assert result.reason == "too_large"


def test_a_message_cannot_be_changed_after_it_was_read() -> None:
    state = module_state(paused=True)
    with pytest.raises(ValidationError):
        state.paused = False


def order(**changes: Any) -> ModuleOrder:
    fields: dict[str, Any] = {
        "timestamp": STAMP,
        "serial_number": "SVR3QA2098",
        "order_id": "o",
        "order_update_id": 1,
        "action": ModuleAction(id="a", command="PICK", metadata=ActionMetadata(type="RED")),
    }
    return ModuleOrder(**(fields | changes))


def test_writing_gives_compact_json_with_the_names_of_the_wire() -> None:
    assert dump(order()) == (
        b'{"timestamp":"2026-08-07T09:04:33.832Z","serialNumber":"SVR3QA2098","orderId":"o",'
        b'"orderUpdateId":1,"action":{"id":"a","command":"PICK","metadata":{"type":"RED"}}}'
    )


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"timestamp": None}, "timestamp: must be there"),
        ({"timestamp": "2026-08-07T09:04:33+00:00"}, "timestamp: '2026-08-07T09:04:33+00:00' is"),
        ({"serial_number": ""}, "serialNumber: must be there"),
        ({"action": ModuleAction(id="a", command="PICK")}, "action.metadata: must be there"),
        ({"priority": "HIGH"}, "priority: the protocol has no such field"),
    ],
)
def test_what_the_factory_might_misread_is_not_written(changes: dict[str, Any], fault: str) -> None:
    with pytest.raises(WriteError, match=fault.replace("+", r"\+")):
        dump(order(**changes))


def test_a_model_filled_behind_its_own_back_is_not_written() -> None:
    with pytest.raises(WriteError):
        dump(OrderCancel.model_construct(root=("\ud800",)))


def test_an_order_type_that_would_be_taken_for_another_is_not_written() -> None:
    request = OrderRequest(type="RED", timestamp=STAMP, order_type="production")
    with pytest.raises(WriteError, match="orderType: 'production' is none of PRODUCTION, STORAGE"):
        dump(request)


def test_the_list_of_a_cancel_is_written_as_a_list() -> None:
    assert dump(OrderCancel(("a", "b"))) == b'["a","b"]'


def test_bytes_of_others_are_held_to_the_standard_of_writing() -> None:
    topic = catalogue.address("fts_instant_action", serial="5iO4")
    good = InstantActions(
        timestamp=STAMP,
        serial_number="5iO4",
        actions=(InstantAction(action_type="reset", action_id="i"),),
    )
    assert isinstance(check_command(topic, dump(good)), Reading)
    bad = check_command(topic, b'{"actions": [{"actionType": "reset", "why": 1}]}')
    assert isinstance(bad, Rejected)
    assert "actions.0.why: the protocol has no such field" in bad.detail.en
    assert "timestamp: must be there" in bad.detail.en


def test_the_drift_report_counts_what_is_not_described() -> None:
    topic = catalogue.address("module_state", serial="SVR3QA2098")
    found = drift_report(
        [
            Message(topic, b'{"humour": 1}'),
            Message(topic, b'{"humour": 2}'),
            Message(topic, b"["),
            Message(topic, b""),
            Message("any/other", b"{}"),
        ]
    )
    assert (found.messages, found.deleted, found.clean) == (5, 1, False)
    assert [(f.topic, f.what, f.count) for f in found.fields] == [
        ("module/v1/ff/+/state", "humour", 2)
    ]
    assert [(f.topic, f.count) for f in found.topics] == [("any/other", 1)]
    assert found.rejected[0].what.startswith("not_json: is no JSON (line 1, column 2)")
