"""`omf send`: submits a command as the pages do and waits for what becomes of it."""

import socket
import uuid
from dataclasses import replace
from functools import partial
from typing import Annotated, Any

import typer

from omf.commands import RELEASE, fingerprint, fingerprint_of
from omf.state import FactoryState
from services.cli import menu, stages
from services.cli.connection import Connection, connect
from services.cli.options import EnvironmentOption, JsonOption, OverrideOption, RunOption
from services.cli.output import finish, told
from services.cli.sign_in import asked_by, login_name
from services.common.process import tracing
from services.common.process.settings import ServiceSettings
from services.common.store import brackets, fold_reader, journal, lease
from services.common.store.brackets import of_order
from services.common.store.keys import Command, Role
from services.orders.decision import Decision, View, decide

WAIT_S = 600.0
"""Longer than any workflow of the factory takes; every command ends by itself before."""


def command(  # noqa: PLR0913 - the options of DESIGN section 9
    kind: Annotated[str, typer.Argument(metavar="KIND", help="See --list.")] = "",
    given: Annotated[
        list[str] | None, typer.Argument(metavar="NAME=value", help="The kind's parameters.")
    ] = None,
    *,
    user: Annotated[str, typer.Option(help="Who asks; else the user of this machine.")] = "",
    role: Annotated[Role | None, typer.Option(help="Else admin; live: as you are.")] = None,
    command_id: Annotated[str, typer.Option(help="Of the same id only one is ever done.")] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show topic, payload and checks; send nothing.")
    ] = False,
    wait: Annotated[float, typer.Option(min=0, help="Seconds to wait for the effect.")] = WAIT_S,
    yes: Annotated[
        bool, typer.Option("--yes", help="Confirm a dangerous command without typing its word.")
    ] = False,
    note: Annotated[str, typer.Option(help="Why; it is kept with the command.")] = "",
    plan: Annotated[str, typer.Option(help="What --dry-run showed; else it is refused.")] = "",
    override: OverrideOption = "",
    listed: Annotated[bool, typer.Option("--list", help="Show the kinds and end.")] = False,
    environment: EnvironmentOption = "mock",
    as_json: JsonOption = False,
    run: RunOption = None,
) -> None:
    """Submit a command and print its stages.

    Exit 0 effect, 3 refused, 4 no effect in time, 5 expired, 6 unknown, 7 failed, 2 wrong usage.
    """
    if listed:
        menu.show_kinds(as_json=as_json)
        return
    chosen, parameters = menu.checked(kind, given or [])
    with told():
        place = connect(environment, run)
    who, acts_as = asked_by("mock" if dry_run else environment, run, user, role)
    wanted = {
        "command_id": command_id or str(uuid.uuid4()),
        "kind": chosen.name,
        "parameters": parameters if dry_run else menu.confirmed(chosen, parameters, yes=yes),
        "environment": environment,
        "operator": who,
        "role": acts_as,
        "source": _source(),
        "note": note,
        "plan": plan,
        "override": override,
    }
    do = _preview if dry_run else partial(_send, wait_s=wait)
    finish(do(place, wanted, as_json=as_json))


def _source() -> str:
    """Whose terminal, on which machine; outside live --user and --role are only claimed."""
    return f"cli {login_name()}@{socket.gethostname()}"


async def _preview(place: Connection, wanted: dict[str, Any], *, as_json: bool) -> None:
    """Judge by the rules and on the view that orders would have at this moment."""
    async with place.bus() as bus:
        state = await fold_reader.state_until(bus)
        now = await bus.time()
        link, lead = await bus.link("ingest"), await lease.read(bus)
        found = await brackets.every(bus)
    view = View(place.environment, state, now, journal.BEGINNING, link, now, lead)
    asked = Command.model_validate({**wanted, "created_at": now})
    decision = decide(asked, now, view, lambda: str(uuid.uuid4()))
    if asked.kind == RELEASE and (one := of_order(found, asked.parameters.get("order_id"))):
        decision = replace(decision, plan=one.release(state) or decision.plan)
    menu.show_decision(decision, _fingerprint(asked, decision, state), as_json=as_json)


def _fingerprint(asked: Command, decision: Decision, state: FactoryState) -> str:
    """What --plan takes; "" where the command cannot be built."""
    if decision.plan is None:
        return ""
    if asked.kind == RELEASE:
        return fingerprint_of(decision.plan)
    return fingerprint(asked.kind, asked.parameters, state)


async def _send(place: Connection, wanted: dict[str, Any], *, wait_s: float, as_json: bool) -> None:
    with tracing.to(ServiceSettings().otel_endpoint, "cli"):
        await _submit(place, wanted, wait_s, as_json=as_json)


async def _submit(
    place: Connection, wanted: dict[str, Any], wait_s: float, *, as_json: bool
) -> None:
    async with place.bus() as bus:
        asked = Command.model_validate({**wanted, "created_at": await bus.time()})
        watch = stages.Watch(bus, asked.command_id, as_json=as_json)
        await watch.begin()
        if not watch.known:
            await bus.submit(asked)
        final = await watch.until_final(wait_s)
    raise typer.Exit(stages.exit_code(final))
