"""JSON as it was sent: spelling of numbers, doubled keys, in detail, comparison and chart."""

import pytest

from omf.messages import exact_json, json_diff
from omf.messages.base import has_surrogates
from omf.messages.message import Message
from services.ui.live.message_filter import MessageFilter
from services.ui.views import command_view, message_rows
from services.ui.widgets.chart import is_number, lines_of

SPELLINGS = [
    "1e400",
    "-1E-400",
    "1234567890123456789",
    "12345678901234567890123",
    "0.1234567890123456789",
    "1.50",
    "1E5",
    "-0",
    "-0.0",
    "9" * 5000,
    "NaN",
    "Infinity",
]


@pytest.mark.parametrize("number", SPELLINGS)
def test_a_number_is_shown_as_it_was_sent(number: str) -> None:
    payload = f'{{"a": [{number}]}}'.encode()
    shown = message_rows.content(payload)
    assert shown.kind == "json"
    assert shown.pretty == f'{{\n  "a": [\n    {number}\n  ]\n}}'
    [found] = json_diff.between({}, json_diff.parsed(payload))[-1:]
    assert found.path == "" or found.after == number


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("1.0", "1", True),
        ("1.50", "1.5", True),
        ("1e2", "100", True),
        ("1e400", "1e401", False),
        ("1e400", "1e400", True),
        ("1234567890123456789", "1234567890123456790", False),
        ("0.12345678901234567891", "0.12345678901234567892", False),
        ("true", "1", False),
        ("NaN", "NaN", True),
        ("1e999999999999999999999", "1", False),
        ("null", "false", False),
    ],
)
def test_values_are_compared_by_what_was_sent(one: str, other: str, same: bool) -> None:  # noqa: FBT001
    old, new = (json_diff.parsed(f'{{"a": {value}}}') for value in (one, other))
    assert (json_diff.between(old, new) == []) is same


def test_both_values_of_a_doubled_key_are_shown_and_marked() -> None:
    payload = b'{"a": 1, "b": {"id": "x", "id": "y", "id": "z"}, "a": [2]}'
    shown = message_rows.content(payload)
    assert shown.pretty.count('"id": ') == 3
    lines = shown.pretty.split("\n")
    assert [lines[number].strip() for number in shown.repeated] == [
        '"id": "y",',
        '"id": "z"',
        '"a": [',
    ]
    found = json_diff.leaves(json_diff.parsed(payload))
    assert found == {"a": 1, "b.id": "x", "b.id (2)": "y", "b.id (3)": "z", "a (2)[0]": 2}


def test_a_key_that_looks_like_a_doubled_one_is_another() -> None:
    found = exact_json.read('{"a": 1, "a": 2, "a (2)": 3}')
    assert sorted(found.values()) == [1, 2, 3]
    assert exact_json.pretty(found, 1000).text.count('"a (2)": 3') == 1


def test_each_value_of_a_doubled_key_is_found_and_drawn() -> None:
    message = Message("x", b'{"t": 1, "t": 2}', "1790000000000-0")
    for wanted, found in (("t=1", True), ("t=2", True), ("t=3", False), ("t>1", True)):
        assert MessageFilter().searching(wanted, "field").takes(message) is found
    leaves = json_diff.leaves(json_diff.parsed(message.payload))
    lines = lines_of(("t", "t (2)"), [(1.0, leaves)])
    assert [line.points for line in lines] == [[(1.0, 1.0)], [(1.0, 2.0)]]


def test_a_number_is_found_in_any_spelling() -> None:
    message = Message("x", b'{"t": 1.50, "big": 1234567890123456789}', "1790000000000-0")
    for wanted in ("t=1.5", "t=1.50", "big=1234567890123456789", "big!=1234567890123456788"):
        assert MessageFilter().searching(wanted, "field").takes(message)


@pytest.mark.parametrize("sent", ["1e400", "NaN", "-Infinity", "9" * 5000])
def test_what_has_no_place_on_a_scale_is_not_drawn(sent: str) -> None:
    assert not is_number(exact_json.read(sent))


def test_a_byte_order_mark_and_zero_bytes_do_not_hide_the_json() -> None:
    assert message_rows.content(b'\xef\xbb\xbf{"a":1}\0').kind == "json"
    assert json_diff.parsed(b'\xef\xbb\xbf{"a":1}\0\0') == {"a": 1}


def test_a_huge_document_is_cut_and_a_deep_one_is_text() -> None:
    big = message_rows.content(b"[" + b"1," * 200_000 + b"1]")
    assert len(big.pretty) <= message_rows.SHOWN_CHARS
    assert message_rows.content(b"[" * 100_000).kind == "text"
    assert message_rows.content(b"[" * 900 + b"]" * 900).kind in {"json", "text"}


def test_an_empty_key_is_a_key() -> None:
    assert message_rows.content(b'{"": 1}').pretty == '{\n  "": 1\n}'


HALVES = [b'{"\\ud801":"\\ud800"}', b'{"a":["x\\udfff"]}', b'{"a":"\xed\xa0\x80"}']


@pytest.mark.parametrize("payload", HALVES)
def test_half_a_character_is_shown_as_its_escape_and_breaks_no_page(payload: bytes) -> None:
    shown = message_rows.content(payload).pretty
    found = json_diff.between({}, json_diff.parsed(payload))
    for text in (shown, *(part for leaf in found for part in leaf)):
        assert not has_surrogates(text)
    assert "\\ud" in shown or message_rows.content(payload).kind == "binary"


LATIN = '{"name":"Größe","t":1}'.encode("latin-1")


@pytest.mark.parametrize(
    "payload",
    [LATIN, '{"t":1}'.encode("utf-16-le") + b"\0\0", '\ufeff{"t":1}\0'.encode(), b'{"t":1}\0'],
)
def test_odd_bytes_are_read_as_the_reader_of_messages_does(payload: bytes) -> None:
    assert exact_json.read(payload)["t"] == 1


@pytest.mark.parametrize("number", SPELLINGS)
def test_a_payload_of_a_command_is_shown_and_edited_as_it_goes_out(number: str) -> None:
    payload = f'{{"a": {number}, "b": {{"id": "x", "id": "y"}}}}'
    shown = command_view.pretty(payload)
    assert f'"a": {number},' in shown
    assert shown.count('"id": ') == 2
    assert command_view.pretty("no { JSON") == "no { JSON"
