"""When the next step of an automatic bracket goes by itself, and when a person must let it go."""

from typing import Any

import pytest

from omf.commands import Plan, Verdict, prepare
from omf.state import FactoryState
from omf.texts import stored
from services.common.store.keys import LinkHealth, Stage
from services.orders import transitions
from services.orders.decision import BACKLOG_S, View, violations
from services.orders.execution import CommandExecution, Proof
from tests.support.command_examples import command_of
from tests.support.factory import NOW, SERIALS, Factory, known_factory

LINK = LinkHealth(connected=True, broker="b", since=NOW - 600, at=NOW)
PROVEN = Verdict(outcome="effect", text=stored(de="gut", en="good"))
BUSY = [{"orderId": "theirs", "orderType": "PRODUCTION", "type": "RED", "state": "IN_PROGRESS"}]


def view(state: FactoryState | None = None, **changes: Any) -> View:
    known = {"environment": "mock", "state": state or known_factory(), "now": NOW}
    return View(**{**known, "journal_id": "1-0", "link": LINK, "folded_at": NOW, **changes})


def proof(age_s: float = 0.1, **changes: Any) -> Proof:
    return Proof(PROVEN, f"{int((NOW - age_s) * 1000)}-0")._replace(**changes)


def under_way(kind: str = "module-sequence", **wish: Any) -> CommandExecution:
    """An automatic bracket whose first step runs and has begun."""
    given = wish or {"module": "MILL", "colour": "RED"}
    plan: Plan = prepare(kind, given, known_factory(), now=NOW, new_id=lambda: "id")
    command = command_of(kind)
    begun = transitions.begin(command, plan, now=NOW, journal_id="1-0", expires_at=NOW, expiry_s=5)
    assert begun.execution
    sent = {"attempted_at": NOW - 20, "window_from": NOW - 20}
    awaiting = plan.steps[0].effect.follow_up
    return begun.execution.model_copy(update=sent | {"awaiting": awaiting})


def ids(execution: CommandExecution, seen: View, proven: Proof | None = None) -> list[str]:
    return [reason.id for reason in violations(execution, proven or proof(), seen)]


def test_nothing_speaks_against_the_next_step_on_a_young_view() -> None:
    assert ids(under_way(), view()) == []


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"link": None}, "no-link"),
        ({"link": LINK.model_copy(update={"connected": False})}, "no-link"),
        ({"folded_at": NOW - 6}, "old-view"),
        ({"link": LINK.model_copy(update={"since": NOW - BACKLOG_S + 1})}, "link-just-back"),
    ],
)
def test_an_old_view_or_a_link_that_broke_holds_it_back(
    changes: dict[str, Any], reason: str
) -> None:
    assert ids(under_way(), view(**changes)) == [reason]


def test_a_link_that_came_before_the_step_went_out_missed_nothing_of_it() -> None:
    sent = under_way().model_copy(update={"attempted_at": NOW - 1})
    assert ids(sent, view(link=LINK.model_copy(update={"since": NOW - 2}))) == []


def test_a_step_that_ended_long_ago_leads_to_nothing_by_itself() -> None:
    assert ids(under_way(), view(), proof(3600)) == ["old-proof"]


def test_an_interlock_that_came_up_meanwhile_holds_it_back() -> None:
    factory = Factory.known().say("ccu_order_active", BUSY)
    assert "ccu-idle" in ids(under_way(), view(factory.state))


def test_a_bracket_of_another_release_is_left_to_a_person() -> None:
    begun = under_way()
    plan = begun.plan.model_copy(update={"parameters": {"station": "MILL"}})
    old = begun.model_copy(update={"plan": plan})
    assert ids(old, view()) == ["parameter:station"]


def test_a_vehicle_that_has_just_docked_goes_on_though_it_says_it_drives() -> None:
    factory = Factory.known().vehicle(SERIALS["DPS"], driving=True)
    assert (
        ids(under_way("fts-navigate", preset="DPS-HBW", load_type="RED"), view(factory.state)) == []
    )


def test_a_step_held_back_waits_for_a_person_and_says_why() -> None:
    held = proof(violations=violations(under_way(), proof(3600), view()))
    transition = transitions.on_proof(under_way(), held, NOW)
    assert transition.outgoing is None
    assert [event.stage for event in transition.events] == [Stage.ACCEPTED]
    assert [why.id for why in transition.events[0].reasons] == ["proof", "old-proof", "step-waits"]
    assert transition.execution
    assert transition.execution.waiting
    released = transitions.release(transition.execution, "bert", NOW + 60)
    assert released.outgoing
    assert released.outgoing.step == 1
