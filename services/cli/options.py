"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

from omf.factories import FactoryKind
from services.common.store import environments
from services.common.store.keys import MAX_OVERRIDE, Environment


def _factory(context: typer.Context, param: typer.CallbackParam, value: str) -> str:
    """The name as given; where none was, that of the file which stands for the usual one."""
    if context.resilient_parsing:
        return value
    known = environments.factories()
    if value in known.names:
        return value
    source = context.get_parameter_source(param.name or "")
    if source is None or not source.name.startswith("DEFAULT"):
        raise typer.BadParameter(str(environments.UnknownFactoryError(value)))
    if found := known.first(FactoryKind(value)):
        return found
    if value == FactoryKind.REPLAY:
        raise typer.BadParameter("no factory of this site plays recordings (kind replay)")
    return known.usual


EnvironmentOption = Annotated[
    Environment,
    typer.Option(
        "--environment",
        "-e",
        metavar="NAME",
        callback=_factory,
        autocompletion=lambda: list(environments.names()),
        help="Which factory: live, mock, replay, or a name of the file OMF_FACTORIES.",
    ),
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
