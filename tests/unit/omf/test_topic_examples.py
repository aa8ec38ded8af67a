"""Every topic of the catalogue has an example that its model takes without a remark."""

import json

import pytest

from omf.commands import CommandError, prepare
from omf.messages.reading import Reading, Unmodelled, parse_strictly
from omf.messages.writing import check_command
from omf.topics import catalogue
from omf.topics.catalogue import Topic
from omf.topics.examples import example, examples
from tests.support.factory import NOW, SERIALS, known_factory

ORDER = f"module/v1/ff/{SERIALS['DRILL']}/order"
BODY = {
    "timestamp": "2026-01-02T03:04:05.678Z",
    "serialNumber": SERIALS["DRILL"],
    "action": {"id": "a", "command": "PICK", "metadata": {"type": "RED"}},
}


def address(entry: Topic) -> str:
    return entry.topic.replace("{", "").replace("}", "")


@pytest.mark.parametrize("entry", catalogue.TOPICS, ids=lambda entry: entry.name)
def test_each_example_is_read_without_a_remark(entry: Topic) -> None:
    found = parse_strictly(address(entry), example(entry.name).encode())
    if entry.model is None:
        assert isinstance(found, Unmodelled)
    else:
        assert isinstance(found, Reading)
        assert not found.notes


@pytest.mark.parametrize("name", [t.name for t in catalogue.TOPICS if t.model])
def test_no_topic_with_a_model_is_without_an_example(name: str) -> None:
    assert examples()[name]["full"]


def sent(payload: str, topic: str = ORDER, **more: object) -> dict[str, object]:
    given = {"topic": topic, "payload": payload, "ensure_order_id": True, **more}
    plan = prepare("free-message", given, known_factory(), now=NOW, new_id=lambda: "fresh")
    again = prepare("free-message", plan.parameters, known_factory(), now=0, new_id=lambda: "other")
    body: dict[str, object] = json.loads(plan.steps[0].payload)
    assert json.loads(again.steps[0].payload) == {**body, "orderId": again_id(body)}
    assert plan.steps[0].effect.expect["payload"] == plan.steps[0].payload
    return body


def again_id(body: dict[str, object]) -> object:
    """A fresh id is made at each sending; one that was given stays."""
    return "other" if body["orderId"] == "fresh" else body["orderId"]


def test_a_missing_order_id_is_filled_in_and_fits_the_model() -> None:
    body = sent(json.dumps(BODY))
    assert body["orderId"] == "fresh"
    assert body["orderUpdateId"] == 1
    assert {name: body[name] for name in BODY} == BODY
    assert isinstance(check_command(ORDER, json.dumps(body).encode()), Reading)


@pytest.mark.parametrize("missing", [None, ""])
def test_an_empty_order_id_counts_as_missing(missing: str | None) -> None:
    assert sent(json.dumps({**BODY, "orderId": missing}))["orderId"] == "fresh"


def test_what_is_there_stays() -> None:
    body = sent(json.dumps({**BODY, "orderId": "mine", "orderUpdateId": 0}))
    assert (body["orderId"], body["orderUpdateId"]) == ("mine", 0)


@pytest.mark.parametrize("payload", ["", "no json", "[]", "1", '"x"', "null"])
def test_ids_go_into_an_object_only(payload: str) -> None:
    with pytest.raises(CommandError, match="JSON object"):
        sent(payload)


def test_without_the_switch_nothing_is_filled_in() -> None:
    given = {"topic": ORDER, "payload": json.dumps(BODY)}
    plan = prepare("free-message", given, known_factory(), now=NOW, new_id=lambda: "fresh")
    assert plan.steps[0].payload == json.dumps(BODY)
