"""Searches through the archive: what they find, in which order, and that none can be misused."""

import os
from pathlib import Path

import pytest

from omf.messages.message import Message
from services.history import message_search
from services.history.manifest import Manifest
from services.history.message_search import (
    MessageQuestion,
    MessageSearch,
    cost,
    find_messages,
)
from services.history.questions import QuestionError, QuestionStoppedError, ReadSoFar
from services.history.reader import History
from services.history.rows import ArchivedMessage
from services.ui.live.message_filter import MessageFilter
from tests.support.archives import LDR, START_MS, filled, lights, merged

HOUR_S = 3600
SAID = lights(240, every_ms=120_000)
ODD = [
    Message("odd/binary", b'\xff\xfe{"ldr": 5}', f"{START_MS + 7}-0"),
    Message(
        "odd/nested",
        b'{"a":[{"state":"RUNNING","n":-1.50},{"state":null}],"ok":true}',
        f"{START_MS + 9}-0",
    ),
    Message("odd/quoted", b'{"a b":{"number":"12"},"\\u00e4":1}', f"{START_MS + 11}-0"),
    Message("odd/list", b'[{"orderId":"x-1","steps":[]}]', f"{START_MS + 13}-0"),
]
WHOLE = sorted([*SAID, *ODD], key=lambda one: tuple(map(int, one.id.split("-"))))


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> History:
    root = tmp_path_factory.mktemp("searched")
    merged(filled(root, WHOLE))
    return History(root)


def found(history: History, **asked: object) -> list[str]:
    question = MessageQuestion(**{"limit": 1000, **asked})  # type: ignore[arg-type]
    return [message.id for message in find_messages(history, question)[0]]


def ids(messages: list[Message]) -> list[str]:
    return [message.id for message in messages]


