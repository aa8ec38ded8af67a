"""Who asks: on the live factory an account or a token, elsewhere whoever says so.

On the live factory everything that acts asks here: `omf login` keeps a sign-in, and without one
the password of the account is typed or is the first line of stdin.
"""

import asyncio
import getpass
import os
import socket
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NoReturn

import typer

from services.cli.connection import DEFAULT_DATA, Endpoints
from services.cli.output import fail, told
from services.cli.personal_token import PersonalTokenError, person_by_token
from services.cli.stages import EXIT_CODES
from services.common.auth import kept_sign_in
from services.common.auth.access_tokens import is_personal
from services.common.auth.api_tokens import ApiClient, Tokens, TokensError
from services.common.auth.directory_file import DirectoryFile, DirectoryFileError
from services.common.auth.directory_people import (
    DirectoryAwayError,
    DirectoryPeople,
    DirectoryRefusedError,
)
from services.common.auth.group_roles import GroupRoles, GroupsError
from services.common.auth.kept_sign_in import KeptSignIn, KeptSignInError
from services.common.auth.passwords import fits
from services.common.auth.user_file import Account, Accounts, AccountsError
from services.common.mqtt.link import BrokerAddress
from services.common.process import clock
from services.common.store import lease
from services.common.store.environments import is_live, names, told_broker
from services.common.store.keys import Environment, KnownBy, Role, Stage
from services.supervisor import runfile
from services.supervisor.plan import TOKENS
from services.supervisor.runfile import USERS_FILE_NAME, NotRunningError

LOGIN = "sign in with `omf login`"


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
    environment: Environment,
    run: Path | None,
    user: str,
    role: Role | None,
    *,
    undone: str = "sent",
    believed: bool | None = None,
) -> tuple[str, Role]:
    """Name and role of who sends a command; ends the command where nobody is who they say.

    A mock or a replayed factory believes the name and the role, as its pages do. The live one takes
    what `omf login` kept, else asks for the password of the account, and gives no more than the
    role of that account. `undone` is what a refusal says of what was asked for;
    `believed` says otherwise whether what is claimed is taken as it is.
    """
    if not is_live(environment) if believed is None else believed:
        return user or login_name(), role or Role.ADMIN
    try:
        name, has = _recognised(environment, run, user)
    except (*_NOBODY, KeptSignInError) as error:
        _refuse(str(error), undone)
    if role and not has.includes(role):
        _refuse(f"{name} acts as {has} at most, not as {role}", undone)
    return name, role or has


def asker(
    place: Endpoints, run: Path | None, user: str, role: Role | None, *, dry_run: bool
) -> dict[str, Any]:
    """Who gives a command, as it stands with it; ends the command as `asked_by`.

    A factory that asks for four eyes believes nobody, whatever it is: both people must be known.
    """
    asks = not dry_run and (is_live(place.environment) or _four_eyes(place))
    name, acts_as = asked_by(place.environment, run, user, role, believed=not asks)
    known_by = _shown(run, user) if asks else ""
    return {"operator": name, "role": acts_as, "source": source(), "known_by": known_by}


def _four_eyes(place: Endpoints) -> bool:
    async def read() -> bool:
        async with place.bus() as bus:
            return (await lease.read(bus)).four_eyes

    with told():
        return asyncio.run(read())


def _shown(run: Path | None, user: str) -> KnownBy:
    """What `asked_by` went by."""
    kept = kept_sign_in.kept_at(place_of(run))
    return "token" if kept and kept.token and user in ("", kept.name) else "account"


def allowed(environment: Environment, run: Path | None, needed: Role, user: str = "") -> str:
    """Name of who does what takes the role `needed`; ends the command where it may not be done."""
    name, role = asked_by(environment, run, user, None, undone="changed")
    if not role.includes(needed):
        _refuse(f"{name} is {role}, and this takes the role {needed}", "changed")
    return name


def allowed_at_broker(broker: str, environment: Environment) -> None:
    """Ends a command that publishes by itself, if it would at the live factory and may not.

    ValueError for an address that is none.
    """
    if live := environment if is_live(environment) else _live_at(_nodes(broker)):
        allowed(live, None, Role.ADMIN)


def users_file(run: Path | None) -> Path:
    """The users file of an installation, which is also what tells one from another."""
    named = os.environ.get("OMF_UI_USERS_FILE")
    return Path(named) if named and run is None else (run or DEFAULT_DATA) / USERS_FILE_NAME


def place_of(run: Path | None) -> str:
    """Under which name the sign-in of an installation is kept."""
    return str(users_file(run).resolve())


def by_password(run: Path | None, name: str) -> Account:
    """The account whose password is given now; ends the command if it is another's."""
    try:
        return _with_password(Accounts(users_file(run)), name, "no password was given")
    except (AccountsError, _SignInRefusedError) as error:
        fail(str(error), EXIT_CODES[Stage.REFUSED])


def by_token(run: Path | None) -> tuple[str, ApiClient]:
    """A token given now and its client; ends the command if it is not known."""
    token = _ask_secret("Token")
    try:
        return token, _client(run, token, filter(is_live, names()))
    except _NOBODY as error:
        fail(str(error), EXIT_CODES[Stage.REFUSED])


