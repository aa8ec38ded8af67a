"""`omf doctor`: what is wrong here and how to mend it."""

import typer

from services.cli import checkup
from services.cli.options import EnvironmentOption, JsonOption, RunOption
from services.cli.output import EXIT_FAILED, data, finish, show

LEVEL_MARKS = {"ok": "ok     ", "warn": "note   ", "fail": "WRONG  "}


def command(
    *, environment: EnvironmentOption = "mock", as_json: JsonOption = False, run: RunOption = None
) -> None:
    """Check this machine, its packages and servers, the folder and what runs; exit 1 if wrong."""

    async def work() -> None:
        found = [finding async for finding in checkup.findings(environment, run)]
        for finding in found:
            if as_json:
                data(finding.as_json())
                continue
            show(f"{LEVEL_MARKS[finding.level]}{finding.subject}: {finding.text}")
            if finding.mend:
                show(f"       mend: {finding.mend}")
        if any(finding.level == "fail" for finding in found):
            raise typer.Exit(EXIT_FAILED)

    finish(work())
