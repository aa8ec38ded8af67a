"""`omf golden` without a running system: keep, list, check, remove, and what it refuses."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.cli import app
from tests.support.shared import shared_path

NOK = "white-storage-production-nok_20260807_114322"
QUALITY = "quality-failed:621db0f2-c564-4d79-94cc-a4c60206f027"


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return tmp_path / "data"


def omf(run: Path, *words: str, language: str = "en_GB.UTF-8") -> tuple[int, str, str]:
    command = ["golden", *words, "--run", str(run)]
    done = CliRunner().invoke(app, command, env={"LC_ALL": language})
    return done.exit_code, done.stdout, done.stderr


def kept(run: Path, name: str = "nok") -> None:
    code, text, _ = omf(run, "keep", name, str(shared_path("recordings", f"{NOK}.jsonl.gz")))
    assert (code, text) == (
        0,
        f"{name}: 1352 messages kept with 24 orders, 1 lives, 1 alarms, 100 figures\n",
    )


def test_what_was_kept_is_listed_checked_and_removed(run: Path) -> None:
    kept(run)
    assert NOK in omf(run, "list")[1]
    assert json.loads(omf(run, "list", "--json")[1])["messages"] == 1352
    code, text, _ = omf(run, "check")
    assert (code, text) == (0, "nok: as it was kept (1352 messages; alarm rules 1)\n")
    assert omf(run, "remove", "nok")[0] == 0
    assert omf(run, "check")[0] == 1
    assert omf(run, "check", "nok")[0] == 1


def test_another_file_of_rules_says_what_would_be_different_and_ends_with_3(
    run: Path, tmp_path: Path
) -> None:
    kept(run)
    rules = tmp_path / "rules.yaml"
    rules.write_text("version: 1\nrules:\n  quality-failed: {enabled: false}\n")
    code, text, _ = omf(run, "check", "nok", "--rules", str(rules))
    assert code == 3
    assert "1 differences" in text
    assert "Alarm would not come any more" in text
    code, text, _ = omf(run, "check", "--rules", str(rules), language="de_DE.UTF-8")
    assert "Alarm käme nicht mehr" in text
    code, text, _ = omf(run, "check", "--rules", str(rules), "--json")
    [told] = json.loads(text)["differences"]
    assert (code, told["change"], told["id"]) == (3, "missing", QUALITY)
    assert set(told["name"]) == {"de", "en", "fr"}


def test_one_that_cannot_be_read_does_not_keep_the_others_from_being_checked(run: Path) -> None:
    kept(run)
    (run / "golden" / "broken.golden.jsonl.gz").write_bytes(b"nothing")
    code, text, said = omf(run, "check")
    assert code == 1
    assert "nok: as it was kept" in text
    assert "broken: broken.golden.jsonl.gz is no golden session" in said
    code, text, said = omf(run, "list")
    assert code == 0
    assert "broken:" in said


def test_an_imported_session_is_meant_by_its_name(run: Path) -> None:
    library = run / "sessions"
    library.mkdir(parents=True)
    session = shared_path("recordings", f"{NOK}.jsonl.gz")
    (library / "shift.jsonl.gz").write_bytes(session.read_bytes())
    assert omf(run, "keep", "it", "shift")[0] == 0
    assert json.loads(omf(run, "list", "--json")[1])["origin"]["source"] == "shift"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("keep", "it"), 2, "Name a SESSION"),
        (("keep", "it", "a", "--from", "1h"), 2, "Name a SESSION"),
        (("keep", "../it", "FILE"), 1, "is no name"),
        (("keep", "it", "FILE", "--rules", "NO"), 1, "line 2, rules.danger.parameters"),
        (("keep", "it", "unheard-of"), 1, "run.json"),
        (("remove", "it"), 1, "no golden session"),
        (("check", "it"), 1, "no golden session"),
    ],
)
def test_what_cannot_be_done_is_said(
    words: tuple[str, ...], code: int, said: str, run: Path, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("version: 1\nrules: {danger: {parameters: 7}}\n")
    places = {"FILE": str(shared_path("recordings", f"{NOK}.jsonl.gz")), "NO": str(bad)}
    found = omf(run, *(places.get(word, word) for word in words))
    assert found[0] == code
    assert said in found[2]
