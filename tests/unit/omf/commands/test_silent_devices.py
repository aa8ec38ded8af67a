"""Every kind of command in states in which the factory would not do it, or not answer (PROTOCOL).

Every kind stands in the table of bad states, or below with where it is tried instead.
"""

from collections.abc import Mapping
from typing import Any

import pytest

from omf.commands import KINDS, Check, CommandError
from omf.commands.silent_devices import DEVICE_HEARD
from tests.support.bad_states import BAD, BadState
from tests.support.command_examples import EXAMPLES, plan_of
from tests.support.factory import FTS, SERIALS, Factory, known_factory

ELSEWHERE = {
    "factory-reset": "must work whatever the state is",
    "flows": "the factory does it in any state",
    "config": "the factory does it in any state",
    "layout": "test_ccu_hazards, test_override",
    "free-message": "test_ccu_hazards",
    "clear-retained": "test_ccu_hazards",
}
CELLS = [(name, kind) for name, row in BAD.items() for kind in row.refused]


def _checks(kind: str, row: BadState) -> list[Check]:
    state = known_factory()
    row.change(state)
    known = KINDS[kind].parameters.model_fields
    given = {name: value for name, value in row.parameters.items() if name in known}
    return list(plan_of(kind, state, **given).refusals)


@pytest.mark.parametrize(("name", "kind"), CELLS)
def test_it_is_refused_by_name(name: str, kind: str) -> None:
    row = BAD[name]
    refused = {check.id: check for check in _checks(kind, row)}
    assert row.refused[kind] in refused
    said = refused[row.refused[kind]]
    assert said.de
    assert said.de != said.en
    assert "{" not in said.de + said.en


@pytest.mark.parametrize("name", BAD)
def test_nothing_else_is_refused_for_it(name: str) -> None:
    row, good = BAD[name], known_factory()
    touched = {
        kind
        for kind in EXAMPLES
        if kind not in row.refused and not (row.parameters and _takes(kind, row.parameters))
    }
    for kind in touched:
        before = {check.id for check in plan_of(kind, good).refusals}
        try:
            after = {check.id for check in _checks(kind, row)}
        except CommandError as error:
            pytest.fail(f"{kind}: {error}")
        assert after - {DEVICE_HEARD} <= before, kind


def _takes(kind: str, parameters: Mapping[str, Any]) -> bool:
    return bool(set(parameters) & set(KINDS[kind].parameters.model_fields))


def test_every_kind_was_tried() -> None:
    tried = {kind for row in BAD.values() for kind in row.refused}
    untried = {name for name, kind in KINDS.items() if not kind.only_mock} - tried
    assert untried == set(ELSEWHERE)


def test_the_names_are_in_the_refusal() -> None:
    (why,) = _checks("production-order", BAD["MILL is not paired"])
    assert "MILL" in why.en
    assert why.overridable
    (why,) = _checks("charge", BAD["the CCU lists no vehicle"])
    assert FTS in why.en
    assert not why.overridable


@pytest.mark.parametrize("kind", ["fts-reset", "fts-factsheet"])
def test_a_vehicle_the_ccu_does_not_list_can_be_brought_back(kind: str) -> None:
    assert not _checks(kind, BAD["the CCU lists no vehicle"])


def test_a_piece_that_is_nowhere_is_not_said_to_be_there() -> None:
    factory = Factory.known(SERIALS["HBW"])
    (check,) = [c for c in plan_of("module-step", factory.state).checks if c.id == "piece-there"]
    assert check.met is None
    load = [{"loadPosition": "1", "loadType": "WHITE", "loadId": "x"}]
    factory.vehicle(SERIALS["DRILL"], load=load)
    (check,) = [c for c in plan_of("module-step", factory.state).checks if c.id == "piece-there"]
    assert check.met is True
