"""One field that cannot be read costs that field and nothing else, on every topic."""

import json
from typing import Any

import pytest

from omf import faults
from omf.messages.misfits import MAX_MISFITS
from omf.messages.reading import Deleted, Reading, Rejected, parse, parse_strictly
from omf.messages.writing import check_command
from omf.summaries import meaning
from omf.texts import LANGUAGES, verbatim
from omf.topics import catalogue
from services.ui.views import message_rows
from tests.support.damage import NO_TEXT, NOT_A_NUMBER, TOO_LARGE, damaged, places, without
from tests.support.examples import EXAMPLES, example

VEHICLE = catalogue.address("fts_state", serial="5iO4")
MODULE = catalogue.address("module_state", serial="SVR3QA2098")


def read(topic: str, payload: bytes) -> Reading:
    result = parse(topic, payload)
    assert isinstance(result, Reading), result
    return result


@pytest.mark.parametrize("damage", [NOT_A_NUMBER, TOO_LARGE, NO_TEXT, b"null"])
@pytest.mark.parametrize("name", EXAMPLES)
def test_any_one_damaged_value_is_left_out_and_every_other_is_kept(
    name: str, damage: bytes
) -> None:
    topic, whole = example(name, "full").topic, EXAMPLES[name]["full"]
    for place in places(whole):
        rest = parse(topic, without(whole, place))
        given = parse(topic, damaged(whole, place, damage))
        if isinstance(rest, Rejected):
            assert len(whole) == 1
            continue
        assert isinstance(rest, Reading), place
        if isinstance(given, Rejected):
            assert len(whole) == 1, place
            continue
        assert isinstance(given, Reading), place
        if damage == b"null":
            assert not given.misfits, place
            continue
        assert given.payload.model_dump(mode="json") == rest.payload.model_dump(mode="json"), place
        assert [one.where for one in given.misfits] == [".".join(map(str, place))]


@pytest.mark.parametrize("name", EXAMPLES)
def test_no_command_is_written_with_a_damaged_value(name: str) -> None:
    topic, whole = example(name, "full").topic, EXAMPLES[name]["full"]
    for place in places(whole):
        for damage in (NOT_A_NUMBER, NO_TEXT):
            assert isinstance(check_command(topic, damaged(whole, place, damage)), Rejected)


@pytest.mark.parametrize(
    ("payload", "field"),
    [
        (b'"lastNodeId":"2","actionStates":null', ""),
        (b'"lastNodeId":"2","errors":[null],"load":null,"nodeStates":null', ""),
        (b'"lastNodeId":"2","batteryState":null,"actionState":null,"driving":null', ""),
        (b'"lastNodeId":"2","driving":"perhaps"', "driving"),
        (b'"lastNodeId":"2","errors":[5]', "errors.0"),
        (b'"lastNodeId":"2","errors":{"a":1}', "errors"),
        (
            b'"lastNodeId":"2","batteryState":{"percentage":NaN,"minVolt":7}',
            "batteryState.percentage",
        ),
        (b'"lastNodeId":"2","batteryState":[]', "batteryState"),
        (b'"lastNodeId":"2","future":{"deep":[1,18446744073709551616]}', "future.deep.1"),
        (b'"lastNodeId":"2","headerId":18446744073709551616', "headerId"),
        (b'"lastNodeId":"2","actionState":{"id":7.5e999,"state":"RUNNING"}', "actionState.id"),
        (b'"lastNodeId":"2","actionState":{"state":"RUNNING"}', "actionState.id"),
        (b'"lastNodeId":"2","load":[{"loadPosition":[1]}]', "load.0.loadPosition"),
    ],
)
def test_the_position_is_taken_whatever_else_is_wrong(payload: bytes, field: str) -> None:
    given = read(VEHICLE, b"{" + payload + b"}")
    assert getattr(given.payload, "last_node_id", None) == "2"
    assert [one.where for one in given.misfits] == ([field] if field else [])


def test_a_record_says_which_of_its_fields_could_not_be_read() -> None:
    given: Any = read(VEHICLE, b'{"driving":true,"load":[{"loadType":NaN},5],"errors":[]}').payload
    assert given.unread == {"load"}
    assert given.load[0].unread == {"loadType"}
    assert not given.load[0].known
    clean: Any = read(VEHICLE, b'{"driving":true,"load":[{"loadType":null}]}').payload
    assert not clean.unread
    assert clean.load[0].known


def test_a_message_of_another_kind_is_rejected_as_a_whole() -> None:
    for payload in (b"[]", b"5", b'"text"', b"null", b'{"driving":"perhaps"}'):
        result = parse(VEHICLE, payload)
        assert isinstance(result, Rejected), payload
        assert result.reason == "misfit"
        assert result.detail.en != result.detail.de


