"""The auditor's folder: each requirement names tests that are there, and their last result."""

import json
import re
import shutil
from datetime import date
from pathlib import Path

import pytest

from deploy.evidence import folder
from deploy.evidence.requirements import (
    FOLDER,
    Requirement,
    Standard,
    StandardError,
    missing,
    standards,
)
from deploy.evidence.results import Results, ResultsError
from services.common.store.keys import Role
from tests.support.system import omf

RUN = '<testsuites><testsuite timestamp="{at}">{cases}</testsuite></testsuites>'
CASE = '<testcase classname="tests.security.test_x" name="{name}">{inside}</testcase>'
TEST = "tests/security/test_x.py"
ALL = [(one, each) for one in standards() for each in one.requirements]


def run(path: Path, at: str, *cases: tuple[str, str]) -> Path:
    inside = "".join(CASE.format(name=name, inside=inside) for name, inside in cases)
    path.write_text(RUN.format(at=at, cases=inside), "utf-8")
    return path


@pytest.mark.parametrize(("standard", "one"), ALL, ids=lambda one: getattr(one, "id", ""))
def test_every_test_and_document_that_a_requirement_names_is_there(
    standard: Standard, one: Requirement
) -> None:
    assert list(missing(one, folder.ROOT)) == [], standard.name


def test_one_deleted_test_turns_its_requirement_red(tmp_path: Path) -> None:
    tree, file = tmp_path / "tree", tmp_path / "tree" / TEST
    file.parent.mkdir(parents=True)
    file.write_text("def test_a(): ...\ndef test_b(): ...\n", "utf-8")
    results = Results([run(tmp_path / "r.xml", "2026-11-29T10:00:00", ("test_a", ""))])
    asked = Requirement(id="1", title="t", tests=(f"{TEST}::test_a",))
    standard = Standard(name="n", source="s", requirements=(asked,))
    assert folder.judged(standard, results, tree)[0].holds
    file.write_text("def test_b(): ...\n", "utf-8")
    found = folder.judged(standard, results, tree)[0]
    assert (found.holds, found.gone) == (False, (f"{TEST}::test_a",))


def test_the_newest_run_of_a_test_counts_and_the_worst_of_its_cases(tmp_path: Path) -> None:
    old = run(tmp_path / "1.xml", "2026-11-28T10:00:00", ("test_a", "<failure/>"))
    new = run(
        tmp_path / "0.xml",
        "2026-11-29T10:00:00",
        ("test_a[x]@group", ""),
        ("test_b[1]", ""),
        ("test_b[2]", "<error/>"),
        ("test_c", "<skipped/>"),
    )
    results = Results([new, old])
    verdicts = {name: results.of(f"{TEST}::test_{name}").verdict for name in "abcd"}
    assert verdicts == {"a": "passed", "b": "failed", "c": "skipped", "d": "no result"}
    assert results.of(TEST).verdict == "failed"
    assert results.of(f"{TEST}::test_a").at.startswith("2026-11-29")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("requirements: []", "name"),
        ("name: n\nsource: s\nrequirements: [{id: '1', title: t}]", "no test or document"),
        (
            "name: n\nsource: s\nrequirements: [{id: '1', title: t, state: open, how: h}]",
            "since when",
        ),
        ("name: [", "wrong.yaml"),
    ],
)
def test_a_file_of_requirements_that_is_wrong_is_named(
    wrong: str, said: str, tmp_path: Path
) -> None:
    (tmp_path / "wrong.yaml").write_text(wrong, "utf-8")
    with pytest.raises(StandardError, match=said):
        standards(tmp_path)


def test_what_is_no_result_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.xml").write_text("<html/>", "utf-8")
    with pytest.raises(ResultsError, match=r"x\.xml"):
        Results([tmp_path / "x.xml"])


def test_what_is_open_says_since_when() -> None:
    wanting = [one for _, one in ALL if one.state in {"open", "partly"}]
    assert all(one.since and one.since <= date.today() for one in wanting)  # noqa: DTZ011


def test_what_is_open_on_the_page_about_security_has_two_dates() -> None:
    text = (folder.ROOT / "docs/security.md").read_text("utf-8").split("\n## Open\n")[1]
    rows = [row for row in text.splitlines() if row.startswith("| ")][1:]
    for row in rows:
        since, again = (date.fromisoformat(one) for one in re.findall(r"\| ([\d-]{10}) \|", row))
        assert since < again
    assert not re.search(r"(?m)^- ", text), "a point without dates"


def test_the_folder_holds_everything_an_auditor_asks_for(tmp_path: Path) -> None:
    results = run(tmp_path / "r.xml", "2026-11-29T10:00:00", ("test_a", ""))
    wanting = folder.write(tmp_path / "out", [results], {"mock": "3 records hold"})
    assert any("no result" in line for line in wanting)
    written = {file.name for file in (tmp_path / "out").iterdir()}
    names = ("requirements", "sbom.cdx", "vex.cdx", "rights", "ports", "audit", "restore")
    assert written >= {"evidence.md", *(f"{name}.json" for name in names), *("SECURITY.md",)}
    rights = json.loads((tmp_path / "out" / "rights.json").read_text("utf-8"))
    assert set(rights["commands"].values()) <= {role.value for role in Role}
    assert rights["broker"]["gateway"]["reads"] == []
    ports = json.loads((tmp_path / "out" / "ports.json").read_text("utf-8"))
    assert "store" not in ports


def test_the_command_ends_with_what_is_wanting(tmp_path: Path) -> None:
    done = omf("evidence", "--out", str(tmp_path / "out"), "--results", str(tmp_path))
    assert done.returncode == 1
    assert "proofs are wanting" in done.stderr
    page = (tmp_path / "out" / "evidence.md").read_text("utf-8")
    assert all(standard.name in page for standard in standards())
    shutil.rmtree(tmp_path / "out")
    assert FOLDER.is_dir()
