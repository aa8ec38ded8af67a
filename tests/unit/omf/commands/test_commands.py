"""Every kind of command: built, guarded, readable in every language, and safe to store."""

import contextlib
import json
import string
from typing import Any

import pytest

from omf.commands import CONTROLS, KINDS, CommandError, Plan, PlannedStep, prepare
from omf.commands.forms import Labels
from omf.commands.interlocks import RULES
from omf.commands.proof import RULES as PROOFS
from omf.commands.schemas import Check
from omf.messages.reading import Reading
from omf.messages.writing import check_command
from omf.state import FactoryState
from omf.texts import LANGUAGES, render
from omf.texts import text as said_by
from omf.topics import catalogue
from tests.support.command_examples import EXAMPLES, ids, plan_of
from tests.support.factory import NOW, known_factory, layout_message

DEEP: Any = []
for _ in range(100_000):
    DEEP = [DEEP]
NEEDS_ANOTHER_STATE = {
    "delivery-drop",
    "cancel-order",
    "fts-dock",
    "fts-pair",
    "clear-load-handler",
    "stop-charging",
    "delete-module",
}
"""Kinds whose interlocks rightly refuse them in the idle factory."""


def body(step: PlannedStep) -> Any:
    return json.loads(step.payload)


def test_every_kind_has_an_example_here() -> None:
    assert set(EXAMPLES) == set(KINDS)


def test_every_command_topic_of_the_catalogue_has_a_kind_of_its_own() -> None:
    plans = [plan_of(kind) for kind in sorted(set(KINDS) - {"free-message"})]
    plans.append(plan_of("sensor-period", sensor="bme680"))
    entries = {catalogue.of(step.topic) for plan in plans for step in plan.steps}
    assert entries == {entry for entry in catalogue.TOPICS if entry.command}


def test_the_payload_of_a_free_message_goes_out_exactly_as_typed() -> None:
    typed = ' {"a" : 1}\n'
    assert plan_of("free-message", payload=typed).steps[0].payload == typed


@pytest.mark.parametrize("kind", KINDS)
def test_a_plan_survives_json(kind: str) -> None:
    plan = plan_of(kind)
    assert Plan.model_validate_json(plan.model_dump_json()) == plan


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_wish_in_the_same_factory_gives_the_same_plan(kind: str) -> None:
    assert plan_of(kind) == plan_of(kind)


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"free-message", "clear-retained"}))
def test_what_is_written_passes_the_strict_models_of_the_gateway(kind: str) -> None:
    for step in plan_of(kind).steps:
        checked = check_command(step.topic, step.payload.encode())
        assert isinstance(checked, Reading), checked
        assert checked.entry.command


@pytest.mark.parametrize("kind", sorted(set(KINDS) - NEEDS_ANOTHER_STATE))
def test_an_idle_known_factory_allows_it(kind: str) -> None:
    assert plan_of(kind).refusals == ()


@pytest.mark.parametrize("kind", sorted(NEEDS_ANOTHER_STATE))
def test_an_idle_known_factory_refuses_what_has_nothing_to_act_on(kind: str) -> None:
    assert plan_of(kind).refusals


@pytest.mark.parametrize("kind", KINDS)
def test_every_word_a_person_reads_is_there_in_both_languages(kind: str) -> None:
    plan = plan_of(kind)
    texts = [KINDS[kind].title, KINDS[kind].summary, *(step.title for step in plan.steps)]
    texts += [*plan.checks, *(step.effect.text for step in plan.steps)]
    for text in texts:
        assert text.de.strip()
        assert text.en.strip()
        assert "{" not in text.de + text.en


@pytest.mark.parametrize("kind", KINDS)
def test_every_parameter_has_a_label_in_every_language(kind: str) -> None:
    for info in KINDS[kind].parameters.model_fields.values():
        labels = info.json_schema_extra
        assert isinstance(labels, Labels)
        assert all(labels.title.each)
        assert any(labels.hint.each) == all(labels.hint.each)


@pytest.mark.parametrize("kind", KINDS)
def test_every_effect_has_a_rule_a_window_and_a_chain_that_ends(kind: str) -> None:
    for step in plan_of(kind).steps:
        effect = step.effect
        assert effect.window_s > 0
        while effect is not None:
            assert effect.rule in PROOFS
            assert effect.topics
            effect = effect.follow_up