def test_a_message_with_nothing_but_wrong_values_is_given_up_early() -> None:
    errors = b",".join([b"5"] * (MAX_MISFITS + 1))
    assert isinstance(parse(MODULE, b'{"paused":true,"errors":[' + errors + b"]}"), Rejected)
    assert isinstance(parse(MODULE, b'{"paused":true,"errors":[5,5]}'), Reading)


def test_a_message_nested_without_end_is_rejected_and_a_deep_field_left_out() -> None:
    deep = b"[" * 400 + b"]" * 400
    given = read(MODULE, b'{"paused":true,"new":' + deep + b"}")
    assert [one.kind for one in given.misfits] == ["recursion_loop"]
    endless = b"[" * 20_000 + b"]" * 20_000
    assert isinstance(parse(MODULE, b'{"paused":true,"new":' + endless + b"}"), Rejected)


@pytest.mark.parametrize(
    ("wrapped", "remarks"),
    [
        (b"\xef\xbb\xbf%s", ("bom",)),
        (b"%s\0", ("trailing_nul",)),
        (b"%s\0\0\n\0", ("trailing_nul",)),
        (b"\xef\xbb\xbf%s\0", ("bom", "trailing_nul")),
    ],
)
def test_a_byte_order_mark_and_the_nul_of_a_c_text_are_no_hindrance(
    wrapped: bytes, remarks: tuple[str, ...]
) -> None:
    given = read(VEHICLE, wrapped % b'{"lastNodeId":"2"}')
    assert getattr(given.payload, "last_node_id", None) == "2"
    assert (given.remarks, given.misfits) == (remarks, ())
    assert all(one.text.de != one.text.en for one in given.notes)
    assert isinstance(parse_strictly(VEHICLE, wrapped % b'{"lastNodeId":"2"}'), Rejected)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_other_encodings_of_unicode_are_read_with_a_remark(encoding: str) -> None:
    given = read(VEHICLE, '{"lastNodeId":"Süd"}'.encode(encoding))
    assert getattr(given.payload, "last_node_id", None) == "Süd"
    assert given.remarks == (encoding.replace("-", "")[:5],)


def test_nothing_but_padding_has_no_content_and_is_no_deletion() -> None:
    result = parse(VEHICLE, b"\0\0")
    assert isinstance(result, Rejected)
    assert result.reason == "empty"
    assert isinstance(parse(VEHICLE, b""), Deleted)


def test_a_null_where_something_is_due_is_refused_in_a_command() -> None:
    topic = catalogue.address("module_order", serial="SVR3QA2098")
    whole = {**EXAMPLES["module_order"]["full"]}
    assert isinstance(parse_strictly(topic, json.dumps(whole).encode()), Reading)
    result = parse_strictly(topic, json.dumps(whole | {"orderId": None}).encode())
    assert isinstance(result, Rejected)
    assert "orderId" in result.detail.en


def test_no_word_of_the_validator_reaches_a_reader() -> None:
    for kind in faults.KEYS:
        told = {"type": kind, "msg": "Input should be", "url": "https://errors.pydantic.dev"}
        told["ctx"] = dict.fromkeys(
            ("expected", "min_length", "max_length", "ge", "gt", "le", "lt", "line", "column",
             "multiple_of"), "7",
        )  # fmt: skip
        german, english, french = (faults.fault_text(told).in_(one) for one in LANGUAGES)
        assert german
        assert len({german, english, french}) == 3
        assert "Input" not in english
        assert "pydantic" not in english
    assert (
        faults.fault_text({"type": "something_new", "msg": "Input should be"}).en == "is not valid"
    )


@pytest.mark.parametrize(
    ("payload", "de", "en"),
    [
        (b'{"driving":NaN,"lastNodeId":"2"}', "teilweise gelesen, ohne driving", "partly read"),
        (b'\xef\xbb\xbf{"lastNodeId":"2"}', "Byte-Reihenfolge-Marke", "byte order mark"),
        (b'{"lastNodeId":"2"}\0', "NUL-Zeichen", "NUL characters"),
    ],
)
def test_the_words_of_a_message_mark_what_was_not_read(payload: bytes, de: str, en: str) -> None:
    said = meaning(VEHICLE, payload, lambda serial: (verbatim(serial), None))
    assert de in said.de
    assert en in said.en


def test_a_message_in_another_encoding_is_shown_as_json() -> None:
    assert message_rows.content('{"a":1}'.encode("utf-16")).kind == "json"
    assert message_rows.content(b"\xff\xd8\xff\xe0\0\x10JFIF").kind == "binary"
    assert message_rows.content(b"\0\1\2\3").kind == "text"
