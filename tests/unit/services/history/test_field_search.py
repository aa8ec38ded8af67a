"""Fields of the archive: which there are, their values, and the columns of a chart."""

import json
from pathlib import Path

import pytest

from omf.alarms.lifecycle import AlarmEvent
from omf.messages.message import Message
from services.history import field_search
from services.history.field_search import FieldName, FieldQuestion, FieldSummary
from services.history.reader import History
from tests.support.archives import (
    HOUR_MS,
    LDR,
    START_MS,
    archive_alarms,
    filled,
    lights,
    merged,
    passages,
)

SAID = lights(180, every_ms=60_000)
STATE = "module/v1/ff/X/state"
ORDER = {"orderId": "o-1", "type": "WHITE", "state": "IN_PROGRESS"}
MORE = [
    Message(STATE, b'{"state": "IDLE", "temperature": -3}', f"{START_MS + 1}-5"),
    Message(STATE, b'{"state": "BUSY", "temperature": -3}', f"{START_MS + 61_001}-5"),
    Message(field_search.ORDERS, json.dumps(ORDER).encode(), f"{START_MS + 90_000}-7"),
]
WHOLE = sorted([*SAID, *MORE], key=lambda one: tuple(map(int, one.id.split("-"))))
NAME = FieldName(LDR, "ldr")


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> History:
    root = tmp_path_factory.mktemp("fields")
    merged(filled(root, WHOLE))
    archive_alarms(root, [(f"{round(one.at * 1000)}-0", one) for one in passages(4)])
    return History(root)


def test_the_fields_of_a_range_and_of_a_topic_are_listed(history: History) -> None:
    every, more = field_search.list_fields(history)
    assert not more
    assert FieldSummary(LDR, "ldr", 60, 0) in every
    assert FieldSummary(STATE, "state", 0, 2) in every
    assert FieldSummary(STATE, "temperature", 1, 0) in every
    narrow, _ = field_search.list_fields(history, topic_filter="module/#")
    assert [(one.topic, one.path) for one in narrow] == [(STATE, "state"), (STATE, "temperature")]
    late, _ = field_search.list_fields(history, since_ms=START_MS + HOUR_MS)
    assert STATE not in {one.topic for one in late}
    assert field_search.list_fields(history, since_ms=START_MS * 2) == ([], False)


def test_each_value_is_told_in_order(history: History) -> None:
    found = list(field_search.field_values(history, NAME, until_ms=START_MS + HOUR_MS))
    assert [(one.number, one.id) for one in found] == [
        (float(n), SAID[n].id) for n in range(0, 60, 3)
    ]
    assert list(field_search.field_values(history, FieldName(LDR, "nothing"))) == []
    texts = field_search.field_values(history, FieldName(STATE, "state"))
    assert [(one.text, one.number) for one in texts] == [("IDLE", None), ("BUSY", None)]


def test_a_chart_has_the_extremes_of_each_column_and_the_messages_that_said_them(
    history: History,
) -> None:
    span = (START_MS, START_MS + 3 * HOUR_MS)
    [columns] = field_search.series(history, FieldQuestion([NAME], *span, columns=3)).values()
    assert [(c.place, c.values, c.low, c.high, c.first, c.last) for c in columns] == [
        (0, 20, 0, 57, 0, 57),
        (1, 20, 60, 117, 60, 117),
        (2, 20, 120, 177, 120, 177),
    ]
    assert (columns[1].low_id, columns[1].high_id) == (SAID[60].id, SAID[117].id)
    assert columns[1].last_id == SAID[117].id
    assert columns[0].first_ms == START_MS


def test_what_held_when_a_range_begins_is_told_and_nothing_of_behind_it(history: History) -> None:
    since = START_MS + 61_500
    asked = FieldQuestion([NAME, FieldName(STATE, "state")], since, since + 300_000, 5)
    found = field_search.series(history, asked)
    numbers, texts = found.values()
    assert [(c.place, c.last) for c in numbers] == [(-1, 0.0), (1, 3.0), (4, 6.0)]
    assert [(c.place, c.text, c.texts) for c in texts] == [(-1, "BUSY", 2)]


def test_each_field_has_at_most_its_columns(history: History) -> None:
    fields = [NAME, FieldName(LDR, "br"), FieldName("not/there", "x")]
    span = (START_MS, START_MS + 3 * HOUR_MS)
    found = field_search.series(history, FieldQuestion(fields, *span, columns=7))
    assert [len(found[name]) for name in fields] == [7, 7, 0]
    assert field_search.series(history, FieldQuestion([], *span)) == {}


def test_the_span_of_the_archive_is_cut_to_what_is_asked(history: History) -> None:
    last = START_MS + 178 * 60_000
    assert field_search.span_of(history, None, None) == (START_MS, last + 1)
    assert field_search.span_of(history, START_MS + 5, START_MS + 9) == (START_MS + 5, START_MS + 9)
    assert field_search.span_of(history, last * 2, None) is None
    assert field_search.span_of(History(Path("/nowhere")), None, None) is None


def test_orders_and_alarms_of_a_range_are_marks_and_a_long_range_has_none(
    history: History,
) -> None:
    found, more = field_search.marks(history, START_MS, START_MS + HOUR_MS)
    [mark] = [one for one in found if one.kind == "order"]
    assert (mark.name, mark.subject, mark.id, mark.said) == ("WHITE", "o-1", MORE[2].id, None)
    raised = [one for one in passages(4) if one.event is AlarmEvent.RAISED]
    assert [(one.subject, one.at_ms / 1000, one.said) for one in found if one.kind == "alarm"] == [
        (one.alarm, one.at, one.text) for one in raised
    ]
    assert [one.at_ms for one in found] == sorted(one.at_ms for one in found)
    assert not more
    assert field_search.marks(history, START_MS, START_MS + 30 * 24 * HOUR_MS) == ([], True)
