"""Messages edited at the command line: read from a file, filled up, told and judged."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import typer

from omf.commands import Plan, derived_ids, prepare
from omf.messages.edited import EditedMessages
from services.cli import edits, submission
from services.cli.submission import Preview
from services.common.store.keys import LinkHealth, Role, Stage
from services.orders.decision import Decision, View, decide
from tests.support.command_examples import EXAMPLES, command_of
from tests.support.factory import NOW, known_factory

IDS = UUID(int=7)
LINK = LinkHealth(connected=True, broker="b", since=0, at=NOW)


def made(kind: str) -> edits.PlanOf:
    def plan_of(ids: str) -> Plan:
        given = EXAMPLES[kind]
        return prepare(kind, given, known_factory(), now=NOW, new_id=derived_ids(ids))

    return plan_of


def judged(kind: str, edited: EditedMessages | None, role: Role = Role.ADMIN) -> Decision:
    asked = command_of(kind, parameters=EXAMPLES[kind], edited=edited, role=role)
    return decide(asked, NOW, View("mock", known_factory(), NOW, "0-0", LINK, NOW), lambda: "id")


def written(tmp_path: Path, content: Any) -> Path:
    file = tmp_path / "edit.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content))
    return file


def test_a_payload_takes_the_place_of_that_of_the_one_message(
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked = edits.asked(None, '{"a": 1}')
    assert asked
    edited = asked.of(made("park"))
    assert [(one.topic, one.payload) for one in edited.messages] == [("ccu/set/park", '{"a": 1}')]
    decision = judged("park", edited)
    assert decision.stage is Stage.ACCEPTED, decision.reasons
    submission.show_decision(decision, as_json=False)
    assert "edited a: - -> 1" in capsys.readouterr().out
    assert "role" in [why.id for why in judged("park", edited, Role.SUPERVISOR).reasons]


def test_what_a_dry_run_gives_can_be_changed_and_given_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = made("module-sequence")(str(IDS))
    given = edits.as_edit(IDS, plan)
    submission.show_decision(judged("park", None), Preview(edit=given), as_json=True)
    told = json.loads(capsys.readouterr().out)["edit"]
    assert len(told["messages"]) == len(plan.steps) > 1
    body = json.loads(told["messages"][1]["payload"])
    body["action"]["metadata"]["duration"] = 3
    told["messages"] = [{"step": 1, "payload": body}]
    asked = edits.asked(written(tmp_path, told), None)
    assert asked
    edited = asked.of(made("module-sequence"))
    assert edited.ids == IDS
    decision = judged("module-sequence", edited)
    assert decision.stage is Stage.ACCEPTED, decision.reasons
    assert decision.plan
    assert [bool(step.was) for step in decision.plan.steps][:3] == [False, True, False]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "edit.json"),
        ([{"step": 0, "topics": "a"}], "messages.0.topics"),
        ([{"step": "two"}], "messages.0.step"),
        ({"messages": 5}, "messages"),
        ('"words"', "edits"),
    ],
)
def test_a_file_that_holds_no_edits_is_wrong_usage(
    tmp_path: Path, content: Any, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(typer.Exit) as end:
        edits.asked(written(tmp_path, content), None)
    assert end.value.exit_code == 2
    assert said in capsys.readouterr().err


def test_a_file_that_is_not_there_or_both_ways_at_once_are_wrong_usage(tmp_path: Path) -> None:
    for given in ((tmp_path / "none.json", None), (tmp_path / "none.json", "{}")):
        with pytest.raises(typer.Exit):
            edits.asked(*given)


def test_a_message_that_is_not_there_is_refused_by_name(tmp_path: Path) -> None:
    asked = edits.asked(written(tmp_path, [{"step": 4, "payload": {}}]), None)
    assert asked
    (why,) = judged("park", asked.of(made("park"))).reasons
    assert why.id == "parameter:edited"
