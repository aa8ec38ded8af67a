"""Faults and pieces for the mock factory: on no other one, and proven by the mock's own word."""

from typing import Any

import pytest

from omf.commands import KINDS, judge
from omf.factories import FactoryKind
from omf.messages.message import Message
from omf.sequences.preview import place_checks
from omf.simulation.simulated_factory import WAREHOUSE_BAYS
from services.common.store.keys import Environment, LinkHealth, Stage
from services.common.store.lease import Lease
from services.mock.settings import MockSettings
from services.orders.decision import Decision, View, decide
from tests.support.command_examples import EXAMPLES, command_of, plan_of
from tests.support.factory import NOW, SERIALS, Factory, known_factory
from tests.support.mock_world import World, build
from tests.support.ui_pages import Pages

TRAINING = [name for name in KINDS if name.startswith("mock-")]


def judged(kind: str, environment: Environment) -> Decision:
    link = LinkHealth(connected=True, broker="b", since=0, at=NOW)
    asked = command_of(
        kind, command_id="one", parameters=EXAMPLES[kind], environment=environment, source="test"
    )
    view = View(environment, known_factory(), NOW, "0-0", link, NOW, Lease())
    return decide(asked, NOW, view, lambda: "id")


@pytest.mark.parametrize("kind", TRAINING)
def test_only_the_mock_factory_gets_them(kind: str) -> None:
    assert judged(kind, "mock").stage is Stage.ACCEPTED
    for environment in ("live", "replay"):
        refused = judged(kind, environment)
        assert refused.stage is Stage.REFUSED
        assert [reason.id for reason in refused.reasons] == ["environment"]


@pytest.mark.parametrize("language", ["en", "de", "fr"])
async def test_the_preview_on_a_real_factory_says_why_not_before_anything_is_sent(
    pages: Pages, language: str
) -> None:
    pages.language(language)
    await pages.user.open("/live/steering?kind=mock-refill")
    kind = KINDS["mock-refill"]
    plan = plan_of("mock-refill", pages.models["live"].factory)
    (check,) = place_checks(plan, FactoryKind.LIVE)
    await pages.user.should_see(getattr(check, language))
    assert (kind.only_mock, check.met) == (True, False)
    assert place_checks(plan, FactoryKind.MOCK) == ()


def world(**changes: Any) -> World:
    return World(build(MockSettings(mock_speed=1.0, mock_seed=0, **changes)))


def asked(one: World, fault: str, target: str = "") -> list[str]:
    """The devices that took a fault asked for over the broker."""
    body = f'{{"requestId":"r","fault":"{fault}","target":"{target}"}}'.encode()
    before = len(one.bodies("omf/mock/fault/done"))
    one.press("omf/mock/fault", body)
    (done,) = one.bodies("omf/mock/fault/done")[before:]
    assert done["requestId"] == "r"
    return list(done["devices"])


def stock(one: World) -> dict[str, int]:
    states = one.bodies("module/v1/ff/SVR3QA0022/state")
    colours = [load["loadType"] for load in states[-1]["loads"]]
    return {colour: colours.count(colour) for colour in ("RED", "WHITE", "BLUE")}


def test_a_warehouse_that_ran_dry_is_filled_again() -> None:
    one = world(mock_stock={"RED": 1})
    one.run(20)
    assert stock(one) == {"RED": 1, "WHITE": 0, "BLUE": 0}
    assert asked(one, "refill") == ["nodered"]
    one.run(1)
    assert stock(one) == {"RED": 3, "WHITE": 3, "BLUE": 3}
    assert asked(one, "refill") == []


