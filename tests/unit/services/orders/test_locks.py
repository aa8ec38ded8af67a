"""The control lease from hand to hand, what a command locks, and whose pace it counts to."""

from typing import Any

import pytest

from omf.commands import CONTROLS, KINDS, Plan, PlannedStep, prepare
from omf.commands.effects import echoed
from omf.texts import stored
from services.common.auth.rate_limiter import RateLimiter
from services.common.store.keys import Reason
from services.common.store.lease import Lease
from services.orders.locks import (
    DeviceLock,
    lock_held,
    lock_label,
    lock_names,
    paced_as,
    transfer_lease,
)
from tests.support.command_examples import command_of
from tests.support.factory import SERIALS, known_factory

NOW = 1_786_000_000.0
FREE = Lease(required=True)
ANNAS = Lease(required=True, holder="anna", since=NOW - 60, until=NOW + 60)
OVER = ANNAS.model_copy(update={"until": NOW - 1})
ASKED = ANNAS.model_copy(update={"asked_by": "bert", "asked_at": NOW - 5})


def after(kind: str, who: str, lease: Lease, **given: Any) -> Lease:
    parameters = {"minutes": 15, "to": "", **given}
    found = transfer_lease(f"control-{kind}", parameters, who, lease, NOW)
    assert isinstance(found, Lease), found
    assert found.required
    return found


@pytest.mark.parametrize("lease", [FREE, OVER])
def test_who_finds_it_free_takes_it_for_the_time_asked(lease: Lease) -> None:
    taken = after("take", "bert", lease, minutes=2)
    assert (taken.holder, taken.since, taken.until) == ("bert", NOW, NOW + 120)
    assert taken.holder_at(NOW + 119) == "bert"
    assert taken.holder_at(NOW + 120) == ""


def test_who_holds_it_goes_on_longer_and_a_wish_stays_in_sight() -> None:
    longer = after("take", "anna", ASKED)
    assert (longer.since, longer.until) == (ANNAS.since, NOW + 900)
    assert longer.asked_by == "bert"


def test_who_holds_it_lets_go_and_nobody_leads() -> None:
    assert after("release", "anna", ASKED) == FREE


def test_a_wish_is_seen_and_granted() -> None:
    asked = after("request", "bert", ANNAS)
    assert (asked.holder, asked.asked_by, asked.asked_at) == ("anna", "bert", NOW)
    given = after("hand-over", "anna", asked)
    assert (given.holder, given.since, given.asked_by) == ("bert", NOW, "")
    assert after("hand-over", "anna", asked, to="carl").holder == "carl"


@pytest.mark.parametrize(
    ("kind", "who", "lease", "reason"),
    [
        ("take", "bert", ANNAS, "control"),
        ("release", "bert", ANNAS, "control"),
        ("release", "bert", FREE, "control-free"),
        ("release", "anna", OVER, "control-free"),
        ("hand-over", "bert", ANNAS, "control"),
        ("hand-over", "anna", ANNAS, "parameter:to"),
        ("hand-over", "anna", OVER, "control-free"),
        ("request", "anna", ANNAS, "control-yours"),
        ("request", "bert", FREE, "control-free"),
        ("request", "carl", ASKED, "asked-before"),
    ],
)
def test_what_cannot_be_is_refused_in_both_languages(
    kind: str, who: str, lease: Lease, reason: str
) -> None:
    found = transfer_lease(f"control-{kind}", {"minutes": 15, "to": ""}, who, lease, NOW)
    assert isinstance(found, Reason)
    assert found.id == reason
    assert found.de
    assert found.en


def test_a_refusal_says_who_leads_and_since_when() -> None:
    found = transfer_lease("control-take", {"minutes": 15}, "bert", ANNAS, NOW)
    assert isinstance(found, Reason)
    assert "anna has control since 07:05:40 UTC" in found.en
    assert "anna führt seit 07:05:40 UTC" in found.de


def test_it_bars_only_where_it_is_required() -> None:
    assert ANNAS.bars("bert", NOW)
    assert not ANNAS.bars("anna", NOW)
    assert OVER.bars("anna", NOW)
    assert not Lease().bars("bert", NOW)


def test_only_what_could_do_harm_is_risky_and_nobody_waits_to_hold_something_back() -> None:
    risky = {name for name, kind in (KINDS | CONTROLS).items() if kind.risky}
    assert {"factory-reset", "fts-navigate", "module-sequence", "free-message"} <= risky
    assert "bracket-next" in risky
    assert not {"production-order", "cancel-order", "bracket-cancel", "control-take"} & risky


def step(device: str = "") -> PlannedStep:
    text = stored(de="es", en="it")
    return PlannedStep(topic="t", payload="", title=text, effect=echoed("t", ""), device=device)


def plan(*steps: PlannedStep, **parameters: Any) -> Plan:
    return Plan(kind="k", parameters=parameters, steps=steps, checks=())


def test_a_command_occupies_the_devices_it_addresses() -> None:
    assert lock_names(plan(step("B"), step("A"), step("A"))) == ("device A", "device B")
    assert lock_names(plan(step(), serial="A")) == ("device A",)


def test_a_wish_to_the_ccu_occupies_only_itself() -> None:
    red, blue = plan(step(), colour="RED"), plan(step(), colour="BLUE")
    assert lock_names(red) == lock_names(plan(step(), colour="RED"))
    assert not set(lock_names(red)) & set(lock_names(blue))


def test_who_was_faster_is_told_by_the_name_of_the_device_and_of_the_person() -> None:
    state = known_factory()
    what = lock_label(f"device {SERIALS['DRILL']}", None, state)
    told = lock_held(what, DeviceLock(command_id="c", operator="local", at=NOW), NOW + 2)
    assert told.de.startswith("DRILL: jemand ohne Anmeldung war 2.0 s schneller")
    assert told.en.startswith("DRILL: somebody not signed in was 2.0 s faster")
    order = prepare("production-order", {"colour": "RED"}, state, now=NOW, new_id=lambda: "id")
    assert lock_label("production-order colour=RED", order, state) == order.steps[0].title


def test_who_works_fast_by_hand_does_not_stop_the_sequence_in_their_name() -> None:
    by_hand = command_of("production-order", operator="anna")
    step = by_hand.model_copy(update={"source": "sequence r-1"})
    by_plan = by_hand.model_copy(update={"source": "plan early"})
    pace = RateLimiter()
    while not pace.wait_s(paced_as(by_hand), NOW):
        pass
    assert pace.wait_s(paced_as(by_hand), NOW) > 0
    assert pace.wait_s(paced_as(step), NOW) == 0
    assert pace.wait_s(paced_as(by_plan), NOW) == 0
