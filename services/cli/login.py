"""`omf login`: keeps who a person is, so that no command to the live factory asks for it."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from services.cli import sign_in
from services.cli.connection import Endpoints, connect
from services.cli.device_login import by_device
from services.cli.options import RunOption
from services.cli.output import fail, say, usage
from services.common.auth import kept_sign_in
from services.common.auth.group_roles import DirectoryAccount
from services.common.auth.kept_sign_in import KeptSignIn, KeptSignInError
from services.common.auth.token_notes import write_note
from services.common.process import clock
from services.common.process.settings import served
from services.common.store.access_notes import AccessNote
from services.common.store.bus import Bus, StoreError
from services.common.store.keys import Role
from services.supervisor.runfile import NotRunningError


def command(
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="Else it is asked for.")] = "",
    *,
    token: Annotated[
        bool,
        typer.Option("--token", help="Keep a token: of `omf token`, or of My sign-ins."),
    ] = False,
    device: Annotated[
        bool,
        typer.Option("--device", help="Sign in at the company's provider, in any browser."),
    ] = False,
    pages: Annotated[
        str, typer.Option(metavar="URL", help="With --device: where the pages are.")
    ] = "",
    run: RunOption = None,
) -> None:
    """Sign in for commands to the live factory: for a shift, or with a token until it is revoked.

    Password or token are typed, or are the first line of stdin. With --device a code is shown, to
    be entered at the company's provider, and a token for a shift is kept. Kept is a file that only
    you can read; a new password, a lock or `omf logout` ends the sign-in.
    """
    if token and device:
        usage("--token and --device: one of them")
    if device:
        kept, role = _with_device(run, pages)
    else:
        kept, role = _with_token(run) if token else _with_account(run, name)
    try:
        file = kept_sign_in.keep(kept)
    except KeptSignInError as error:
        fail(str(error))
    if not kept.token:
        _note(run, kept, Role(role))
    until = f" until {clock.iso(kept.until)}" if kept.until else ""
    say(f"signed in as {kept.name}, {role}{until}; kept in {file}")


def _note(run: Path | None, kept: KeptSignIn, role: Role) -> None:
    """For the audit; whoever has an account signs in without a store, and it is said."""
    note = AccessNote(
        about="sign-in",
        act="made",
        why="cli",
        name=kept.name,
        source=sign_in.source()[:200],
        most=role,
        until=clock.iso(kept.until),
        at=clock.now(),
    )
    try:
        asyncio.run(_written(connect(served()[0], run), note))
    except (StoreError, NotRunningError) as error:
        say(f"the audit does not tell of this sign-in: {error}")


async def _written(place: Endpoints, note: AccessNote) -> None:
    async with Bus(place.store_url, (place.environments or (place.environment,))[0]) as bus:
        await write_note(bus, note)


def _with_account(run: RunOption, name: str) -> tuple[KeptSignIn, str]:
    account = sign_in.by_password(run, name)
    if isinstance(account, DirectoryAccount):
        fail(
            f"{account.name} is known to the directory: no password is kept here, each command to "
            "the live factory asks for it (or takes it from stdin); `omf login --token` keeps a "
            "token of the page My sign-ins"
        )
    return kept_sign_in.sealed(account, sign_in.place_of(run), clock.now()), account.role


def _with_token(run: RunOption) -> tuple[KeptSignIn, str]:
    token, client = sign_in.by_token(run)
    place = sign_in.place_of(run)
    return KeptSignIn(place=place, name=client.name, token=token.strip()), client.role


def _with_device(run: RunOption, pages: str) -> tuple[KeptSignIn, str]:
    answer = by_device(run, pages)
    place = sign_in.place_of(run)
    kept = KeptSignIn(place=place, name=answer.name, until=answer.until, token=answer.token)
    return kept, answer.role
