"""What is sent is what was read: the fingerprint of a preview, and orders that holds on to it."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from omf.commands import (
    PART_WORDS,
    PlanPart,
    changed_parts,
    fingerprint,
    fingerprint_of,
    prepare,
    release_of,
)
from omf.state import FactoryState
from services.common.store.keys import Role, Stage
from services.orders.decision import steering_violations
from tests.support.command_examples import EXAMPLES, STEERING
from tests.support.factory import NOW, SERIALS, Factory, known_factory, order, pairing
from tests.unit.services.orders.test_decision import command, ids, judged, view
from tests.unit.services.orders.test_transitions_brackets import Course

ALL = EXAMPLES | STEERING
Change = Callable[[FactoryState], object]


@pytest.mark.parametrize("kind", ALL)
def test_ids_and_times_filled_in_at_sending_do_not_count(kind: str) -> None:
    state = known_factory()
    read = fingerprint(kind, ALL[kind], state)
    for at in (NOW, NOW + 9):
        plan = prepare(kind, ALL[kind], state, now=at, new_id=lambda: str(uuid4()))
        again = fingerprint(kind, plan.parameters, state)
        assert again == read, "parameters filled in by the factory's state mean the same"
    assert changed_parts(read, read) == ()


@pytest.mark.parametrize("read", ["x", "1.2.3", "....", "a.b.c.d.e"])
def test_what_is_no_fingerprint_fits_nothing(read: str) -> None:
    assert changed_parts(read, fingerprint("park", {}, known_factory())) == tuple(PART_WORDS)


def _ordered(state: FactoryState) -> object:
    return Factory(state).orders(order("one", "ENQUEUED"))


CHANGES: list[tuple[str, dict[str, Any], Change, set[PlanPart]]] = [
    ("fts-navigate", {"preset": "DPS-HBW"}, lambda _: None, set()),
    ("factory-reset", EXAMPLES["factory-reset"], _ordered, {"losses"}),
    (
        "factory-reset",
        EXAMPLES["factory-reset"],
        lambda s: Factory(s).stock(A1="RED"),
        {"losses"},
    ),
    (
        "production-order",
        {"colour": "RED"},
        lambda s: Factory(s).stock(B1="WHITE"),
        {"checks"},
    ),
    ("park", {}, _ordered, {"checks"}),
    (
        "module-step",
        EXAMPLES["module-step"],
        lambda s: Factory(s).module(
            SERIALS["DRILL"],
            orderId="x",
            orderUpdateId=3,
            actionState={"id": "a", "command": "PICK", "state": "RUNNING"},
        ),
        {"messages", "effect", "checks"},
    ),
    (
        "production-order",
        {"colour": "RED"},
        lambda s: Factory(s).say("ccu_pairing_state", pairing(MILL="BUSY")),
        set(),
    ),
]


@pytest.mark.parametrize(("kind", "given", "change", "parts"), CHANGES)
def test_orders_refuses_what_is_not_what_was_read_and_names_what_changed(
    kind: str, given: dict[str, Any], change: Change, parts: set[PlanPart]
) -> None:
    state = known_factory()
    read = fingerprint(kind, given, state)
    change(state)
    assert set(changed_parts(read, fingerprint(kind, given, state))) == parts
    asked = command(kind=kind, parameters=given, role=Role.ADMIN)
    blind = judged(asked, view(state=state))
    told = judged(asked.model_copy(update={"plan": read}), view(state=state))
    assert ids(told) == [*ids(blind), *(["plan-changed"] if parts else [])]
    assert "plan-changed" not in ids(blind), "who gives no fingerprint is judged as before"


def test_one_drive_never_becomes_two() -> None:
    given = {"preset": "DPS-HBW"}
    read = fingerprint("fts-navigate", given, known_factory())
    moved = known_factory(SERIALS["HBW"])
    asked = command(kind="fts-navigate", parameters=given, role=Role.SUPERVISOR, plan=read)
    decision = judged(asked, view(state=moved))
    assert decision.stage is Stage.REFUSED
    (why,) = decision.reasons
    assert why.id == "plan-changed"
    assert "what happens" in why.en
    assert "2. " in why.en, "it says what would go out now"
    assert "was geschieht" in why.de
    assert judged(asked, view(state=known_factory())).stage is Stage.ACCEPTED


def test_the_step_that_is_released_is_the_one_that_was_read() -> None:
    course = Course("module-sequence", {"module": "DRILL", "colour": "WHITE", "mode": "stepwise"})
    begun = course.monitor.execution
    assert begun is not None
    state = known_factory()
    second, third = (begun.model_copy(update={"step": n, "waiting": True}) for n in (1, 2))
    read = fingerprint_of(release_of(begun.plan, begun.plan.steps[1], state))
    asked = command(kind="bracket-next", parameters={"order_id": "one"}, plan=read)

    def why(execution: Any, plan: str = read) -> list[str]:
        released = release_of(execution.plan, execution.planned, state)
        given = asked.model_copy(update={"plan": plan})
        return [reason.id for reason in steering_violations(given, execution, released)]

    assert why(second) == []
    assert why(third) == ["plan-changed"]
    assert why(third, "") == []
    assert why(begun) == ["step-under-way"]
