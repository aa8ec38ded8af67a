"""How long steps take is learned from the orders a factory has ended."""

from dataclasses import replace
from datetime import UTC, datetime

from omf.layout.default import default_layout
from omf.layout.layout import Layout
from omf.simulation.learned import DRIVE_SHARE, ENOUGH_TIMES, learn, leg
from omf.state.orders import Order, OrderStep

LAYOUT = Layout.from_message(default_layout())


def step(name: str, took_s: float, state: str = "FINISHED") -> OrderStep:
    began, ended = (datetime.fromtimestamp(at, UTC).isoformat() for at in (1000.0, 1000.0 + took_s))
    source, arrow, target = name.partition(" → ")
    kind, _, command = name.partition(".")
    if arrow:
        return OrderStep(
            "1",
            "NAVIGATION",
            state,
            source=source,
            target=target,
            started_at=began,
            stopped_at=ended,
        )
    return OrderStep(
        "1", "MANUFACTURE", state, kind, command, serial="S1", started_at=began, stopped_at=ended
    )


def order(*steps: OrderStep) -> Order:
    return Order("o", "PRODUCTION", "RED", "FINISHED", 0.0, 0.0, steps=steps)


def test_times_become_a_distribution_of_the_module_and_of_its_type() -> None:
    found = learn([order(step("MILL.PICK", 10.0 + n)) for n in range(ENOUGH_TIMES)], LAYOUT)
    assert found.quantile("MILL.PICK", "S1", 1 / 6) == 10.0
    assert found.quantile("MILL.PICK", "S1", 5 / 6) == 14.0
    assert found.quantile("MILL.PICK", "S1", 1.0) == 15.0, "the next may be longer than all before"
    assert found.quantile("MILL.PICK", "another", 0.5) == 12.0
    assert found.quantile("MILL.DROP", "S1", 0.5) is None


def test_too_few_times_only_move_the_recorded_ones() -> None:
    found = learn([order(step("MILL.PICK", 12.0)) for _ in range(2)], LAYOUT)
    assert found.quantile("MILL.PICK", "S1", 0.5) is None
    assert found.scale("MILL.PICK", "S1", 10.0) == 1.2


def test_what_stood_still_is_no_duration() -> None:
    times = [*range(10, 15), 900]
    found = learn([order(step("MILL.PICK", float(one))) for one in times], LAYOUT)
    assert found.quantile("MILL.PICK", "S1", 5 / 6) == 14.0


def test_a_drive_is_learned_as_a_share_of_its_parts() -> None:
    slow = [order(step("HBW → DRILL", 40.0)) for _ in range(ENOUGH_TIMES)]
    found = learn(slow, LAYOUT)
    share = found.quantile(DRIVE_SHARE, "", 0.5)
    assert share is not None
    assert share > 1.5


def test_a_factory_that_runs_ten_times_as_fast_is_known_by_its_times() -> None:
    fast = [order(step("MILL.PICK", 1.0), step("HBW.DROP", 4.57)) for _ in range(ENOUGH_TIMES)]
    found = learn(fast, LAYOUT)
    assert 9.5 < found.speed < 10.5
    assert 9.5 < (found.quantile("MILL.PICK", "S1", 0.5) or 0) < 10.5


def test_before_anything_ended_the_factory_is_taken_for_one_of_life() -> None:
    assert learn([], LAYOUT).speed == 1.0
    assert learn([], LAYOUT, speed=10.0).speed == 10.0


def test_clocks_that_cannot_be_read_teach_nothing() -> None:
    broken = step("MILL.PICK", 10.0)
    broken.stopped_at = "yesterday"
    assert learn([order(broken)] * ENOUGH_TIMES, LAYOUT).quantile("MILL.PICK", "S1", 0.5) is None


def test_a_colour_and_a_leg_have_their_own_times_once_they_are_enough() -> None:
    red = [order(step("HBW.DROP", 40.0 + n)) for n in range(ENOUGH_TIMES)]
    blue = [replace(order(step("HBW.DROP", 50.0 + n)), colour="BLUE") for n in range(ENOUGH_TIMES)]
    legs = [order(step("HBW → DRILL", 14.0), step("DRILL → AIQS", 28.0)) for _ in red]
    found = learn([*red, *blue, *legs], LAYOUT)
    assert found.quantile("HBW.DROP", "S1", 0.5, "RED") == 42.0
    assert found.quantile("HBW.DROP", "S1", 0.5, "BLUE") == 52.0
    assert found.quantile("HBW.DROP", "S1", 0.5, "WHITE") == 47.0, "of all colours"
    shares = [
        found.quantile(DRIVE_SHARE, "", 0.5, leg(*(LAYOUT.serials(kind)[0] for kind in kinds)))
        for kinds in (("HBW", "DRILL"), ("DRILL", "AIQS"))
    ]
    assert None not in shares
    assert shares[0] != shares[1]


def test_a_vehicle_that_stood_there_already_teaches_nothing_of_the_way() -> None:
    found = learn([order(step("HBW → DRILL", 1.4)) for _ in range(ENOUGH_TIMES)], LAYOUT)
    assert found.quantile(DRIVE_SHARE, "", 0.5) is None


def test_the_share_of_pieces_that_fail_their_check_is_learned() -> None:
    good, bad = step("AIQS.CHECK_QUALITY", 10.0), step("AIQS.CHECK_QUALITY", 10.0, "ERROR")
    assert learn([order(good)] * 6 + [order(bad)] * 2, LAYOUT).failing == 0.25
    assert learn([order(bad)], LAYOUT).failing == 0.0, "one says nothing"