@pytest.mark.parametrize("language", ["en", "de", "fr"])
async def test_a_full_warehouse_is_refused_and_the_preview_says_so(
    pages: Pages, language: str
) -> None:
    pages.language(language)
    factory = Factory.known()
    pages.models["mock"].factory = factory.state
    loads = [{"loadType": "RED", "loadId": "x", "loadPosition": bay} for bay in WAREHOUSE_BAYS]
    factory.module(SERIALS["HBW"], loads=loads)
    (refusal,) = plan_of("mock-refill", factory.state).refusals
    await pages.user.open("/mock/steering?kind=mock-refill")
    await pages.user.should_see(getattr(refusal, language))
    asked_for = command_of("mock-refill")
    link = LinkHealth(connected=True, broker="b", since=0, at=NOW)
    view = View("mock", factory.state, NOW, "0-0", link, NOW, Lease())
    told = decide(asked_for, NOW, view, lambda: "id")
    assert told.stage is Stage.REFUSED
    assert [reason.id for reason in told.reasons] == ["refill-room"]


def test_a_piece_is_laid_in_and_not_a_second_one_on_top() -> None:
    one = world()
    one.run(20)
    assert asked(one, "input", "WHITE") == ["nodered"]
    assert asked(one, "input", "BLUE") == []


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("refill", "Every bay of the warehouse is taken: there was nothing to fill"),
        ("input", "A piece lies in the delivery station, or it is at work"),
        ("bridge-back", "Node-RED is running"),
        ("found", "No such vehicle is lost"),
        ("nok", "No device of the mock factory took it"),
    ],
)
def test_a_fault_that_nobody_took_says_why(fault: str, said: str) -> None:
    (step,) = plan_of("mock-refill").steps
    request = step.effect.expect["request_id"]
    body = f'{{"requestId":"{request}","fault":"{fault}","devices":[]}}'
    verdict = judge(step.effect, Message("omf/mock/fault/done", body.encode(), "1-0"))
    assert verdict is not None
    assert (verdict.outcome, verdict.text.en) == ("failed", said)


@pytest.mark.parametrize(
    ("fault", "target", "devices"),
    [
        ("fatal", "DRILL", 1),
        ("fatal", "OVEN", 0),
        ("nonsense", "DRILL", 0),
        ("collision", "5iO4", 1),
        ("collision", "nobody", 0),
        ("found", "", 0),
        ("nok", "", 1),
        ("ccu-restart", "", 1),
        ("race", "", 1),
        ("bridge-back", "", 0),
    ],
)
def test_a_fault_says_whom_it_hit(fault: str, target: str, devices: int) -> None:
    one = world()
    one.run(20)
    assert len(asked(one, fault, target)) == devices


def test_a_dead_bridge_comes_back() -> None:
    one = world()
    one.run(20)
    assert asked(one, "bridge-dead")
    one.run(60)
    assert one.last("module/v1/ff/NodeRed/status")["connectionState"] == "OFFLINE"
    assert asked(one, "bridge-back")
    before = len(one.bodies("module/v1/ff/+/connection"))
    one.run(20)
    assert one.last("module/v1/ff/NodeRed/status")["connectionState"] == "ONLINE"
    assert len(one.bodies("module/v1/ff/+/connection")) > before


@pytest.mark.parametrize(("devices", "outcome"), [('["nodered"]', "effect"), ("[]", "failed")])
def test_a_fault_that_nobody_took_has_failed(devices: str, outcome: str) -> None:
    (step,) = plan_of("mock-module-fault").steps
    request = step.effect.expect["request_id"]

    def told(request_id: str) -> Message:
        body = f'{{"requestId":"{request_id}","fault":"fatal","devices":{devices}}}'
        return Message("omf/mock/fault/done", body.encode(), "1-0")

    assert judge(step.effect, told("another")) is None
    verdict = judge(step.effect, told(request))
    assert verdict is not None
    assert verdict.outcome == outcome


async def test_the_tab_for_training_is_there_on_the_mock_only(pages: Pages) -> None:
    await pages.user.open("/mock/steering/training")
    await pages.user.should_see("Only here: the mock factory gets pieces and faults")
    await pages.user.should_see("Refill the warehouse")
    await pages.user.open("/replay/steering")
    await pages.user.should_not_see("Training")
