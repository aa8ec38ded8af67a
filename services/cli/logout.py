"""`omf logout`: keeps a sign-in no longer."""

from services.cli import sign_in
from services.cli.options import RunOption
from services.cli.output import fail, say
from services.common.auth import kept_sign_in
from services.common.auth.kept_sign_in import KeptSignInError


def command(*, run: RunOption = None) -> None:
    """Forget what `omf login` kept; commands to the live factory ask for a password again."""
    try:
        known = kept_sign_in.forget(sign_in.place_of(run))
    except KeptSignInError as error:
        fail(str(error))
    say("signed out" if known else "nobody was signed in here")
