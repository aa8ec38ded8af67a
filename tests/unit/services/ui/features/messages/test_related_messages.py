"""What belongs to a message, and which of its numbers are worth a line of a chart."""

import json

from omf.messages.json_diff import leaves
from omf.messages.message import Message
from omf.topics.catalogue import address
from services.ui.features.messages import related_messages
from services.ui.live.model import ViewModel
from services.ui.widgets.chart import fields_of

ORDER, OTHER = "808af799-0d6c-4b56-8c0d-0a1b2c3d4e5f", "908af799-0d6c-4b56-8c0d-0a1b2c3d4e5f"


def _told(*said: tuple[str, object]) -> tuple[ViewModel, list[Message]]:
    model = ViewModel("mock")
    made = [
        Message(topic, json.dumps(body).encode(), f"{1_790_000_000_000 + n}-0")
        for n, (topic, body) in enumerate(said)
    ]
    model.receive(made)
    return model, made


def test_a_list_that_comes_again_and_again_stands_once_with_how_many_there_are() -> None:
    active = (address("ccu_order_active"), [{"orderId": ORDER}, {"orderId": OTHER}])
    response = (address("ccu_order_response"), {"orderId": ORDER})
    asked = ("site/note", {"orderId": ORDER, "a": {"orderId": OTHER}})
    model, made = _told(response, *[active] * 20, asked)
    found = related_messages.of(model, made[-1])
    first, second = (found[related_messages.Name("order", one)] for one in (ORDER, OTHER))
    assert [(one.message.topic, one.more) for one in first] == [(active[0], 19), (response[0], 0)]
    assert second == []


def test_a_message_that_names_hundreds_of_things_is_not_drowned_in_them() -> None:
    many = (address("ccu_order_completed"), [{"orderId": f"order-{n}"} for n in range(300)])
    model, made = _told(*[many] * 3)
    assert len(related_messages.of(model, made[-1])) == related_messages.MAX_NAMES


def test_a_chart_begins_with_what_changes_and_is_a_measurement() -> None:
    bodies = [
        (
            float(n),
            leaves(
                {
                    "headerId": n,
                    "orderUpdateId": n // 2,
                    "lastNodeSequenceId": n,
                    "batteryState": {"maxVolt": 9, "currentVoltage": 8.9 - n / 10},
                    "ts": n,
                }
            ),
        )
        for n in range(4)
    ]
    names, telling = fields_of(bodies)
    assert names == [
        "batteryState.currentVoltage",
        "batteryState.maxVolt",
        "headerId",
        "orderUpdateId",
        "lastNodeSequenceId",
        "ts",
    ]
    assert telling == 1