class _SignInRefusedError(Exception):
    """Nobody is who they say; the text says how to mend it."""


_NOBODY = (AccountsError, TokensError, PersonalTokenError, _SignInRefusedError)


def _recognised(environment: Environment, run: Path | None, user: str) -> tuple[str, Role]:
    kept = kept_sign_in.kept_at(place_of(run))
    if kept and kept.token and user in ("", kept.name):
        client = _client(run, kept.token, (environment,))
        return client.name, client.role_at(environment)
    accounts = Accounts(users_file(run))
    if kept and not kept.token and user in ("", kept.name):
        account = accounts.get(kept.name)
        if account and kept.holds(account, clock.now()):
            return account.name, account.role_at(environment)
        account = _with_password(accounts, kept.name, _over(kept))
    else:
        account = _with_password(accounts, user, "")
    return account.name, account.role_at(environment)


def _over(kept: KeptSignIn) -> str:
    """Why a sign-in that was kept counts no longer."""
    if clock.now() >= kept.until:
        return f"the sign-in of {kept.name} is over"
    return f"the account of {kept.name} has changed since the sign-in"


def _with_password(accounts: Accounts, name: str, over: str) -> Account:
    people = _people(accounts)
    if not accounts.all() and people is None:
        raise _SignInRefusedError("nobody has an account: make one with `omf user add NAME ROLE`")
    name = name or _ask_name()
    password = _ask_secret("Password")
    if not password:
        raise _SignInRefusedError(f"{over or 'nobody is signed in'}: {LOGIN}")
    account = accounts.get(name)
    if account is None and people and not accounts.like(name):
        return _of_directory(people, name, password.rstrip("\r\n"))
    if not fits(password.rstrip("\r\n"), account.password if account else None) or account is None:
        raise _SignInRefusedError("name or password is wrong")
    if account.locked:
        raise _SignInRefusedError(
            f"the account of {account.name} is locked; an administrator unlocks it"
        )
    return account


def _people(accounts: Accounts) -> DirectoryPeople | None:
    """The people whose passwords the company's directory knows; None where none is named."""
    named = os.environ.get("OMF_UI_DIRECTORY_FILE")
    try:
        found = DirectoryFile.read(Path(named), names()) if named else None
        if found is None or found.ldap is None:
            return None
        # Most sites have no directory, and its driver is large.
        from services.common.auth.ldap_directory import people_of  # noqa: PLC0415

        return people_of(found.ldap, accounts, GroupRoles(found.groups))
    except DirectoryFileError as error:
        raise _SignInRefusedError(f"OMF_UI_DIRECTORY_FILE: {error}") from None


def _of_directory(people: DirectoryPeople, name: str, password: str) -> Account:
    try:
        return people.account(name, password)
    except DirectoryAwayError as error:
        raise _SignInRefusedError(
            f"the directory is away, only local accounts can sign in: {error}"
        ) from None
    except GroupsError as error:
        raise _SignInRefusedError(f"{name} may do nothing here: {error}") from None
    except DirectoryRefusedError:
        raise _SignInRefusedError("name or password is wrong") from None


def _client(run: Path | None, token: str, asked: Iterable[str]) -> ApiClient:
    """The client of a token that is for one of the factories in `asked`."""
    asked, token = tuple(asked), token.strip()
    if is_personal(token):
        return person_by_token(run, token, source())
    client = Tokens(_tokens_file(run)).of(token)
    if client is None:
        raise _SignInRefusedError("the token is not known (any more): `omf token` makes one")
    if not any(client.enters(name) for name in asked):
        raise _SignInRefusedError(
            f"the token of {client.name} is not for the live factory {' or '.join(asked)}"
        )
    return client


def _tokens_file(run: Path | None) -> Path:
    named = os.environ.get("OMF_API_TOKENS_FILE")
    return Path(named) if named and run is None else (run or DEFAULT_DATA) / TOKENS


def _nodes(broker: str) -> set[tuple[str, int]]:
    return {(node.host, node.port) for node in BrokerAddress.parse_each(broker)}


def _live_at(nodes: set[tuple[str, int]]) -> str | None:
    """The live factory whose broker this is, as far as anybody told where theirs are."""
    for name in filter(is_live, names()):
        known = told_broker(name) or _running_broker(name)
        if known and nodes & _nodes(known):
            return name
    return None


def _running_broker(name: str) -> str:
    try:
        return runfile.read(DEFAULT_DATA).mqtt.get(name, "")
    except NotRunningError:
        return ""


def _ask_name() -> str:
    if not sys.stdin.isatty():
        return login_name()
    return str(typer.prompt("Name", default=login_name(), err=True))


def _ask_secret(what: str) -> str:
    """From the terminal, unseen; else the first line of stdin, "" where there is none."""
    if sys.stdin.isatty():
        return str(typer.prompt(what, hide_input=True, err=True))
    return sys.stdin.readline()


def _refuse(why: str, undone: str) -> NoReturn:
    fail(f"refused, nothing was {undone}: {why}", EXIT_CODES[Stage.REFUSED])
