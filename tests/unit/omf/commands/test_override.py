"""A supervisor overrides prudence with a reason; what the factory would not do, nobody."""

from typing import Any

import pytest

from omf.commands import KINDS
from omf.commands.interlocks import RULES
from omf.state import FactoryState
from services.api.schemas import CommandWish
from services.common.store.keys import Command, LinkHealth, Role, Stage
from services.orders import transitions
from services.orders.decision import Decision, View, decide
from services.orders.records import audit_record
from tests.support.command_examples import EXAMPLES, command_of
from tests.support.factory import FTS, NOW, SERIALS, Factory, known_factory, layout_message, pairing

BUSY = [{"orderId": "o", "state": "IN_PROGRESS", "type": "RED", "orderType": "PRODUCTION"}]
WHY = "the order waits for this very module"


def busy() -> FactoryState:
    factory = Factory.known().say("ccu_order_active", BUSY)
    return factory.state


def judged(
    kind: str, state: FactoryState, *, override: str = "", role: Role = Role.SUPERVISOR, **more: Any
) -> tuple[Command, Decision, View]:
    asked = command_of(kind, parameters=EXAMPLES[kind] | more, role=role, override=override)
    link = LinkHealth(connected=True, broker="b", since=0, at=NOW)
    seen = View("mock", state, NOW, "0-0", link, NOW)
    return asked, decide(asked, NOW, seen, lambda: "id"), seen


def test_prudence_refuses_and_says_that_it_is_prudence() -> None:
    _, decision, _ = judged("module-step", busy())
    (why,) = decision.reasons
    assert (why.id, why.basis) == ("ccu-idle", "prudence")
    assert "prudence" in why.en
    assert "Vorsicht" in why.de


def test_a_supervisor_overrides_prudence_with_a_reason_and_the_audit_keeps_it() -> None:
    asked, decision, seen = judged("module-step", busy(), override=WHY)
    assert decision.stage is Stage.ACCEPTED
    assert [why.id for why in decision.reasons] == ["ccu-idle"]
    assert WHY in decision.reasons[0].en
    record = audit_record(asked, decision, seen)
    assert record.command.override == WHY
    assert [check.id for check in record.checks if check.overridden] == ["ccu-idle"]
    assert decision.plan is not None
    transition = transitions.begin(
        asked,
        decision.plan,
        now=NOW,
        journal_id="0-0",
        expires_at=NOW,
        expiry_s=1,
        why=decision.reasons,
    )
    assert [event.reasons for event in transition.events if event.stage is Stage.ACCEPTED] == [
        decision.reasons
    ]
    assert transition.outgoing is not None
    assert transition.outgoing.override == WHY


@pytest.mark.parametrize("override", ["", "   "])
def test_nothing_is_overridden_without_a_reason(override: str) -> None:
    _, decision, _ = judged("module-step", busy(), override=override)
    assert decision.stage is Stage.REFUSED


def test_an_operator_overrides_nothing() -> None:
    factory = Factory.known()
    gone = pairing()
    gone["modules"] = [m for m in gone["modules"] if m["subType"] != "MILL"]
    factory.say("ccu_pairing_state", gone)
    _, decision, _ = judged("production-order", factory.state, override=WHY, role=Role.OPERATOR)
    assert {why.id for why in decision.reasons} == {"override-role", "flow-paired"}
    _, decision, _ = judged("production-order", factory.state, override=WHY)
    assert decision.stage is Stage.ACCEPTED


def test_what_the_factory_would_not_do_stays_refused() -> None:
    state = known_factory()
    _, decision, _ = judged("production-order", state, override=WHY, role=Role.ADMIN, colour="BLUE")
    assert [why.id for why in decision.reasons] == ["stock-free"]
    assert decision.reasons[0].basis == "factory"


def test_a_word_to_type_is_no_prudence() -> None:
    _, decision, _ = judged("factory-reset", known_factory(), override=WHY, confirm="")
    assert [why.id for why in decision.reasons] == ["typed-word"]


