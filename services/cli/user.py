"""`omf user`: who may sign in at the pages. Passwords are asked for, never taken from the line."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from omf import faults
from services.cli import sign_in
from services.cli.connection import DEFAULT_DATA
from services.cli.options import JsonOption
from services.cli.output import data, fail, say, table, told, usage
from services.common.auth.account_changes import AccountActor
from services.common.auth.passwords import PasswordError, hashed
from services.common.auth.pins import PinError, remove_pin, set_pin
from services.common.auth.user_file import Account, Accounts, AccountsError
from services.common.process import clock
from services.common.store.keys import Role
from services.supervisor.runfile import USERS_FILE_NAME
from services.supervisor.up_options import parse_environments

app = typer.Typer(
    help="Accounts of the pages: add, list, password, pin, role, lock, unlock, remove.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
NameArgument = Annotated[str, typer.Argument(metavar="NAME")]
RoleArgument = Annotated[Role, typer.Argument(help="viewer, operator, supervisor or admin.")]
FileOption = Annotated[
    Path,
    typer.Option(
        "--file", envvar="OMF_UI_USERS_FILE", help="The users file; `omf up` reads DIR/users.jsonl."
    ),
]
FactoryOption = Annotated[
    list[str] | None,
    typer.Option("--factory", metavar="NAME", help="Only there; may be given several times."),
]
USERS_FILE = DEFAULT_DATA / USERS_FILE_NAME


@app.command()
def add(
    name: NameArgument,
    role: RoleArgument,
    *,
    factory: FactoryOption = None,
    file: FileOption = USERS_FILE,
) -> None:
    """A new person; the password is asked for, or read from stdin when that is no terminal.

    With --factory the role is for that one, and elsewhere the person may look.
    """
    where = _factories(factory)
    with _told():
        usual = Role.VIEWER if where else role
        given = dict.fromkeys(where, role)
        account = Account(name=name, role=usual, password=_asked(), factories=given)
        _acting(file).add(account)
    say(f"{name} may sign in as {role}{_at(where)}; kept in {file}")


@app.command("list")
def listed(*, file: FileOption = USERS_FILE, as_json: JsonOption = False) -> None:
    """Everybody with an account, without the hashes."""
    with _told():
        known = Accounts(file).all().values()
    hidden = {"password", "pin", "signed_out_at", "passkeys"}
    found = [account.model_dump(exclude=hidden) for account in known]
    if as_json:
        for row in found:
            data(row)
        return
    rows = [(one.name, one.role, ", ".join(_more(one)), one.locked) for one in known]
    table(("name", "role", "in single factories", "locked"), rows)


@app.command()
def password(name: NameArgument, *, file: FileOption = USERS_FILE) -> None:
    """Another password; whoever is signed in with the old one is signed out."""
    with _told():
        _acting(file).change(name, password=_asked())


@app.command()
def pin(
    name: NameArgument,
    *,
    remove: Annotated[bool, typer.Option("--remove", help="Take it away.")] = False,
    file: FileOption = USERS_FILE,
) -> None:
    """A PIN or badge code that changes the person at a shared screen; asked for as a password is.

    Six characters at least; for roles up to supervisor. Where nobody signed in it opens nothing.
    """
    with _told():
        if remove:
            remove_pin(_acting(file), name)
        else:
            set_pin(_acting(file), name, _secret("PIN"))


@app.command("role")
def give_role(
    name: NameArgument,
    role: RoleArgument,
    *,
    factory: FactoryOption = None,
    file: FileOption = USERS_FILE,
) -> None:
    """Another role, in every factory or in those of --factory; open pages are loaded anew.

    In a factory nobody may less than everywhere: a lower role there takes back what was given.
    """
    where = _factories(factory)
    with _told():
        if where:
            _acting(file).give(name, role, where)
        else:
            _acting(file).change(name, role=role)
        account = Accounts(file).get(name)
    if account is not None:
        say(f"{name} is {', '.join((account.role, *_more(account)))}")


@app.command()
def lock(name: NameArgument, *, file: FileOption = USERS_FILE) -> None:
    """The person is signed out and can sign in no more."""
    with _told():
        _acting(file).change(name, locked=True)


@app.command()
def unlock(name: NameArgument, *, file: FileOption = USERS_FILE) -> None:
    """The person can sign in again."""
    with _told():
        _acting(file).change(name, locked=False)


@app.command("sign-out")
def sign_out(name: NameArgument, *, file: FileOption = USERS_FILE) -> None:
    """Every sign-in of the person is over at once, at the pages and on the command line."""
    with _told():
        _acting(file).change(name, signed_out_at=clock.now())


@app.command()
def remove(name: NameArgument, *, file: FileOption = USERS_FILE) -> None:
    """The person has no account any more; what they did stays in the audit."""
    with _told():
        _acting(file).remove(name)


def _acting(file: Path) -> Accounts:
    """The accounts, changed in the name of the user of this machine."""
    actor = AccountActor(name=sign_in.login_name()[:64], source=sign_in.source()[:200])
    return Accounts(file).acting(actor)


def _factories(asked: list[str] | None) -> tuple[str, ...]:
    """The factories that were named; ends the command for one that is not there."""
    with told():
        return parse_environments(",".join(asked)) if asked else ()


def _at(factories: tuple[str, ...]) -> str:
    return f" in {', '.join(factories)}" if factories else ""


def _more(account: Account) -> Iterator[str]:
    """What the person may in single factories."""
    return (f"{role}{_at((factory,))}" for factory, role in account.factories.items())


@contextmanager
def _told() -> Iterator[None]:
    with told():
        try:
            yield
        except ValidationError as error:
            flaw = error.errors(include_url=False, include_input=False)[0]
            why = faults.fault_text(flaw).en
            usage(f"{flaw['loc'][0]}: {why}; a name has letters, digits and _ . -")
        except (AccountsError, PasswordError, PinError) as error:
            fail(str(error))


def _asked() -> str:
    """The hash of a password that is given now."""
    return hashed(_secret("Password"))


def _secret(what: str) -> str:
    """From the terminal, typed twice, or the first line of stdin."""
    if sys.stdin.isatty():
        return str(typer.prompt(what, hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\r\n")
