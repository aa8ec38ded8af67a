"""A clock that was set: ids and ages go on, and readers are told."""

from itertools import pairwise

import pytest

from omf.messages.stream_id import StreamId
from services.common.store.keys import LinkHealth
from services.ingest.stream_ids import ArrivalClock, ClockStep, StreamIdGenerator

HOUR_S = 3600.0
NOON = 1_000_000.0


class Host:
    """A host whose two clocks a test moves."""

    def __init__(self) -> None:
        self.wall, self.ticks = NOON, 50.0
        self.arrival = ArrivalClock(lambda: self.wall, lambda: self.ticks)

    def pass_(self, seconds: float, *, set_by: float = 0.0) -> float:
        self.ticks += seconds
        self.wall += seconds + set_by
        return self.arrival.now()


def test_while_nobody_sets_the_clock_a_message_comes_when_it_comes() -> None:
    host = Host()
    assert [host.pass_(s) for s in (0.0, 1.5, 100.0)] == [NOON, NOON + 1.5, NOON + 101.5]
    assert host.arrival.step is None


def test_an_hour_back_what_was_silent_for_a_minute_is_a_minute_old() -> None:
    host = Host()
    before = host.pass_(1.0)
    after = host.pass_(60.0, set_by=-HOUR_S)
    assert after - before == pytest.approx(60.0, rel=0.03)
    assert host.arrival.step == ClockStep(pytest.approx(-HOUR_S), host.wall)


def test_the_clock_that_was_set_back_is_approached_and_never_passed() -> None:
    host = Host()
    host.pass_(1.0, set_by=-10.0)
    times = [host.pass_(10.0) for _ in range(80)]
    assert times == sorted(set(times))
    assert times[-1] == host.wall


def test_a_clock_set_forward_is_followed_at_once() -> None:
    host = Host()
    assert host.pass_(1.0, set_by=HOUR_S) == host.wall
    assert host.arrival.step == ClockStep(pytest.approx(HOUR_S), host.wall)


def test_a_restart_after_the_clock_was_set_back_goes_on_from_the_last_id() -> None:
    host = Host()
    last = NOON + HOUR_S
    host.arrival.after(f"{last * 1000:.0f}-7")
    assert host.arrival.step == ClockStep(pytest.approx(-HOUR_S), host.wall)
    assert host.pass_(40.0) - last == pytest.approx(40.0, rel=0.03)


def test_a_second_more_or_less_is_no_step() -> None:
    host = Host()
    for by in (0.4, -0.4, 0.9, -0.9):
        host.pass_(1.0, set_by=by)
    assert host.arrival.step is None


def test_ids_rise_one_second_a_second_while_the_clock_is_behind() -> None:
    host, ids = Host(), StreamIdGenerator()
    first, _ = ids.take(host.pass_(0.0), 1)
    later, number = ids.take(host.pass_(30.0, set_by=-HOUR_S), 1)
    assert later - first == pytest.approx(30_000, rel=0.03)
    assert number == 0


def test_a_reader_measures_ages_by_the_clock_of_the_ids() -> None:
    link = LinkHealth(connected=True, broker="b", since=0.0, at=NOON, ahead_s=HOUR_S)
    assert link.message_now(NOON) - (NOON + HOUR_S - 60) == 60


@pytest.mark.parametrize("set_by", [-HOUR_S, HOUR_S])
def test_a_link_dated_by_a_clock_that_was_set_since_counts_as_silent(set_by: float) -> None:
    link = LinkHealth(connected=True, broker="b", since=0.0, at=NOON, last_packet_at=NOON)
    assert not link.silent(NOON + 2)
    assert link.silent(NOON + 2 + set_by)


def one(ids: StreamIdGenerator, at: float) -> str:
    ms, seq = ids.take(at, 1)
    return f"{ms}-{seq}"


def test_ids_rise_strictly_whatever_the_clock_does() -> None:
    generator = StreamIdGenerator("2000-7")
    ids = [one(generator, at) for at in (1.0, 2.0, 2.0, 2.001, 0.5, 2.001, 3.0)]
    assert ids == ["2000-8", "2000-9", "2000-10", "2001-0", "2001-1", "2001-2", "3000-0"]
    generator.after("9000-3")
    generator.after("5-5")
    assert one(generator, 4.0) == "9000-4"
    more = (generator.take(4.0, 10), generator.take(9.001, 3), generator.take(9.001, 1))
    assert more == (
        (9000, 5),
        (9001, 0),
        (9001, 3),
    )
    assert all(StreamId.parse(a) < StreamId.parse(b) for a, b in pairwise(ids))
