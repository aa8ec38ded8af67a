"""What comes again is dropped, what only looks the same is kept: on both kinds of broker."""

from services.ingest.redelivery import ENTRY, Mark, Redelivery, Sessions, crc


def sent(*contents: str, first_mid: int = 1, dup: bool = False) -> list[Mark]:
    return [
        Mark(first_mid + n, crc(0, content.encode()), dup) for n, content in enumerate(contents)
    ]


def window(marks: list[Mark]) -> bytes:
    return b"".join(ENTRY.pack(found.mid, found.crc) for found in marks)


def test_with_dup_only_what_was_appended_is_dropped() -> None:
    appended = sent("a", "b", "c")
    again = [*sent("b", "c", "d", first_mid=2, dup=True), *sent("e", first_mid=5)]
    redelivery = Redelivery(window(appended), 0)
    assert redelivery.repeated(again) == {0, 1}
    assert redelivery.over


def test_with_dup_a_block_may_come_in_many_batches() -> None:
    appended = sent(*"abcdef")
    redelivery = Redelivery(window(appended), 0)
    for content, mid in (("c", 3), ("d", 4)):
        assert redelivery.repeated(sent(content, first_mid=mid, dup=True)) == {0}
    assert redelivery.repeated(sent("f", first_mid=9)) == set()
    assert redelivery.over


def test_an_equal_message_without_dup_is_new() -> None:
    appended = sent("x", "x", "x", first_mid=5)
    redelivery = Redelivery(window(appended), 3)
    assert redelivery.repeated(sent("x", "x", first_mid=8)) == set()
    assert redelivery.over


def test_without_dup_the_order_tells() -> None:
    appended = sent("a", "b", "c", first_mid=7)
    redelivery = Redelivery(window(appended), 3)
    assert redelivery.repeated(sent("b", "c", "d")) == {0, 1}
    assert redelivery.over


def test_without_dup_a_part_of_the_order_is_no_repetition() -> None:
    appended = sent("a", "b", "c", first_mid=7)
    redelivery = Redelivery(window(appended), 3)
    assert redelivery.repeated(sent("a", "z")) == set()


def test_without_dup_the_repetition_may_come_in_two_batches() -> None:
    appended = sent(*"abcdef", first_mid=7)
    redelivery = Redelivery(window(appended), 6)
    assert redelivery.repeated(sent("c", "d")) == {0, 1}
    assert redelivery.repeated(sent("e", "f", "g", first_mid=3)) == {0, 1}
    assert redelivery.over


def test_without_dup_what_was_settled_never_comes_again() -> None:
    appended = sent("x", "x", "x", first_mid=7)
    redelivery = Redelivery(window(appended), 0)
    assert redelivery.repeated(sent("x", "x")) == set()


def test_with_dup_it_may_come_in_the_midst_of_new_ones() -> None:
    appended, new = sent("a", "b", first_mid=7), sent("c", first_mid=9)
    redelivery = Redelivery(window(appended), 0)
    assert redelivery.repeated(new) == set()
    redelivery.recall(window([*appended, *new]), 0, own=1)
    later = [*sent("d", first_mid=10), *sent("b", first_mid=8, dup=True)]
    assert redelivery.repeated([*later, *sent("d", first_mid=10, dup=True)]) == {1, 2}


def test_before_anything_new_came_a_like_content_is_no_repetition() -> None:
    """mosquitto sends with DUP what a dead connection never got; it may come in two batches."""
    appended = sent("a", "b", first_mid=7)
    redelivery = Redelivery(window(appended), 0)
    assert redelivery.repeated(sent("b", first_mid=8, dup=True)) == {0}
    redelivery.recall(window(appended), 2, own=0)
    again = [*sent("a", first_mid=9, dup=True), *sent("n", first_mid=10)]
    assert redelivery.repeated([*again, *sent("b", first_mid=11, dup=True)]) == {2}


def test_with_new_packet_ids_what_is_not_settled_is_dropped_as_often_as_it_was_appended() -> None:
    appended = sent("x", "x", "y", "x", first_mid=7)
    again = sent("y", "x", "x", "x", "x", "never", dup=True)
    assert Redelivery(window(appended), 3).repeated(again) == {0, 1, 2}


def test_with_new_packet_ids_those_of_former_connections_tell_nothing() -> None:
    appended, own = sent("a", "b", "c"), sent("n")
    redelivery = Redelivery(window(appended), 0)
    assert redelivery.repeated(own) == set()
    redelivery.recall(window([*appended, *own]), 0, own=1)
    again = [*sent("b", first_mid=2, dup=True), *sent("n", dup=True)]
    assert redelivery.repeated(again) == {1}


def test_what_crossed_its_puback_comes_again_with_another_packet_id() -> None:
    appended = sent("a", "x", "x", "x", first_mid=7)
    redelivery = Redelivery(window(appended), 0)
    assert redelivery.repeated(sent("n", first_mid=11)) == set()
    redelivery.recall(window(appended), 1, own=1)
    again = sent("a", "x", "x", "never", first_mid=12, dup=True)
    assert redelivery.repeated(again) == {0, 1}


def test_a_new_session_is_told_of_what_it_brings_again() -> None:
    redelivery = Redelivery(b"", 0)
    own = sent("a", "b")
    redelivery.recall(window(own), 0, own=2)
    assert redelivery.repeated(sent("b", "c", first_mid=2, dup=True)) == {0}


def test_an_empty_window_drops_nothing() -> None:
    redelivery = Redelivery(b"", 0)
    assert redelivery.over
    assert redelivery.repeated(sent("a", dup=True)) == set()


def connects(count: int, *, lost: int) -> Sessions:
    sessions = Sessions()
    for number in range(1, count + 1):
        sessions.opened(number, kept=number != lost)
    return sessions


def test_a_session_is_remembered_until_it_is_mirrored_however_many_connects_later() -> None:
    sessions = connects(50, lost=1)
    assert not sessions.begin(1)
    assert sessions.begin(2)
    assert sessions.begin(50)


def test_a_session_lost_on_a_connection_that_brought_nothing_is_lost() -> None:
    sessions = connects(4, lost=2)
    assert sessions.begin(1)
    assert not sessions.begin(3)
    sessions.opened(3, kept=False)  # a later word about it: its subscriptions
    assert sessions.begin(4)


def test_a_connection_nobody_was_told_of_has_no_session() -> None:
    assert not Sessions().begin(1)
