"""Who asks: on the live factory an account whose password is typed, elsewhere whoever says so."""

import getpass
import os
import socket
import sys
from pathlib import Path
from typing import NoReturn

import typer

from services.cli.connection import DEFAULT_DATA
from services.cli.output import fail
from services.cli.stages import EXIT_CODES
from services.common.auth.passwords import fits
from services.common.auth.user_file import Accounts, AccountsError
from services.common.store.keys import Environment, Role, Stage
from services.supervisor.runfile import USERS_FILE_NAME


def login_name() -> str:
    """The user of this machine; in a container an account may have no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid-{os.getuid()}"


def source() -> str:
    """Whose terminal, on which machine; outside live --user and --role are only claimed."""
    return f"cli {login_name()}@{socket.gethostname()}"


def asked_by(
    environment: Environment, run: Path | None, user: str, role: Role | None
) -> tuple[str, Role]:
    """Name and role of who sends a command; ends the command where nobody is who they say.

    A mock or a replayed factory believes the name and the role, as its pages do. The live one asks
    for the password of the account, and gives no more than the role of that account.
    """
    if environment != "live":
        return user or login_name(), role or Role.ADMIN
    try:
        accounts = Accounts(_users_file(run))
        if not accounts.all():
            _refuse("nobody has an account: make one with `omf user add NAME ROLE`")
    except AccountsError as error:
        _refuse(str(error))
    account = accounts.get(user or _ask_name())
    if not fits(_ask_password(), account.password if account else None) or account is None:
        _refuse("name or password is wrong")
    if account.locked:
        _refuse(f"the account of {account.name} is locked")
    if role and not account.role.includes(role):
        _refuse(f"{account.name} acts as {account.role} at most, not as {role}")
    return account.name, role or account.role


def _users_file(run: Path | None) -> Path:
    named = os.environ.get("OMF_UI_USERS_FILE")
    return Path(named) if named and run is None else (run or DEFAULT_DATA) / USERS_FILE_NAME


def _ask_name() -> str:
    if not sys.stdin.isatty():
        return login_name()
    return str(typer.prompt("Name", default=login_name(), err=True))


def _ask_password() -> str:
    """From the terminal, unseen; else the first line of stdin."""
    if sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, err=True))
    return sys.stdin.readline().rstrip("\r\n")


def _refuse(why: str) -> NoReturn:
    fail(f"refused, nothing was sent: {why}", EXIT_CODES[Stage.REFUSED])
