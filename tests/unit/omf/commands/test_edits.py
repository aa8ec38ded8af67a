"""A message edited by hand: judged as it stands, proven where it can be, never half a sequence."""

import json
from uuid import UUID

import pytest

from omf.commands import CommandError, Plan, changes_of, derived_ids, fingerprint, prepare
from omf.constants import MAX_PAYLOAD_BYTES
from omf.messages.edited import EditedMessage, EditedMessages
from tests.support.command_examples import EXAMPLES
from tests.support.factory import NOW, known_factory

IDS = UUID(int=7)
SINGLE = [
    *("production-order", "park", "module-step", "charge", "fts-dock", "status-led"),
    *("set-storage", "camera", "config"),
]


def planned(kind: str, *edits: EditedMessage) -> Plan:
    edited = EditedMessages(ids=IDS, messages=edits) if edits else None
    ids = iter(range(1000))
    return prepare(
        kind, EXAMPLES[kind], known_factory(), now=NOW, new_id=lambda: f"{next(ids)}", edited=edited
    )


@pytest.mark.parametrize("kind", SINGLE)
def test_what_goes_out_is_what_was_written_and_the_message_it_replaces_is_known(kind: str) -> None:
    change = EditedMessage(step=0, topic="test/bench", payload='{"a": 1}')
    plan = planned(kind, change)
    step = plan.steps[0]
    assert (step.topic, step.payload) == ("test/bench", '{"a": 1}')
    assert step.was is not None
    assert step.was[0] == planned(kind).steps[0].topic
    assert step.effect.rule == "echo"
    assert plan.edited
    assert "topic" in {one.path for one in changes_of(step)}


def test_the_checks_judge_the_edited_bytes_beside_those_of_the_command() -> None:
    whole = {check.id for check in planned("production-order").checks}
    bad = EditedMessage(step=0, topic="ccu/order/request", payload='{"type": 5}')
    plan = planned("production-order", bad)
    found = {check.id: check.passed for check in plan.checks}
    assert whole < found.keys()
    assert found["message-fits"] is False


def test_a_message_the_ccu_would_end_at_is_found_after_an_edit_too() -> None:
    bad = EditedMessage(step=0, topic="ccu/set/layout", payload="")
    assert not {c.id: c.passed for c in planned("park", bad).checks}["ccu-survives"]


@pytest.mark.parametrize(
    ("topic", "payload"),
    [
        ("a/#", "{}"),
        ("", "{}"),
        ("a/+/b", "{}"),
        ("a\0b", ""),
        ("a", "x" * (MAX_PAYLOAD_BYTES + 1)),
    ],
)
def test_what_no_broker_takes_is_no_message(topic: str, payload: str) -> None:
    with pytest.raises(CommandError):
        planned("park", EditedMessage(step=0, topic=topic, payload=payload))


def test_ids_that_were_kept_keep_the_proof() -> None:
    made = planned("module-step", EditedMessage(step=0, topic="x", payload="{}")).steps[0].was
    assert made is not None
    body = json.loads(made[1])
    body["action"]["metadata"]["type"] = "BLUE"
    kept = EditedMessage(step=0, topic=made[0], payload=json.dumps(body))
    assert planned("module-step", kept).steps[0].effect.rule != "echo"
    body["action"]["id"] = "another"
    other = EditedMessage(step=0, topic=made[0], payload=json.dumps(body))
    assert planned("module-step", other).steps[0].effect.rule == "echo"


def test_in_a_sequence_the_ids_stay_and_are_shared() -> None:
    given = EXAMPLES["module-sequence"]
    read = prepare(
        "module-sequence",
        given,
        known_factory(),
        now=NOW,
        new_id=lambda: "x",
        edited=EditedMessages(ids=IDS, messages=(_same(1),)),
    )
    body = json.loads(read.steps[1].payload)
    body["action"]["metadata"]["duration"] = 3
    again = EditedMessage(step=1, topic=read.steps[1].topic, payload=json.dumps(body))
    plan = planned("module-sequence", again)
    orders = {json.loads(step.payload)["orderId"] for step in plan.steps}
    assert len(orders) == 1
    assert [one.path for one in changes_of(plan.steps[1])] == ["action.metadata.duration"]
    body["orderId"] = "another"
    lost = EditedMessage(step=1, topic=again.topic, payload=json.dumps(body))
    with pytest.raises(CommandError, match="orderId"):
        planned("module-sequence", lost)


def _same(step: int) -> EditedMessage:
    """As it is made with these ids: no edit."""
    made = prepare(
        "module-sequence",
        EXAMPLES["module-sequence"],
        known_factory(),
        now=NOW,
        new_id=derived_ids(str(IDS)),
    )
    return EditedMessage(step=step, topic=made.steps[step].topic, payload=made.steps[step].payload)


@pytest.mark.parametrize("steps", [(1,), (0, 0), (49,)])
def test_an_edit_of_a_message_that_is_not_there_is_refused(steps: tuple[int, ...]) -> None:
    edits = (EditedMessage(step=n, topic="a", payload="{}") for n in steps)
    with pytest.raises(CommandError, match="can be edited"):
        planned("park", *edits)


def test_what_sends_nothing_cannot_be_edited() -> None:
    edited = EditedMessages(ids=IDS, messages=(EditedMessage(step=0, topic="a", payload="{}"),))
    given = {"alarm": "collision:5iO4"}
    with pytest.raises(CommandError, match="nothing to edit"):
        prepare(
            "alarm-acknowledge",
            given,
            known_factory(),
            now=NOW,
            new_id=lambda: "id",
            edited=edited,
        )


def test_another_edit_is_another_fingerprint() -> None:
    def read(payload: str | None) -> str:
        edit = EditedMessage(step=0, topic="ccu/set/park", payload=payload or "")
        edited = EditedMessages(ids=IDS, messages=(edit,)) if payload else None
        return fingerprint("park", EXAMPLES["park"], known_factory(), edited)

    assert len({read(None), read("{}"), read('{"a":1}')}) == 3