@pytest.mark.parametrize("kind", KINDS)
def test_a_dangerous_command_asks_for_a_word(kind: str) -> None:
    if KINDS[kind].risk != "dangerous":
        return
    word = KINDS[kind].typed_word
    assert word == KINDS[kind].parameters.word
    refused = plan_of(kind, confirm="yes")
    assert [check.id for check in refused.refusals] == ["typed-word"]


def test_every_interlock_is_used_and_names_only_known_parameters() -> None:
    used = {name for kind in (KINDS | CONTROLS).values() for name in kind.interlocks}
    assert used == set(RULES)
    for kind in KINDS.values():
        known = {"word", "why", "names", *kind.parameters.model_fields}
        for name in kind.interlocks:
            rule = RULES[name]
            for part in ("needs", "reason"):
                said = " ".join(render(one, f"interlock.{rule.id}.{part}", {}) for one in LANGUAGES)
                assert {gap[1] for gap in string.Formatter().parse(said) if gap[1]} <= known


@pytest.mark.parametrize("kind", sorted(kind.name for kind in KINDS.values() if kind.moves))
def test_nothing_moves_in_a_factory_nobody_has_heard_of(kind: str) -> None:
    with contextlib.suppress(CommandError):
        assert not plan_of(kind, FactoryState()).allowed


@pytest.mark.parametrize(
    ("kind", "parameters", "field"),
    [
        ("teleport", {}, ""),
        ("production-order", {}, "colour"),
        ("production-order", {"colour": "GREEN"}, "colour"),
        ("production-order", {"colour": "RED", "quantity": 3}, "quantity"),
        ("storage-order", {"colour": "RED", "workpiece_id": "xyz"}, "workpiece_id"),
        ("charge", {"charge": "perhaps"}, "charge"),
        ("camera-stream", {"on": True, "fps": 0}, "fps"),
        ("layout", {"layout": "{"}, "layout"),
        ("set-storage", {"contents": {"D4": {}}}, "contents"),
        ("set-storage", {"contents": {"A1": {"type": "PINK"}}}, "contents.A1"),
        ("flows", {}, "red"),
        ("fts-navigate", {}, "parameters"),
        ("fts-navigate", {"target": "OVEN"}, "target"),
        ("module-sequence", {"module": "OVEN", "colour": "RED"}, "module"),
        ("free-message", {"topic": "a/+/b"}, "topic"),
        ("free-message", {"topic": "a", "payload": "ü" * 32_769}, "payload"),
        ("module-reset", {"serial": "a/b"}, "serial"),
        ("module-reset", {"serial": "NodeRed"}, "serial"),
        ("free-message", {"topic": "a", "payload": "\ud800"}, "payload"),
        ("flows", {"red": "x" * 65}, "red.0"),
        ("layout", {"layout": layout_message() | {"x": float("nan")}}, "parameters"),
        ("layout", {"layout": layout_message() | {"x": DEEP}}, "parameters"),
    ],
)
def test_a_wrong_parameter_is_named(kind: str, parameters: dict[str, Any], field: str) -> None:
    with pytest.raises(CommandError) as caught:
        prepare(kind, parameters, known_factory(), now=NOW, new_id=ids())
    assert caught.value.field == field
    assert caught.value.de
    assert caught.value.en


@pytest.mark.parametrize("kind", KINDS)
def test_a_plan_names_parameters_that_give_the_same_plan(kind: str) -> None:
    plan = plan_of(kind)
    again = prepare(kind, plan.parameters, known_factory(), now=NOW, new_id=ids())
    assert again.steps == plan.steps
    assert again.checks == plan.checks


def test_a_check_is_written_with_one_field_per_language_and_read_from_before_there_was_french() -> (
    None
):
    written = Check(id="x", met=True, text=said_by("check.met")).model_dump(mode="json")
    assert written["de"] == "erfüllt"
    assert written["fr"] == "rempli"
    assert Check.model_validate(written).text == said_by("check.met")
    old = {"id": "x", "met": False, "de": "nein", "en": "no", "blocking": True, "basis": "factory"}
    assert Check.model_validate(old).text.each == ("nein", "no", "no")
