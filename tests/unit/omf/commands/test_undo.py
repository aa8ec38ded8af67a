"""A setting is taken back by the same command with the values it had before."""

import json
from typing import Any

import pytest

from omf.commands import kind_of, parameters_of, prepare
from omf.commands.undo import undo
from omf.layout.layout import Layout
from omf.state import FactoryState
from tests.support.same_future import RunningMock

CONFIG: dict[str, Any] = {
    "duration_red": 1,
    "duration_white": 2,
    "duration_blue": 3,
    "max_parallel_orders": 1,
    "charge_threshold_percent": 20,
}
CASES: list[tuple[str, dict[str, Any]]] = [
    ("flows", {"red": ["DRILL"]}),
    ("config", CONFIG),
    ("module-duration", {"serial": "SVR3QA2098", "duration": 9}),
]


@pytest.fixture(scope="module")
def state() -> FactoryState:
    return RunningMock(3, 1, {"RED": 1}).state


@pytest.mark.parametrize(("kind", "given"), CASES)
def test_the_former_values_are_a_command_that_can_be_given(
    kind: str, given: dict[str, Any], state: FactoryState
) -> None:
    found = undo(kind, given, state)
    assert found is not None
    assert found.kind == kind
    parameters_of(kind_of(found.kind), found.parameters)
    again = undo(kind, found.parameters, state)
    assert again is None  # what changes nothing needs no way back


def test_a_layout_comes_back_whole_also_after_the_makers_one(state: FactoryState) -> None:
    for kind in ("layout", "default-layout"):
        found = undo(kind, {}, state)
        assert found is not None
        assert found.kind == "layout"
        plan = prepare(
            "layout",
            found.parameters | {"confirm": "LAYOUT"},
            state,
            now=0.0,
            new_id=lambda: "id",
        )
        assert Layout.from_message(json.loads(plan.steps[0].payload)) == state.layout


def test_what_moves_things_or_is_not_known_has_no_way_back(state: FactoryState) -> None:
    assert undo("factory-reset", {}, state) is None
    assert undo("production-order", {"colour": "RED"}, state) is None
    assert undo("flows", {"red": ["MILL"]}, FactoryState()) is None
    assert undo("config", CONFIG, FactoryState()) is None
