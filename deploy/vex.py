"""What each known vulnerability of a package means here: CycloneDX VEX beside the bills.

`python -m deploy.vex DIR` writes one for each image, `DIR/<service>.vex.cdx.json`, which points
into its bill. deploy/evidence/advisories.yaml has the statements, each with a date and a reason,
and says when an index of advisories was asked and whether it answered: without statements a
document says only that.
"""

import json
import sys
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, StringConstraints, model_validator

from deploy import sbom
from omf.yaml_files import YamlFileError, read_yaml

ADVISORIES = Path(__file__).parent / "evidence/advisories.yaml"
Said = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class VexError(ValueError):
    """The statements cannot be used: the text names the file and what is wrong."""


class _Statement(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class VexStatement(_Statement):
    """What is to be said of one vulnerability in one package that is locked."""

    id: Said
    package: Said
    dated: date
    state: Literal[
        "resolved", "resolved_with_pedigree", "exploitable", "in_triage", "false_positive",
        "not_affected",
    ]  # fmt: skip
    justification: Literal[
        "", "code_not_present", "code_not_reachable", "requires_configuration",
        "requires_dependency", "requires_environment", "protected_by_compiler",
        "protected_at_runtime", "protected_at_perimeter", "protected_by_mitigating_control",
    ] = ""  # fmt: skip
    """Why it is not affected, in the words of the standard; asked of that state alone."""
    detail: Said

    @model_validator(mode="after")
    def _justified(self) -> Self:
        if (self.state == "not_affected") != bool(self.justification):
            raise ValueError("not_affected, and no other state, takes a justification")
        return self


class Advisories(_Statement):
    """Every statement, and when was asked for what they answer."""

    asked: date
    answered: bool
    known: tuple[VexStatement, ...]


def advisories(path: Path = ADVISORIES) -> Advisories:
    """What stands in the file; VexError if it is none, or speaks of what is not locked."""
    try:
        told = read_yaml(path.read_text("utf-8"), Advisories)
    except YamlFileError as error:
        raise VexError(f"{path}: {error}") from None
    locked = {one["name"] for one in sbom.document()["components"]}
    if unknown := sorted({one.package for one in told.known} - locked):
        raise VexError(f"{path}: {', '.join(unknown)} is not locked; take the statement out")
    return told


def document_of(bill: dict[str, Any], told: Advisories) -> dict[str, Any]:
    """The statements that concern what a bill lists, each pointing to the component in it."""
    listed = {one["name"]: one["bom-ref"] for one in bill["components"]}
    serial = bill["serialNumber"].removeprefix("urn:uuid:")
    properties = {
        "omf:advisories-asked": told.asked.isoformat(),
        "omf:advisories-answered": str(told.answered).lower(),
    }
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": bill.get("metadata", {})
        | {"properties": [{"name": name, "value": v} for name, v in properties.items()]},
        "vulnerabilities": [
            _vulnerability(one, f"urn:cdx:{serial}/1#{listed[one.package]}")
            for one in told.known
            if one.package in listed
        ],
    }


def _vulnerability(one: VexStatement, component: str) -> dict[str, Any]:
    said = f"{one.dated.isoformat()}T00:00:00Z"
    analysis = {"state": one.state, "detail": one.detail, "firstIssued": said, "lastUpdated": said}
    if one.justification:
        analysis["justification"] = one.justification
    return {
        "bom-ref": f"{one.id}/{one.package}",
        "id": one.id,
        "analysis": analysis,
        "affects": [{"ref": component}],
    }


def main(folder: str) -> None:
    """One for each image into a folder; exit code 1 and a line where the statements are wrong."""
    try:
        told = advisories()
    except VexError as error:
        sys.exit(str(error))
    Path(folder).mkdir(parents=True, exist_ok=True)
    for service in sbom.images():
        text = json.dumps(document_of(sbom.document_of(service), told), indent=1)
        Path(folder, f"{service}.vex.cdx.json").write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
