"""Ids of messages are numbers, read and written in one place."""

import pytest

from omf.messages.stream_id import StreamId


def test_ids_compare_as_numbers_and_not_as_text() -> None:
    ids = [StreamId.parse(text) for text in ("9-2", "9-10", "10-0", "10-1")]
    assert ids == sorted(ids)


@pytest.mark.parametrize("text", ["0-0", "1764000000000-7", f"{2**64 - 1}-{2**64 - 1}"])
def test_what_was_read_is_written_the_same(text: str) -> None:
    assert str(StreamId.parse(text)) == text


def test_an_id_without_a_sequence_is_the_first_of_its_millisecond() -> None:
    assert StreamId.parse("12") == StreamId(12, 0)


@pytest.mark.parametrize("text", ["", "-", "x-1", "1-x"])
def test_what_is_no_id_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        StreamId.parse(text)


def test_before_a_moment_lies_the_last_id_of_the_millisecond_before() -> None:
    assert StreamId.first_at(1.5) == StreamId(1500)
    assert StreamId.last_before(1.5) == StreamId.first_at(1.5).previous
    assert StreamId(5, 3).previous == StreamId(5, 2)
    assert StreamId.first_at(-1.0) == StreamId(0)
    assert StreamId.parse("2500-9").seconds == 2.5


def test_a_millisecond_later_is_one_whatever_a_binary_fraction_makes_of_it() -> None:
    for ms in range(1_795_965_353_000, 1_795_965_354_000):
        later = StreamId(ms).seconds + 0.001
        assert StreamId.first_at(later) == StreamId(ms + 1)
        assert StreamId.last_before(later).ms == ms
        assert StreamId.first_at(StreamId(ms).seconds + 0.0004) == StreamId(ms)
