"""The folder an auditor is given: requirements with results, bill of materials, rights, ports."""

import json
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import yaml

from deploy import sbom, vex
from deploy.accounts import broker, store
from deploy.evidence.requirements import Requirement, Standard, missing, standards
from deploy.evidence.results import Results, TestResult
from omf.commands import CONTROLS, KINDS

ROOT = sbom.ROOT
COPIES = ("SECURITY.md", "SUPPORT.md", "docs/security.md")
RESTORE = "tests/integration/test_backup.py"
"""What shows that a copy is put back to the last byte."""
TABLE = ("| id | requirement | state | shown by |", "|---|---|---|---|")
MARKS = {True: "shown", False: "NOT SHOWN"}


@dataclass(frozen=True)
class RequirementEvidence:
    """A requirement, what its tests did last, and what of it the tree has no more."""

    requirement: Requirement
    results: dict[str, TestResult]
    gone: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Everything it names is there, and every test passed when it last ran."""
        return not self.gone and all(one.verdict == "passed" for one in self.results.values())


def judged(standard: Standard, results: Results, root: Path = ROOT) -> list[RequirementEvidence]:
    """Every requirement of the standard with its evidence."""
    return [
        RequirementEvidence(
            one, {test: results.of(test) for test in one.tests}, tuple(missing(one, root))
        )
        for one in standard.requirements
    ]


def write(out: Path, result_files: Iterable[Path], audit: dict[str, Any]) -> list[str]:
    """Write the whole folder; a line for each requirement that is not shown.

    `audit` is what the chain of each environment that runs here says. StandardError, ResultsError,
    VexError.
    """
    results = Results(result_files)
    found = {one.name: judged(one, results) for one in standards()}
    out.mkdir(parents=True, exist_ok=True)
    restore = results.of(RESTORE)
    (out / "evidence.md").write_text("\n".join(_page(found, restore, audit)) + "\n", "utf-8")
    bill = sbom.document()
    documents = {
        "requirements": {name: [_plain(one) for one in all_] for name, all_ in found.items()},
        "sbom.cdx": bill,
        "vex.cdx": vex.document_of(bill, vex.advisories()),
        "rights": rights(),
        "ports": ports(),
        "audit": audit,
        "restore": asdict(restore),
    }
    for name, document in documents.items():
        text = json.dumps(document, indent=1, ensure_ascii=False, default=str)
        (out / f"{name}.json").write_text(f"{text}\n", "utf-8")
    for name in COPIES:
        shutil.copy(ROOT / name, out / Path(name).name)
    return [
        f"{name}, {one.requirement.id}: {why}"
        for name, all_ in found.items()
        for one in all_
        for why in _hindrances(one)
    ]


def rights() -> dict[str, Any]:
    """Who may what: commands by role, accounts of broker and store."""
    return {
        "commands": {name: one.role for name, one in sorted({**KINDS, **CONTROLS}.items())},
        "broker": {name: one._asdict() for name, one in broker.accounts().items()},
        "store": {name: [key, *words] for name, (key, words) in store.accounts().items()},
    }


def ports() -> dict[str, list[str]]:
    """What each container publishes on the server, out of docker-compose.yml."""
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
    published = {name: one.get("ports", []) for name, one in compose["services"].items()}
    return {name: [str(port) for port in found] for name, found in published.items() if found}


def _hindrances(one: RequirementEvidence) -> Iterator[str]:
    yield from (f"{name} is not there" for name in one.gone)
    for test, result in one.results.items():
        if test not in one.gone and result.verdict != "passed":
            yield f"{test}: {result.verdict}"


def _plain(one: RequirementEvidence) -> dict[str, Any]:
    results = {test: asdict(result) for test, result in one.results.items()}
    shown = {"results": results, "missing": one.gone, "shown": one.holds}
    return one.requirement.model_dump(mode="json", exclude={"tests"}) | shown


def _page(
    found: dict[str, list[RequirementEvidence]], restore: TestResult, audit: dict[str, Any]
) -> Iterator[str]:
    yield from ("# Evidence", "")
    yield f"A copy was last put back to the byte: {restore.verdict} {restore.at}".rstrip()
    for environment, said in audit.items():
        yield f"\nChain of the audit, {environment}: {said}"
    for name, all_ in found.items():
        yield from (
            "",
            f"## {name}",
            "",
            "| id | requirement | state | shown by |",
            "|---|---|---|---|",
        )
        yield from (_row(one) for one in all_)


def _row(one: RequirementEvidence) -> str:
    asked = one.requirement
    since = f" since {asked.since}" if asked.since else ""
    mark = "" if asked.state in {"open", "not applicable"} else f", {MARKS[one.holds]}"
    by = [
        *(f"{test}: {result.verdict} {result.at}".rstrip() for test, result in one.results.items()),
        *asked.documents,
        *(f"{name} IS MISSING" for name in one.gone),
    ]
    words = " ".join(text for text in (asked.title + ".", asked.how) if text)
    return f"| {asked.id} | {words} | {asked.state}{since}{mark} | {'<br>'.join(by)} |"
