"""The file of rules of a site: a fault is told, and the rules before it stay in force."""

from pathlib import Path

import pytest

from omf.alarms.rule_data import BUILT_IN
from services.alarms.rules_file import MAX_RULES_BYTES, load_rules
from services.common.store.alarm_rules import StoredRules

GOOD = "version: 1\nrules:\n  collision: {priority: 1}\n"


def test_without_a_file_the_rules_are_as_delivered() -> None:
    assert load_rules(None, StoredRules(version="9", source=GOOD)).in_force() is BUILT_IN


def test_a_good_file_is_in_force(tmp_path: Path) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text(GOOD)
    found = load_rules(path, None)
    assert (found.in_force().rules["collision"].priority, found.fault) == (1, None)
    assert found.version == found.in_force().version


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"version: 1\nrules:\n  collision: {priority: 5}\n", "line 3, rules.collision.priority"),
        (b"\xff\xfe", "no text in UTF-8"),
        (b"#" * (MAX_RULES_BYTES + 1), "larger than"),
        (None, "cannot be read"),
    ],
)
def test_a_fault_is_told_and_the_rules_before_stay(
    tmp_path: Path, content: bytes | None, said: str
) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text(GOOD)
    before = load_rules(path, None)
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    found = load_rules(path, before)
    assert (found.version, found.source) == (before.version, GOOD)
    assert found.fault is not None
    assert str(path) in found.fault.en
    assert said in found.fault.en
    assert found.marker != before.marker
    assert load_rules(path, None).in_force() is BUILT_IN
    path.write_text(GOOD)
    assert load_rules(path, found) == before


def test_a_file_another_release_took_is_not_taken_for_granted() -> None:
    assert StoredRules(version="old", source="version: 1\nnews: 2\n").in_force() is BUILT_IN