def test_newest_first_page_by_page(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(message_search, "PART_BYTES", 2000)
    ldr = SAID[::3][::-1]
    asked = MessageQuestion(LDR, limit=50, newest_first=True)
    first, more = find_messages(history, asked)
    assert (first, more) == (ldr[:50], True)
    rest, more = find_messages(history, asked._replace(before=first[-1].id))
    assert (rest, more) == (ldr[50:], False)


@pytest.mark.parametrize(
    ("where", "topics"),
    [
        ("state = RUNNING", {"odd/nested"}),
        ("a[0].state = running", {"odd/nested"}),
        ("a[1].state = RUNNING", set()),
        ("a[*].n = -1.5", {"odd/nested"}),
        ("a.n<-1", {"odd/nested"}),
        ("a.n >= -1.5", {"odd/nested"}),
        ("state = null", {"odd/nested"}),
        ("ok = true", {"odd/nested"}),
        ("ok != false", {"odd/nested"}),
        ("number > 11", set()),
        ("number = 12", {"odd/quoted"}),
        ("a b.number", {"odd/quoted"}),
        ("number.ldr", set()),
        ("a", {"odd/nested"}),
        ("[0].orderId = X-1", {"odd/list"}),
        ("[1].orderId = X-1", set()),
        ("$.orderId", {"odd/list"}),
        ("steps", {"odd/list"}),
        ("ldr < 0", set()),
        ("ldr = '; DROP VIEW messages; --", set()),
    ],
)
def test_a_field_is_compared(history: History, where: str, topics: set[str]) -> None:
    named, _ = find_messages(history, MessageQuestion(where=where, limit=1000))
    assert {message.topic for message in named} == topics
    live = MessageFilter(text=where, match="field")
    assert {message.topic for message in WHOLE if live.takes(message)} == topics


def test_each_way_to_narrow_holds_beside_the_others(history: History) -> None:
    high = [m for m in SAID[::3] if int(m.payload.split(b'"ldr": ')[1].split(b",")[0]) >= 100]
    assert found(history, topic_filter=LDR, where="ldr >= 100") == ids(high)
    assert found(history, topic_filter="/j1/#", regex=r'"ldr": 1[0-2],') == ids(SAID[10:13])
    assert found(history, regex="(?i)RUNNING") == [ODD[1].id]
    since = START_MS + 2 * HOUR_S * 1000
    narrowed = {"topic_filter": "/j1/txt/+/i/ldr", "text": '"ldr": 6', "since_ms": since}
    assert found(history, **narrowed) == ids(SAID[60:70:3])


def test_a_payload_that_is_no_text_is_left_out_of_a_search_and_stays_what_it_is(
    history: History,
) -> None:
    [message] = find_messages(history, MessageQuestion("odd/binary"))[0]
    assert message.payload == ODD[0].payload
    assert found(history, text='"ldr": 5') == [SAID[5].id, *ids(SAID[50:60])]


@pytest.mark.parametrize(
    "asked",
    [
        {"regex": "("},
        {"regex": "((a{1,100}){1,100}){1,100}b"},
        {"regex": "(?P<x"},
        {"where": ""},
        {"where": "= 5"},
        {"where": "ldr < many"},
        {"where": "a..b = 1"},
        {"where": 'a"]) OR true -- = 1'},
        {"where": "a[x] = 1"},
        {"where": ".".join("abcdefghijklmnop")},
        {"where": "ldr > nan"},
    ],
)
def test_what_is_no_question_is_refused_with_the_reason(
    history: History, asked: dict[str, str]
) -> None:
    if asked == {"where": ""}:
        assert len(found(history, **asked)) == len(WHOLE)
        return
    with pytest.raises(QuestionError):
        find_messages(history, MessageQuestion(**asked))  # type: ignore[arg-type]


@pytest.mark.parametrize("regex", ["(a|aa)*$", "(.*)*x", "((x+)+)+y", "(.*)(.*)(.*)(.*)(.*)(.*)!$"])
def test_no_expression_explodes(tmp_path: Path, regex: str) -> None:
    long = Message("long/one", b"a" * 60_000, f"{START_MS}-0")
    filled(tmp_path, [long])
    # RE2 reads each byte once; one that goes back would have to be stopped.
    find_messages(History(tmp_path), MessageQuestion(regex=regex), timeout_s=60)


def test_a_search_says_how_far_it_is_and_can_be_stopped(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(message_search, "PART_BYTES", 2000)
    search = MessageSearch(history, MessageQuestion(text="not there"))
    told = list(search.lines())
    assert len(told) > 2
    reads = [one for one in told if isinstance(one, ReadSoFar)]
    assert reads == sorted(reads)
    assert reads[-1].read == reads[-1].whole
    stopped = MessageSearch(history, MessageQuestion(limit=1000))
    lines = stopped.lines()
    assert isinstance(next(lines), ArchivedMessage)
    stopped.stop()
    with pytest.raises(QuestionStoppedError):
        list(lines)
    never = MessageSearch(history, MessageQuestion())
    never.stop()
    with pytest.raises(QuestionStoppedError):
        list(never.lines())


def test_who_leaves_a_search_leaves_no_process(history: History) -> None:
    before = _children()
    lines = MessageSearch(history, MessageQuestion(limit=1000)).lines()
    next(lines)
    assert len(_children() - before) == 1
    lines.close()  # type: ignore[attr-defined]
    assert _children() <= before


def _children() -> set[str]:
    task = Path(f"/proc/{os.getpid()}/task")
    return {one for each in task.glob("*/children") for one in each.read_text("ascii").split()}


def test_the_cost_is_told_before_and_less_for_a_topic_and_a_range(history: History) -> None:
    whole = cost(history, MessageQuestion())
    raw = sum(len(one.payload) + len(one.topic) for one in WHOLE)
    assert whole.read_bytes == raw
    assert whole.days == pytest.approx(239 * 120 / 86_400)
    part = cost(history, MessageQuestion(LDR))
    assert 0.25 * raw < part.read_bytes < 0.45 * raw
    hour = cost(history, MessageQuestion(until_ms=START_MS + HOUR_S * 1000))
    assert hour.read_bytes < raw / 4
    assert cost(history, MessageQuestion(since_ms=START_MS * 2)).files == 0


def test_a_file_that_is_damaged_is_named_and_the_rest_found(tmp_path: Path) -> None:
    archive = filled(tmp_path, SAID)
    merged(archive)
    [day] = list[Manifest](archive.days.values())
    victim = day.of("messages")[1]
    (tmp_path / day.day / victim.name).write_bytes(b"")
    history = History(tmp_path)
    assert len(found(history)) == len(SAID) - victim.rows
    assert [victim.name in fault for fault in history.faults] == [True]
