"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

from services.common.streams import Environment

EnvironmentOption = Annotated[
    Environment, typer.Option("--environment", "-e", help="Which factory: live, mock or replay.")
]
JsonOption = Annotated[
    bool, typer.Option("--json", help="JSON on stdout and nothing else; the rest goes to stderr.")
]
RunOption = Annotated[
    Path | None,
    typer.Option("--run", metavar="DIR", help="Data folder of a running `omf up`."),
]
