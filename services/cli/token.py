"""`omf token`: makes a token for another system, and the line that lets it in."""

from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from services.cli.options import JsonOption
from services.cli.output import data, say, show, told, usage
from services.common.auth.api_tokens import minted
from services.common.store.keys import Role
from services.supervisor.up_options import parse_environments


def command(
    name: Annotated[str, typer.Argument(help="Which system it is for; stands in the audit.")],
    role: Annotated[Role, typer.Argument(help="What it may do.")] = Role.VIEWER,
    *,
    file: Annotated[Path | None, typer.Option(help="Append the line to this tokens file.")] = None,
    environments: Annotated[
        str, typer.Option(help="Only in these, e.g. mock,replay; else in all.")
    ] = "",
    alerts: Annotated[
        bool, typer.Option("--alerts", help="It may hand over alerts, as an Alertmanager does.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Print a new token for the HTTP door, and the line for OMF_API_TOKENS_FILE.

    The token is shown this once: only its hash is kept.
    """
    with told():
        only = parse_environments(environments) if environments else None
    try:
        token, client = minted(name, role, only, alerts=alerts)
    except ValidationError:
        usage(f"{name!r} is no name for a system; use letters, digits and _ . : -")
    line = client.model_dump_json(exclude_none=True)
    if file is not None:
        with told(), file.open("a", encoding="utf-8") as tokens:
            tokens.write(f"{line}\n")
    if as_json:
        data({"token": token, "client": client.model_dump(mode="json", exclude_none=True)})
        return
    show(token)
    say(f"appended to {file}: {line}" if file else f"for the tokens file: {line}")
