"""The answer to an order request: alarm and proof know it by one rule."""

import json
from typing import Any

import pytest

from omf.commands import judge
from omf.state import FactoryState
from tests.support.command_examples import plan_of
from tests.support.factory import NOW, TAG, Factory

STAMP = "2026-08-07T09:21:00.248Z"


def asked(kind: str = "production-order", **changes: Any) -> tuple[dict[str, Any], Any]:
    step = plan_of(kind, **changes).steps[0]
    return json.loads(step.payload), step.effect


def answer(request: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        **request,
        "orderId": "order-1",
        "state": "IN_PROGRESS",
        "productionSteps": [],
    } | changes


def unanswered(state: FactoryState, at: float = NOW + 60) -> list[str]:
    return [one.rule for one in state.alarms(at) if one.rule == "request-unanswered"]


TOPICS = ("ccu/order/response", "ccu/order/active", "ccu/order/completed")


@pytest.mark.parametrize("topic", TOPICS)
@pytest.mark.parametrize(
    ("kind", "changes", "answers"),
    [
        ("production-order", {}, True),
        ("production-order", {"requestId": None}, True),
        ("production-order", {"requestId": ""}, True),
        ("production-order", {"requestId": "somebody-else"}, False),
        ("production-order", {"requestId": None, "timestamp": "2026-08-07T09:21:00.248000Z"}, True),
        (
            "production-order",
            {"requestId": None, "timestamp": "2026-08-07T11:21:00.248+02:00"},
            True,
        ),
        ("production-order", {"requestId": None, "timestamp": "2026-08-07T09:21:00.249Z"}, False),
        ("production-order", {"requestId": None, "timestamp": None}, False),
        ("production-order", {"requestId": None, "type": "BLUE"}, False),
        ("production-order", {"requestId": None, "orderType": "STORAGE"}, False),
        ("production-order", {"requestId": None, "orderType": None}, True),
        ("storage-order", {}, True),
        ("storage-order", {"requestId": "made-by-the-ccu"}, True),
        ("storage-order", {"workpieceId": TAG[::-1]}, False),
    ],
)
def test_alarm_and_proof_agree(
    topic: str, kind: str, changes: dict[str, Any], *, answers: bool
) -> None:
    request, effect = asked(kind)
    factory = Factory.known().say("ccu_order_request", request)
    body = {k: v for k, v in answer(request, **changes).items() if v is not None}
    listed = [body] if topic != "ccu/order/response" else body
    message = factory.raw(topic, listed, ago=-0.2).heard[-1]
    found = effect if topic == "ccu/order/response" else effect.otherwise
    if topic in found.topics:
        assert (judge(found, message) is not None) is answers
    assert (unanswered(factory.state) == []) is answers


def test_two_requests_of_one_moment_need_two_answers() -> None:
    request, _ = asked()
    factory = Factory.known()
    for number in range(2):
        factory.say("ccu_order_request", request | {"requestId": f"r{number}"})
    del request["requestId"]
    factory.say("ccu_order_response", answer(request))
    factory.orders(answer(request))
    assert unanswered(factory.state) == ["request-unanswered"]
    factory.orders(answer(request), answer(request, orderId="order-2"))
    assert unanswered(factory.state) == []


@pytest.mark.parametrize("topic", TOPICS)
def test_an_answer_that_arrives_before_its_request_is_one(topic: str) -> None:
    request, _ = asked()
    body = answer(request, requestId=None)
    factory = Factory.known().raw(topic, body if topic == TOPICS[0] else [body])
    factory.say("ccu_order_request", request)
    assert unanswered(factory.state) == []
    # It is the order of that one request: another one of the same words still waits.
    factory.say("ccu_order_request", request)
    assert unanswered(factory.state) == ["request-unanswered"]


@pytest.mark.parametrize("changes", [{"type": "BLUE"}, {"timestamp": "2026-08-07T09:00:00.000Z"}])
def test_an_order_of_before_answers_no_other_request(changes: dict[str, Any]) -> None:
    request, _ = asked()
    factory = Factory.known().orders(answer(request, requestId=None, **changes))
    factory.say("ccu_order_request", request)
    assert unanswered(factory.state) == ["request-unanswered"]
