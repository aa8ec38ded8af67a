"""What is said of a vulnerability stands beside the bill of each image that has the package."""

import json
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from deploy import sbom, vex

SAID = """asked: 2026-11-29
answered: true
known:
  - {{id: CVE-1, package: {package}, dated: 2026-11-28, state: {state}, {more}detail: {why}}}
"""


def file(path: Path, **said: str) -> Path:
    words = {"package": "plotly", "state": "in_triage", "more": "", "why": "looked at"} | said
    written = path / "advisories.yaml"
    written.write_text(SAID.format(**words), "utf-8")
    return written


def of(service: str, told: vex.Advisories) -> dict[str, Any]:
    return vex.document_of(sbom.document_of(service), told)


def valid(document: dict[str, Any]) -> bool:
    return JsonStrictValidator(SchemaVersion.V1_5).validate_str(json.dumps(document)) is None


@pytest.mark.parametrize("service", sbom.images())
def test_each_image_has_a_document_beside_its_bill(service: str, tmp_path: Path) -> None:
    vex.main(str(tmp_path))
    written = json.loads((tmp_path / f"{service}.vex.cdx.json").read_text("utf-8"))
    assert valid(written)
    assert written["metadata"]["component"]["name"] == f"omf-{service}"
    told = {one["name"]: one["value"] for one in written["metadata"]["properties"]}
    known = vex.advisories()
    assert told["omf:advisories-asked"] == known.asked.isoformat()
    assert told["omf:advisories-answered"] == str(known.answered).lower()


def test_as_long_as_no_index_answered_nothing_is_claimed() -> None:
    known = vex.advisories()
    assert known.answered or not known.known


def test_a_statement_stands_with_the_images_that_have_the_package_and_no_other(
    tmp_path: Path,
) -> None:
    told = vex.advisories(file(tmp_path))
    having = {name for name in sbom.images() if of(name, told)["vulnerabilities"]}
    assert having == {"replay", "cli"}
    bill, found = sbom.document_of("replay"), of("replay", told)
    assert valid(found)
    (one,) = found["vulnerabilities"]
    serial = bill["serialNumber"].removeprefix("urn:uuid:")
    refs = {component["bom-ref"] for component in bill["components"]}
    document, _, component = one["affects"][0]["ref"].partition("#")
    assert document == f"urn:cdx:{serial}/{bill['version']}"
    assert component in refs
    assert one["analysis"]["firstIssued"] == "2026-11-28T00:00:00Z"


def test_why_something_is_not_affected_is_said_in_the_words_of_the_standard(
    tmp_path: Path,
) -> None:
    more = {"state": "not_affected", "more": "justification: code_not_reachable, "}
    (one,) = of("cli", vex.advisories(file(tmp_path, **more)))["vulnerabilities"]
    assert one["analysis"]["justification"] == "code_not_reachable"


WRONG = [
    ({"package": "left-pad"}, "left-pad is not locked"),
    ({"state": "harmless"}, "known.0.state"),
    ({"state": "not_affected"}, "justification"),
    ({"more": "justification: code_not_present, "}, "justification"),
    ({"why": '"  "'}, "known.0.detail"),
    ({"more": "severity: low, "}, "severity"),
]


@pytest.mark.parametrize(("said", "wrong"), WRONG, ids=str)
def test_a_statement_that_says_too_little_is_refused(
    said: dict[str, str], wrong: str, tmp_path: Path
) -> None:
    with pytest.raises(vex.VexError, match=wrong) as told:
        vex.advisories(file(tmp_path, **said))
    assert "advisories.yaml" in str(told.value)


def test_a_bill_has_a_name_of_its_content() -> None:
    names = [sbom.document_of(service)["serialNumber"] for service in sbom.images()]
    assert len(set(names)) == len(names)
    assert sbom.document_of("ui")["serialNumber"] == sbom.document_of("ui")["serialNumber"]
