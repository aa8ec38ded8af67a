"""What the soak tells of a process: its slope within each life, and no more than it has seen."""

from tests.bench.growth import Growth, Sample, slope_mb_per_h
from tests.bench.soak import faults

HOUR_S = 3600.0


def life(begin_s: float, memory_mb: float, per_h: float, *, count: int = 60) -> list[Sample]:
    times = [begin_s + 60.0 * number for number in range(count)]
    return [Sample(at, memory_mb + per_h * (at - begin_s) / HOUR_S, 9) for at in times]


def test_a_slope_is_that_of_each_life_and_no_restart_makes_one() -> None:
    assert abs(slope_mb_per_h([life(0, 50, 2.5)]) - 2.5) < 1e-6
    # Killed while it was large, it begins small: neither is growth.
    restarted = [life(0, 90, 0), life(4000, 40, 0)]
    assert abs(slope_mb_per_h(restarted)) < 1e-6
    assert abs(slope_mb_per_h([life(0, 40, 1), life(4000, 90, 1)]) - 1) < 1e-6


def test_the_beginning_of_a_life_and_a_short_one_are_not_judged() -> None:
    growth = Growth(warm_s=600.0)
    growth._lives["ui", 1] = life(0, 50, 0, count=30)
    growth._lives["ui", 2] = life(1800, 50, 0, count=15)
    (judged,) = growth.judged()["ui"]
    assert judged[0].at == 600.0
    assert len(judged) == 20


def test_the_faults_go_round_all_parts_and_no_broker_is_killed() -> None:
    parts = ("store", "broker-mock", "ingest-mock", "orders-mock", "ui", "mock")
    turn, found = faults(parts), []
    for _ in range(9):
        one = next(turn)
        found.append((one.part, one.name))
    assert ("broker-mock", "ended") in found
    assert ("store", "killed") in found
    assert ("store", "frozen") in found
    assert not {part for part, name in found if name == "killed"} & {"broker-mock", "mock"}
