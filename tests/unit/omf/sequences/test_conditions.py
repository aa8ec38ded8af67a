"""Conditions on the factory: met, not met, or not known, each in words."""

from typing import Any

import pytest

from omf.sequences.conditions import Judged, judge
from omf.sequences.reading import read_sequence
from omf.sequences.written import Condition, WantedCommand
from omf.state import FactoryState
from omf.texts import verbatim
from omf.yaml_files import YamlFileError
from tests.support.factory import SERIALS, Factory, known_factory, stock_message
from tools.sequence_lifecycle import DOCUMENT, render

IDLE = {"orders": "open", "at_most": 0}


def factory() -> FactoryState:
    return known_factory()


def met(condition: dict[str, Any], state: FactoryState) -> bool | None:
    def possible(wanted: WantedCommand) -> Judged:
        return Judged(wanted.kind == "park", verbatim("p"))

    found = judge(Condition.model_validate(condition), state, possible)
    assert all(found.said.each)
    return found.met


@pytest.mark.parametrize(
    "condition",
    [
        IDLE,
        {"stock": "any", "at_least": 1},
        {"module": "MILL", "state": "ready"},
        {"vehicle": "any", "at": "DPS"},
        {"vehicle": "5iO4", "battery_at_least": 10},
    ],
)
def test_what_an_unknown_factory_has_not_told_is_not_known(condition: dict[str, Any]) -> None:
    assert met(condition, FactoryState()) is None


def test_stock_is_counted_by_colour_and_bounds() -> None:
    told = Factory()
    told.say("ccu_state_stock", stock_message(A1="RED", A2="RED", B1="BLUE"))
    state = told.state
    assert met({"stock": "RED", "at_least": 2}, state) is True
    assert met({"stock": "RED", "at_least": 3}, state) is False
    assert met({"stock": "WHITE", "at_most": 0}, state) is True
    assert met({"stock": "any", "at_least": 3, "at_most": 3}, state) is True


def test_modules_are_found_by_type_and_serial() -> None:
    state = factory()
    module = state.modules[SERIALS["MILL"]]
    for available, word in (("READY", "ready"), ("BUSY", "busy"), ("BLOCKED", "blocked")):
        module.available = available
        for name in ("MILL", SERIALS["MILL"]):
            assert met({"module": name, "state": word}, state) is True
            assert met({"module": name, "state": "offline"}, state) is False
    module.connection = "OFFLINE"
    assert met({"module": "MILL", "state": "offline"}, state) is True
    assert met({"module": "MILL", "state": "blocked"}, state) is False


def test_vehicles_are_where_they_stand() -> None:
    state = factory()
    vehicle = next(iter(state.vehicles.values()))
    vehicle.last_node, vehicle.driving, vehicle.battery_percentage = SERIALS["HBW"], False, 40
    assert met({"vehicle": "any", "at": "HBW"}, state) is True
    assert met({"vehicle": vehicle.serial, "at": SERIALS["DPS"]}, state) is False
    assert met({"vehicle": "any", "battery_at_least": 40}, state) is True
    assert met({"vehicle": "any", "battery_at_least": 41}, state) is False
    vehicle.driving = True
    assert met({"vehicle": "any", "at": "HBW"}, state) is False


@pytest.mark.parametrize(
    ("parts", "all_of", "any_of", "none_of"),
    [
        ("yy", True, True, False),
        ("yn", False, True, False),
        ("nn", False, False, True),
        ("yu", None, True, False),
        ("nu", False, None, None),
    ],
)
def test_conditions_are_joined_and_unknown_stays_unknown(
    *, parts: str, all_of: bool | None, any_of: bool | None, none_of: bool | None
) -> None:
    each = {
        "y": {"possible": {"kind": "park"}},
        "n": {"possible": {"kind": "charge", "parameters": {"charge": True}}},
        "u": {"module": "NONE", "state": "ready"},
    }
    state, asked = factory(), [each[part] for part in parts]
    expected = {"all_of": all_of, "any_of": any_of, "none_of": none_of}
    assert {name: met({name: asked}, state) for name in expected} == expected


@pytest.mark.parametrize(
    ("step", "named"),
    [
        ("{wait: {orders: open, at_most: 0}}", "timeout_s is missing"),
        ("{wait: {orders: open}, timeout_s: 5}", "orders goes with: at_least, at_most"),
        ("{wait: {orders: open, stock: RED, at_most: 1}, timeout_s: 5}", "exactly one subject"),
        ("{wait: {stock: PINK, at_most: 1}, timeout_s: 5}", "line 3, steps.0.wait.stock"),
        ("{wait: {module: MILL, state: idle}, timeout_s: 5}", "steps.0.wait.state"),
        ("{wait: {module: MILL, at: DPS}, timeout_s: 5}", "module goes with: state"),
        ("{wait: {possible: {kind: fly}}, timeout_s: 5}", "no kind of command fly"),
        ("{wait: {all_of: [{stock: RED}]}, timeout_s: 5}", "steps.0.wait.all_of.0"),
        ("{kind: park, wait: {stock: RED, at_most: 1}}", "exactly one of kind, wait, if and stop"),
        ("{if: {stock: RED, at_most: 1}, else: [{kind: fly}]}", "steps.0.else.0.kind"),
        ("{if: {stock: RED, at_most: 1}, patient: true}", "patient does not belong"),
        ("{kind: park, timeout_s: 5}", "add patient: true"),
        ("{kind: park, patient: true, else: [{kind: park}]}", "timeout_s is missing"),
        ("{stop: x, timeout_s: 4}", "timeout_s does not belong"),
        ("{}", "exactly one of kind, wait, if and stop"),
        (
            "{wait: {stock: RED, at_least: 2, at_most: 1}, timeout_s: 5}",
            "at_least is above at_most",
        ),
    ],
)
def test_a_flaw_is_named_with_line_place_and_mend(step: str, named: str) -> None:
    with pytest.raises(YamlFileError) as flaw:
        read_sequence(f"title: {{de: a, en: b}}\nsteps:\n  - {step}\n")
    assert named in flaw.value.text.en
    assert "line " in flaw.value.text.en


def test_a_wrong_parameter_deep_inside_is_found_at_its_own_line() -> None:
    source = """
title: {de: a, en: b}
steps:
  - if: {stock: RED, at_least: 1}
    then:
      - kind: production-order
        parameters:
          colour: PINK
"""
    with pytest.raises(YamlFileError) as flaw:
        read_sequence(source)
    assert "line 8, steps.0.then.0.parameters.colour" in flaw.value.text.en


def test_too_many_and_too_deep_are_refused() -> None:
    step = "{kind: park}"
    for _ in range(6):
        step = f"{{if: {{stock: RED, at_least: 1}}, then: [{step}]}}"
    many = "\n".join(["  - {kind: park}"] * 51)
    for steps, named in ((f"  - {step}", "deeper than 5"), (many, "more than 50")):
        with pytest.raises(YamlFileError) as flaw:
            read_sequence(f"title: x\nsteps:\n{steps}\n")
        assert named in flaw.value.text.en


def test_the_document_shows_the_table_as_it_is() -> None:
    document = DOCUMENT.read_text("utf-8")
    assert document == render(document), "run: python -m tools.sequence_lifecycle"
