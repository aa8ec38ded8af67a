"""`omf logout`: keeps a sign-in no longer."""

from pathlib import Path
from typing import Annotated

import typer

from services.cli import sign_in
from services.cli.options import RunOption
from services.cli.output import fail, say
from services.common.auth import kept_sign_in
from services.common.auth.kept_sign_in import KeptSignInError
from services.common.auth.user_file import Accounts, AccountsError
from services.common.process import clock


def command(
    *,
    everywhere: Annotated[
        bool, typer.Option("--everywhere", help="At every browser and machine, not only here.")
    ] = False,
    run: RunOption = None,
) -> None:
    """Forget what `omf login` kept; commands to the live factory ask for a password again.

    With --everywhere all sign-ins of the person who is signed in here are over, at the pages too.
    """
    try:
        name = _end_everywhere(run) if everywhere else ""
        known = kept_sign_in.forget(sign_in.place_of(run))
    except (KeptSignInError, AccountsError) as error:
        fail(str(error))
    where = f"{name} is signed out everywhere" if name else "signed out"
    say(where if known else "nobody was signed in here")


def _end_everywhere(run: Path | None) -> str:
    """Name of the person whose sign-ins are over now; "" if nobody is signed in here."""
    kept, accounts = kept_sign_in.kept_at(sign_in.place_of(run)), Accounts(sign_in.users_file(run))
    account = accounts.get(kept.name) if kept and not kept.token else None
    if kept is None or account is None or not kept.holds(account, clock.now()):
        return ""
    accounts.change(account.name, signed_out_at=clock.now())
    return account.name
