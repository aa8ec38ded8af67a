"""Session files: what is written is read again, and one damaged line is no damaged file."""

import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omf.messages.properties import MessageProperties
from services.common.sessions.files import (
    Damaged,
    Recorded,
    SessionError,
    SessionWriter,
    line_of,
    read,
    stamped,
)
from services.replay.playback_report import PlaybackReport
from services.replay.retained_state import delivery
from tests.support.shared import RECORDINGS, recording, shared_path

GOOD = '{"ts":"2026-08-07T09:11:27.016Z","topic":"a/b","payload":"{}","qos":1,"retain":true}'
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="+#\0"), min_size=1)
moments = st.integers(0, 4_000_000_000_000).map(lambda ms: ms / 1000)
told = st.builds(
    MessageProperties, texts, st.integers(0, 9), user=st.tuples(st.tuples(texts, texts))
)
messages = st.builds(
    Recorded,
    moments,
    texts,
    st.binary(max_size=200),
    st.integers(0, 2),
    st.booleans(),
    properties=st.one_of(st.just(""), told.map(MessageProperties.to_json)),
)


@given(st.lists(messages, min_size=1), st.sampled_from(["a.jsonl", "a.jsonl.gz"]))
def test_what_is_written_is_read_again(
    tmp_path_factory: pytest.TempPathFactory, session: list[Recorded], name: str
) -> None:
    path = tmp_path_factory.mktemp("session") / name
    with SessionWriter(path) as out:
        for message in session:
            out.write(message)
    found = [item for item in read(path) if isinstance(item, Recorded)]
    assert [item[1:] for item in found] == [item[1:] for item in session]
    assert all(abs(a.at - b.at) < 0.002 for a, b in zip(found, session, strict=True))


@pytest.mark.parametrize(
    "line",
    [
        "not json",
        "[]",
        '"text"',
        '{"topic":"a","payload":"{}"}',
        '{"ts":"yesterday","topic":"a","payload":"{}"}',
        '{"ts":"2026-08-07T09:11:27Z","topic":"a/+","payload":"{}"}',
        '{"ts":"2026-08-07T09:11:27Z","topic":"a","payload":null}',
        '{"ts":"2026-08-07T09:11:27Z","topic":"a","payload":"","qos":3}',
        '{"ts":"2026-08-07T09:11:27Z","topic":"a","payload":"","payload_base64":"!"}',
        '{"ts":"2026-08-07T09:11:27Z","topic":7,"payload":""}',
        "\xff",
    ],
)
def test_a_damaged_line_is_named_by_its_number_and_the_rest_is_read(
    tmp_path: Path, line: str
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(f"{GOOD}\n{line}\n{GOOD}\n".encode("latin-1"))
    first, damaged, last = read(path)
    assert isinstance(damaged, Damaged)
    assert damaged.line == 2
    assert first == last


def test_remarks_of_the_recorder_and_empty_lines_are_no_messages(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(f'{{"session_meta":{{}}}}\n\n{GOOD}\n', "utf-8")
    assert len(list(read(path))) == 1


def test_a_file_cut_short_gives_what_it_holds_and_says_where_it_ended(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    packed = gzip.compress("\n".join([GOOD] * 20_000).encode(), 1)
    path.write_bytes(packed[: len(packed) // 2])
    found: list[Recorded | Damaged] = []
    with pytest.raises(SessionError, match=r"after line \d{4,}"):
        found.extend(read(path))
    assert len(found) > 1000
    with pytest.raises(SessionError, match="missing"):
        list(read(tmp_path / "missing"))


def test_an_interrupted_recording_leaves_no_file(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"

    def record() -> None:
        with SessionWriter(path) as out:
            out.write(Recorded(0.0, "a", b""))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        record()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", RECORDINGS)
def test_every_recording_is_read_whole(name: str) -> None:
    found = list(read(shared_path("recordings", f"{name}.jsonl.gz")))
    assert [(m.topic, m.payload) for m in found if isinstance(m, Recorded)] == [
        (m.topic, m.payload) for m in recording(name)
    ]


@pytest.mark.parametrize(
    ("topic", "qos", "retain"),
    [
        ("module/v1/ff/SVR3QA0022/connection", 1, True),
        ("ccu/order/request", 1, False),
        ("ccu/state/stock", 1, True),
        ("nobody/knows", 1, False),
    ],
)
def test_flags_are_those_of_the_true_publisher_and_never_below_qos_one(
    topic: str, qos: int, retain: object
) -> None:
    found_qos, found_retain = delivery(Recorded(0.0, topic, b"", 0, retain=False))
    assert found_qos >= qos
    assert found_retain is retain


def test_the_timing_error_is_unknown_where_nothing_was_due() -> None:
    assert PlaybackReport().p99_ms is None
    assert PlaybackReport(errors_s=[0.001] * 98 + [0.5, 0.5]).p99_ms == 500.0


def arrivals(*told: float) -> list[float]:
    """The arrivals of messages recorded at these times."""
    return [one.arrived_at for one in stamped([Recorded(at, "a", b"1") for at in told])]


def test_where_the_recorders_clock_was_set_back_time_goes_on() -> None:
    # An hour back between the second and the third message, ten seconds from each to the next.
    assert arrivals(7200, 7210, 3610, 3620, 3630) == [7200, 7210, 7210, 7220, 7230]


def test_one_message_with_an_old_time_moves_no_other() -> None:
    assert arrivals(7200, 60, 7210, 7220) == [7200, 7200, 7210, 7220]


def test_a_clock_that_is_put_right_again_is_believed_again() -> None:
    assert arrivals(7200, 3600, 3610, 7300, 7310) == [7200, 7200, 7210, 7300, 7310]
    assert arrivals(7200, 3600, 100, 110, 3700, 3710) == [7200, 7200, 7200, 7210, 7300, 7310]


def test_messages_a_moment_out_of_order_keep_their_time() -> None:
    assert arrivals(100, 99.5, 100.5, 101) == [100, 100, 100.5, 101]


@pytest.mark.parametrize("told", ["5", '"x"', '{"user":{"a":"b"}}', '{"content-type":"x"}', "[]"])
def test_properties_another_recorder_wrote_its_own_way_cost_no_message(
    tmp_path: Path, told: str
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(f'{GOOD[:-1]},"properties":{told}}}\n', "utf-8")
    [found] = read(path)
    assert isinstance(found, Recorded)
    assert (found.topic, found.properties) == ("a/b", "")


def test_what_is_no_json_in_a_buffer_ends_no_export() -> None:
    assert "properties" not in line_of(Recorded(0.0, "a", b"", properties="{"))
