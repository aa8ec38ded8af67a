"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

from services.common.store.keys import MAX_OVERRIDE, Environment

EnvironmentOption = Annotated[
    Environment, typer.Option("--environment", "-e", help="Which factory: live, mock or replay.")
]
JsonOption = Annotated[
    bool, typer.Option("--json", help="JSON on stdout and nothing else; the rest goes to stderr.")
]


def _fitting(reason: str) -> str:
    if len(reason) > MAX_OVERRIDE:
        raise typer.BadParameter(f"at most {MAX_OVERRIDE} characters")
    return reason


OverrideOption = Annotated[
    str,
    typer.Option(
        metavar="REASON",
        callback=_fitting,
        help="Send it although our prudence forbids it, as a supervisor; the reason is kept.",
    ),
]
RunOption = Annotated[
    Path | None,
    typer.Option("--run", metavar="DIR", help="Data folder of a running `omf up`."),
]
