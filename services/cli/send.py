"""`omf send`: submits a command as the pages do and waits for what becomes of it."""

import asyncio
import uuid
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from omf.commands import Kind
from services.cli import menu
from services.cli.options import EnvironmentOption, JsonOption, OverrideOption, RunOption
from services.cli.output import finish, told
from services.common.store.keys import Environment, Role

DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Show topic, payload and checks; send nothing.")
]
PresentOption = Annotated[
    bool, typer.Option("--from-present", help="What is not given is as the factory has it.")
]
EditOption = Annotated[
    Path | None,
    typer.Option(
        "--edit",
        metavar="FILE",
        help="Messages to send in the place of those made: JSON, as --dry-run --json gives it"
        " as `edit`. Needs an administrator.",
    ),
]
PayloadOption = Annotated[
    str | None,
    typer.Option("--payload", help="Payload to send in the place of that of the one message."),
]
YesOption = Annotated[
    bool, typer.Option("--yes", help="Confirm a dangerous command without typing its word.")
]
WAIT_S = 600.0
"""Longer than any workflow of the factory takes; every command ends by itself before."""


def command(  # noqa: PLR0913 - the options of DESIGN section 9
    kind: Annotated[str, typer.Argument(metavar="KIND", help="See --list.")] = "",
    given: Annotated[
        list[str] | None, typer.Argument(metavar="NAME=value", help="The kind's parameters.")
    ] = None,
    *,
    user: Annotated[str, typer.Option(help="Who asks; else the user of this machine.")] = "",
    role: Annotated[Role | None, typer.Option(help="Else admin; live: as `omf login`.")] = None,
    command_id: Annotated[str, typer.Option(help="Of the same id only one is ever done.")] = "",
    dry_run: DryRunOption = False,
    wait: Annotated[float, typer.Option(min=0, help="Seconds to wait for the effect.")] = WAIT_S,
    from_present: PresentOption = False,
    edit: EditOption = None,
    payload: PayloadOption = None,
    yes: YesOption = False,
    note: Annotated[str, typer.Option(help="Why; it is kept with the command.")] = "",
    plan: Annotated[str, typer.Option(help="What --dry-run showed; else it is refused.")] = "",
    override: OverrideOption = "",
    listed: Annotated[bool, typer.Option("--list", help="Show the kinds and end.")] = False,
    environment: EnvironmentOption = "mock",
    as_json: JsonOption = False,
    run: RunOption = None,
) -> None:
    """Submit a command and print its stages.

    Exit 0 effect, 3 refused, 4 no effect in time, 5 expired, 6 unknown, 7 failed, 8 too busy
    (nothing was sent, ask again with a new id), 2 wrong usage.
    """
    if listed:
        menu.show_kinds(as_json=as_json)
        return
    from services.cli import sign_in, submission  # noqa: PLC0415 - the list needs neither

    chosen, parameters = _asked(kind, given or [], (environment, run) if from_present else None)
    place = submission.connected(environment, run)
    who = sign_in.asker(place, run, user, role, dry_run=dry_run)
    wanted: dict[str, Any] = {
        "command_id": command_id or str(uuid.uuid4()),
        "kind": chosen.name,
        "parameters": parameters if dry_run else menu.confirmed(chosen, parameters, yes=yes),
        "environment": environment,
        **who,
        "note": note,
        "plan": plan,
        "override": override,
    }
    wanted |= submission.edited(place, wanted, edit, payload)
    do = submission.preview if dry_run else partial(submission.send, wait_s=wait)
    finish(do(place, wanted, as_json=as_json))


def _asked(
    kind: str, given: list[str], present: tuple[Environment, Path | None] | None
) -> tuple[Kind, dict[str, Any]]:
    """The kind and its parameters; those not given as the factory `present` has them now."""
    from services.cli import submission  # noqa: PLC0415 - the list does not need it

    parameters = menu.named(given)
    if present:
        with told():
            place = submission.connected(*present)
            parameters = asyncio.run(submission.with_present(place, kind, parameters))
    return menu.checked(kind, parameters), parameters