def test_the_ccu_keeps_a_wish_to_charge_so_only_prudence_refuses_it() -> None:
    factory = Factory.known().say("ccu_pairing_state", pairing(CHRG="BUSY"))
    _, decision, _ = judged("charge", factory.state)
    assert [(why.id, why.basis) for why in decision.reasons] == [("charger-free", "prudence")]
    assert judged("charge", factory.state, override=WHY)[1].stage is Stage.ACCEPTED


def test_every_door_takes_the_reason() -> None:
    wish = CommandWish(kind="park", override=f" {WHY} ")
    assert wish.override == WHY
    with pytest.raises(ValueError, match="200"):
        CommandWish(kind="park", override="x" * 201)


@pytest.mark.parametrize("name", sorted(RULES))
def test_every_rule_says_who_asks_for_it(name: str) -> None:
    assert RULES[name].basis in ("factory", "prudence", "confirmation")


def test_prudence_of_a_kind_names_its_own_rules() -> None:
    for kind in KINDS.values():
        assert kind.prudence <= set(kind.interlocks), kind.name


@pytest.mark.parametrize("kind", ["flows", "config"])
def test_settings_change_while_an_order_runs_as_the_factory_does_it(kind: str) -> None:
    _, decision, _ = judged(kind, busy(), role=Role.ADMIN)
    assert decision.stage is Stage.ACCEPTED


def test_a_parked_module_an_order_waits_for_is_released() -> None:
    state, serial = busy(), SERIALS["DPS"]
    body = {"serialNumber": serial, "operatingMode": "TEACHIN", "paused": True, "errors": []}
    Factory(state).say("module_state", body, serial=serial)
    _, decision, _ = judged("calibration", state, command="stopCalibration")
    assert decision.stage is Stage.ACCEPTED
    _, decision, _ = judged("calibration", state, command="selectCalibrationPosition")
    assert [why.id for why in decision.reasons] == ["calibration-idle"]
    _, decision, _ = judged("calibration", state, command="selectCalibrationPosition", override=WHY)
    assert decision.stage is Stage.ACCEPTED


def test_a_layout_brings_back_the_module_an_order_waits_for() -> None:
    state = busy()
    whole = EXAMPLES["layout"]
    assert judged("layout", state, role=Role.ADMIN)[1].stage is Stage.ACCEPTED
    less = {**layout_message(), "modules": layout_message()["modules"][1:]}
    _, decision, _ = judged("layout", state, role=Role.ADMIN, layout=less)
    assert [(why.id, why.basis) for why in decision.reasons] == [("layout-keeps", "prudence")]
    assert layout_message()["modules"][0]["serialNumber"] in decision.reasons[0].en
    Factory(state).say("ccu_state_layout", less)
    _, decision, _ = judged("layout", state, role=Role.ADMIN, **whole)
    assert decision.stage is Stage.ACCEPTED


def test_a_vehicle_nobody_lists_may_still_be_reset() -> None:
    factory = Factory.known().say("ccu_pairing_state", {**pairing(), "transports": []})
    assert judged("fts-reset", factory.state, serial=FTS)[1].stage is Stage.ACCEPTED


@pytest.mark.parametrize(
    ("action", "refused"),
    [
        # The CCU keeps it busy until a reset, the module takes the next order (C.20).
        ({"state": "FAILED"}, []),
        ({"state": "RUNNING"}, ["module-free"]),
    ],
)
def test_a_module_busy_for_the_ccu_alone_is_a_matter_of_prudence(
    action: dict[str, str], refused: list[str]
) -> None:
    factory = Factory.known()
    factory.module(SERIALS["DPS"], actionState={"id": "a", "command": "DROP", **action})
    factory.say("ccu_pairing_state", pairing(DPS="BUSY"))
    _, decision, _ = judged("delivery-pick", factory.state)
    assert [why.id for why in decision.reasons] == [*refused, "module-ready"]
    _, decision, _ = judged("delivery-pick", factory.state, override=WHY)
    left = [why.id for why in decision.reasons if why.basis == "factory"]
    assert (decision.stage is Stage.ACCEPTED, left) == (not refused, refused)
