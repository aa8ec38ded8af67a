"""What a simulation foretells from the middle of a recording, beside what was recorded next."""

import pytest

from omf.simulation.simulation import seeded
from omf.texts import Text
from tests.support.recorded_future import Look, looks
from tests.support.same_future import RunningMock
from tests.support.shared import RECORDINGS

SAME_TURNS = 0.85
"""Of two steps of different orders, that which ended first is foretold to end first."""
COUNTS_OFF = 0.3
"""Of the steps that ended within two minutes, where several orders share one vehicle or two."""


@pytest.fixture(scope="module")
def looked() -> list[Look]:
    found = [look for name in RECORDINGS for look in looks(name)]
    return found or pytest.skip("no recordings")


def test_the_steps_of_each_order_end_in_the_recorded_order(looked: list[Look]) -> None:
    assert [look.at for look in looked if not look.same_order] == []


def test_as_many_steps_of_an_order_that_is_alone_end_as_were_recorded(looked: list[Look]) -> None:
    alone = [look.counts for look in looked if len(look.orders) == 1]
    assert len(alone) >= 40
    assert [(recorded, foretold) for recorded, foretold in alone if recorded != foretold] == []


def test_orders_beside_each_other_take_turns_as_recorded(looked: list[Look]) -> None:
    turns = [look.turns for look in looked]
    assert sum(same for same, _ in turns) >= SAME_TURNS * sum(pairs for _, pairs in turns)


def test_as_many_steps_of_several_orders_end_as_were_recorded(looked: list[Look]) -> None:
    counts = [look.counts for look in looked if len(look.orders) > 1]
    off = sum(abs(recorded - foretold) for recorded, foretold in counts)
    assert off <= COUNTS_OFF * sum(recorded for recorded, _ in counts)


def test_a_vehicle_that_told_no_state_drives_from_where_the_control_unit_sees_it() -> None:
    mock = RunningMock(3, 1, {"RED": 2})
    vehicle = mock.state.vehicles["5iO4"]
    vehicle.state_known = False
    simulation = seeded(mock.state, mock.router.now.wall)
    assert "5iO4" in simulation.vehicles
    assert "5iO4 has told no state: it is taken as empty" in _said(simulation.gaps)


def test_a_vehicle_of_which_nobody_knows_the_place_is_missing_and_said_to_be() -> None:
    mock = RunningMock(3, 1, {"RED": 2})
    vehicle = mock.state.vehicles["5iO4"]
    vehicle.state_known, vehicle.last_node = False, None
    simulation = seeded(mock.state, mock.router.now.wall)
    assert simulation.vehicles == {}
    assert "the simulation goes without it" in _said(simulation.gaps)


def _said(gaps: list[Text]) -> str:
    return " ".join(one.en for one in gaps)
