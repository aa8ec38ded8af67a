"""Reading and emptying a tag on the delivery station: what is sent, and what proves it."""

from typing import Any

import pytest

from omf.commands import judge
from omf.topics.catalogue import address
from tests.support.command_examples import plan_of
from tests.support.factory import Factory

PIECE = {"id": "04798eca341290", "state": "RAW", "type": "RED"}


def verdict(kind: str, answer: dict[str, Any]) -> Any:
    factory = Factory.known()
    [step] = plan_of(kind, factory.state).steps
    factory.raw(address("nfc_answer"), answer)
    return judge(step.effect, factory.heard[-1])


@pytest.mark.parametrize(("kind", "word"), [("nfc-read", "read"), ("nfc-delete", "delete")])
def test_what_is_sent_is_what_the_program_reads(kind: str, word: str) -> None:
    [step] = plan_of(kind, Factory.known().state).steps
    assert (step.topic, step.payload) == ("/j1/txt/1/f/o/nfc/ds", f'{{"cmd":"{word}"}}')
    assert step.once


def test_reading_is_proven_by_an_answer_that_names_the_tag() -> None:
    found = verdict("nfc-read", {"ts": "x", "workpiece": PIECE, "history": []})
    assert found.outcome == "effect"
    assert "04798eca341290" in found.text.en
    assert "red" in found.text.en.lower()


@pytest.mark.parametrize("piece", [None, {}, {"id": ""}, {"type": "RED"}])
def test_an_answer_without_a_tag_is_a_failure(piece: Any) -> None:
    assert verdict("nfc-read", {"workpiece": piece}).outcome == "failed"


@pytest.mark.parametrize(
    ("answer", "proven"),
    [
        ({"workpiece": {"id": "04798eca341290"}}, True),
        ({"workpiece": {"id": "04798eca341290", "state": "", "type": ""}, "history": []}, True),
        ({"workpiece": PIECE, "history": []}, False),
        ({"workpiece": {"id": "x"}, "history": [{"ts": 1, "code": 100}]}, False),
    ],
)
def test_emptying_is_proven_by_an_empty_tag_alone(answer: dict[str, Any], *, proven: bool) -> None:
    found = verdict("nfc-delete", answer)
    assert (found is not None and found.outcome == "effect") is proven
