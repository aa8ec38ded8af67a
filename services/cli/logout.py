"""`omf logout`: keeps a sign-in no longer, and ends the token it kept."""

from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from services.cli import sign_in
from services.cli.options import RunOption
from services.cli.output import fail, say
from services.cli.personal_token import end_shown
from services.common.auth import kept_sign_in
from services.common.auth.access_tokens import is_personal
from services.common.auth.account_changes import AccountActor
from services.common.auth.kept_sign_in import KeptSignIn, KeptSignInError
from services.common.auth.user_file import Accounts, AccountsError
from services.common.process import clock
from services.common.store.bus import StoreError
from services.supervisor.runfile import NotRunningError

ONLY_HERE = (
    "other sign-ins and tokens hold as before: from here they are all ended by who is signed in "
    "with a password (`omf login NAME`, then again), else on the page My sign-ins"
)


class _TokenStandsError(Exception):
    """The token is forgotten here and opens as before; the text says what ends it."""


def command(
    *,
    everywhere: Annotated[
        bool, typer.Option("--everywhere", help="At every browser and machine, not only here.")
    ] = False,
    keep_token: Annotated[
        bool,
        typer.Option("--keep-token", help="Forget the token only: something else uses it too."),
    ] = False,
    run: RunOption = None,
) -> None:
    """Forget what `omf login` kept; commands to the live factory ask for a password again.

    A token of a person is ended, and opens nothing at any door from then on. With --everywhere all
    sign-ins of the person who is signed in here with a password are over, at the pages too; where a
    token is kept, or the sign-in was over, it ends that one and says that the others hold.
    """
    ended, stands = "", []
    try:
        name = _end_everywhere(run) if everywhere else ""
        try:
            ended = "" if keep_token else _end_token(run)
        except _TokenStandsError as error:
            stands.append(str(error))
        known = kept_sign_in.forget(sign_in.place_of(run))
    except (KeptSignInError, AccountsError) as error:
        fail(str(error))
    where = f"{name} is signed out everywhere" if name else "signed out"
    say(f"{where}{ended}" if known else "nobody was signed in here")
    if everywhere and known and not name:
        stands.append(ONLY_HERE)
    if stands:
        fail("; ".join(stands))


def _end_token(run: Path | None) -> str:
    """What became of the token that is kept, if any; _TokenStandsError where it opens on."""
    kept: KeptSignIn | None = None
    with suppress(KeptSignInError):  # what others can read is forgotten all the same
        kept = kept_sign_in.kept_at(sign_in.place_of(run))
    if kept is None or not kept.token:
        return ""
    if not is_personal(kept.token):
        return (
            f"; the token of {kept.name} is valid as before: it ends once its line is taken out of "
            "the tokens file"
        )
    try:
        ended = end_shown(run, kept.token, sign_in.source())
    except (StoreError, NotRunningError) as error:
        until = f" until {clock.iso(kept.until)}" if kept.until else ""
        raise _TokenStandsError(
            f"the token is forgotten here and still valid{until}, for it cannot be ended from here "
            f"now ({error}); the page My sign-ins ends it"
        ) from None
    return ", the token is ended" if ended else ", the token had ended before"


def _end_everywhere(run: Path | None) -> str:
    """Name of the person whose sign-ins are over now; "" if nobody is signed in here."""
    kept, accounts = kept_sign_in.kept_at(sign_in.place_of(run)), Accounts(sign_in.users_file(run))
    account = accounts.get(kept.name) if kept and not kept.token else None
    if kept is None or account is None or not kept.holds(account, clock.now()):
        return ""
    actor = AccountActor(name=account.name, role=account.role, source=sign_in.source()[:200])
    accounts.acting(actor).change(account.name, signed_out_at=clock.now())
    return account.name
