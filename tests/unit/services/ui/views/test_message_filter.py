"""Which messages a look takes: class, topic, device, kind, time, text, expression and field."""

import json
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omf.messages import json_diff
from omf.messages.field_condition import ConditionError, FieldCondition
from omf.messages.message import Message
from omf.topics.catalogue import address
from services.ui.features.messages import related_messages
from services.ui.features.messages.downloads import csv_line
from services.ui.live.message_filter import MessageFilter, SearchError, question
from services.ui.views import filter_query

DRILL = "SVR4H76449"
STATE = address("module_state", serial=DRILL)
BODY = {
    "orderId": "order-7",
    "actionState": {"id": "act-1", "command": "DRILL", "state": "RUNNING"},
    "loads": [{"loadType": "WHITE", "loadId": "04798eca341290", "loadPosition": 2}],
    "battery": 8.9,
    "paused": False,
}


def _message(topic: str = STATE, body: object = BODY, at_ms: int = 1_790_000_000_000) -> Message:
    payload = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Message(topic, payload, f"{at_ms}-0")


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("orderId=order-7", True),
        ("orderId=order-8", False),
        ("orderId!=order-8", True),
        ("actionState.command=drill", True),
        ("command", True),
        ("loads.loadType=WHITE", True),
        ("loads[0].loadPosition>1", True),
        ("battery<9", True),
        ("battery>9", False),
        ("battery >= 8.9", True),
        ("battery <= 8.8", False),
        ("battery = 8.90", True),
        ("loads[*].loadPosition >= 2", True),
        ("loads[0].loadPosition", True),
        ("loads[7].loadPosition", False),
        ("$.orderId = ORDER-7", True),
        ("actionState", True),
        ("paused=false", True),
        ("nowhere", False),
    ],
)
def test_a_field_is_found_by_its_path_or_its_end(search: str, *, found: bool) -> None:
    assert MessageFilter().searching(search, "field").takes(_message()) is found


def test_a_field_is_not_looked_for_in_what_is_no_json() -> None:
    assert not MessageFilter(text="orderId=1", match="field").takes(_message(body=b"orderId=1"))


@pytest.mark.parametrize(("match", "text"), [("regex", "("), ("field", "=3"), ("field", "a<b")])
def test_a_search_that_cannot_be_carried_out_says_why(match: str, text: str) -> None:
    with pytest.raises(SearchError, match=r"."):
        MessageFilter().searching(text, match)  # type: ignore[arg-type] # what an address may hold
    assert filter_query.read({"text": text, "match": match}) == MessageFilter()


def test_an_expression_looks_into_topic_and_payload() -> None:
    assert MessageFilter(text="/SVR4.*/state$", match="regex").takes(_message())
    assert MessageFilter(text='"state": "(running|paused)"', match="regex").takes(_message())
    assert not MessageFilter(text="^nothing", match="regex").takes(_message())


def test_no_expression_can_stop_the_server() -> None:
    hostile = _message(body=b"a" * 200_000 + b"!")
    # An engine that goes back would need longer than the world has stood.
    assert not question("regex", "(a+)+$")(hostile)


def test_a_look_goes_by_device_kind_exclusion_and_time() -> None:
    assert MessageFilter(device=DRILL, category="module", aspect="state").takes(_message())
    assert not MessageFilter(device="SVR3QA0022").takes(_message())
    assert not MessageFilter(category="vehicle").takes(_message())
    assert not MessageFilter(aspect="order").takes(_message())
    assert not MessageFilter(category="module").takes(_message("nobody/knows"))
    assert not MessageFilter().without("module/#, ccu/#").takes(_message())
    assert MessageFilter(since=1_790_000_000, until=1_790_000_000).takes(_message())
    assert not MessageFilter(since=1_790_000_000.5).takes(_message())
    assert not MessageFilter(until=1_789_999_999.5).takes(_message())


@given(
    st.builds(
        MessageFilter,
        priority=st.integers(1, 6),
        way=st.sampled_from(["all", "from", "to"]),
        topic_filter=st.sampled_from(["", "module/v1/ff/+/state", "#"]),
        text=st.text(max_size=30).map(str.strip).filter(lambda t: "\x00" not in t),
        exclude=st.sampled_from([(), ("a/#",), ("a/+", "b")]),
        category=st.sampled_from(["", "module", "sensor"]),
        aspect=st.sampled_from(["", "state"]),
        device=st.sampled_from(["", DRILL]),
        since=st.none() | st.integers(1_700_000_000, 1_800_000_000).map(float),
        until=st.none() | st.integers(1_700_000_000, 1_800_000_000).map(float),
    )
)
def test_every_look_comes_back_from_its_address(selection: MessageFilter) -> None:
    assert filter_query.read(dict(parse_qsl(filter_query.query(selection)[1:]))) == selection


def test_differences_name_the_leaf_and_both_values() -> None:
    before = {"a": {"b": 1, "gone": True}, "list": [1, 2]}
    after = {"a": {"b": 2}, "list": [1, 2, 3]}
    assert json_diff.between(before, after) == [
        ("a.b", "1", "2"),
        ("list[2]", "", "3"),
        ("a.gone", "true", ""),
    ]
    assert json_diff.between(before, before) == []


def test_a_flood_of_leaves_is_bounded() -> None:
    assert len(json_diff.leaves(list(range(10_000)))) == json_diff.MAX_LEAVES


def test_a_message_names_its_order_action_and_workpiece() -> None:
    assert related_messages.names(_message()) == [
        ("order", "order-7"),
        ("action", "act-1"),
        ("workpiece", "04798eca341290"),
    ]
    assert related_messages.names(_message(body={"orderId": "0", "loads": [{"loadId": ""}]})) == []


def test_no_cell_of_a_csv_file_is_taken_for_a_formula() -> None:
    line = csv_line(Message("=cmd|calc", b'=1+1,"x"', "1790000000000-0"))
    assert "'=cmd|calc" in line
    assert '"\'=1+1,""x"""' in line


@pytest.mark.parametrize(
    "look",
    [MessageFilter(text="süd"), MessageFilter(text="sü.", match="regex")],
)
def test_a_message_is_found_by_what_its_sender_says_of_it(look: MessageFilter) -> None:
    said = _message()._replace(properties='{"user":[["line","Süd"]]}')
    assert look.takes(said)
    assert not look.takes(_message())


def test_a_condition_of_blanks_costs_no_more_than_its_length() -> None:
    # Anybody may type one into an address: a page of blanks held up every page for minutes.
    # With its square it would be days, and the run would end it.
    with pytest.raises(ConditionError):
        FieldCondition.parse("a" + " " * 5_000_000 + "b!")
