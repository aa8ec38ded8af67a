"""What `omf login` keeps: who a person of this machine is, for each installation they signed in at.

One file in the person's own configuration folder, readable by them alone. No password is in it: a
sign-in is sealed with the hash of the password, so that a new password, a lock, a removal of the
account or a sign-out everywhere ends it as it ends a sign-in at the pages.
"""

import hashlib
import hmac
import os
import stat
from pathlib import Path

from pydantic import Field, TypeAdapter, ValidationError

from services.common.auth.user_file import Account
from services.common.store.keys import StreamModel

LASTS_S = 8 * 3600
"""A shift: after it a person signs in again, at the pages as on the command line."""
KEPT_FILE_NAME = "sign-in.json"
MAX_KEPT_BYTES = 100_000


class KeptSignInError(Exception):
    """The file cannot be used; the text says why and how to mend it."""


class KeptSignIn(StreamModel):
    """One person or client at one installation: a sealed name until a time, or a token."""

    place: str
    """The users file of the installation."""
    name: str
    until: float = 0.0
    """Unix seconds; a token ends when it is taken out of the tokens file."""
    seal: str = Field("", repr=False)
    token: str = Field("", repr=False)

    def holds(self, account: Account | None, now: float) -> bool:
        """True while the account is there, open, with the same password, and the time not over."""
        if account is None or account.locked or now >= self.until:
            return False
        return hmac.compare_digest(self.seal, _seal(account, self.place, self.until))


_KEPT = TypeAdapter(list[KeptSignIn])


def sealed(account: Account, place: str, now: float) -> KeptSignIn:
    """The sign-in of a person whose password was checked, from now on."""
    until = now + LASTS_S
    seal = _seal(account, place, until)
    return KeptSignIn(place=place, name=account.name, until=until, seal=seal)


def kept_file() -> Path:
    """Where this person's sign-ins are kept; KeptSignInError where they have no such folder."""
    try:
        folder = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    except RuntimeError:
        message = "this user has no home folder: set XDG_CONFIG_HOME, or give the password on stdin"
        raise KeptSignInError(message) from None
    return Path(folder) / "omf" / KEPT_FILE_NAME


def kept_at(place: str) -> KeptSignIn | None:
    """The sign-in kept for an installation; KeptSignInError for a file that others can read."""
    return next((one for one in _read(kept_file()) if one.place == place), None)


def keep(one: KeptSignIn) -> Path:
    """Keep it in the place of an earlier one; returns the file. KeptSignInError if it cannot be."""
    path = kept_file()
    try:
        others = [kept for kept in _read(path) if kept.place != one.place]
    except KeptSignInError:
        others = []  # what nobody can use any more is written anew
    _write(path, [*others, one])
    return path


def forget(place: str) -> bool:
    """Keep nothing for this installation; False if nothing was kept."""
    path = kept_file()
    try:
        found = _read(path)
    except KeptSignInError:
        path.unlink(missing_ok=True)
        return True
    others = [kept for kept in found if kept.place != place]
    if len(others) == len(found):
        return False
    if others:
        _write(path, others)
    else:
        path.unlink(missing_ok=True)
    return True


def _seal(account: Account, place: str, until: float) -> str:
    said = f"{account.name}\n{place}\n{until!r}"
    return hmac.new(account.sign_in_key, said.encode(), hashlib.sha256).hexdigest()


def _read(path: Path) -> list[KeptSignIn]:
    try:
        with path.open("rb") as file:
            found = os.fstat(file.fileno())
            if stat.S_IMODE(found.st_mode) & 0o077 or found.st_uid != os.getuid():
                raise KeptSignInError(f"{path} can be read by others: `omf login` writes it anew")
            return _KEPT.validate_json(file.read(MAX_KEPT_BYTES))
    except FileNotFoundError:
        return []
    except (ValidationError, OSError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is damaged"
        raise KeptSignInError(f"{path}: {why}; `omf login` writes it anew") from error


def _write(path: Path, found: list[KeptSignIn]) -> None:
    """The file is there as a whole or as it was before, and never readable by others."""
    new = path.with_name(f"{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        new.unlink(missing_ok=True)
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(_KEPT.dump_json(found))
            os.fchmod(file.fileno(), 0o600)
        new.replace(path)
    except OSError as error:
        raise KeptSignInError(f"{path}: {error.strerror}; set XDG_CONFIG_HOME") from error
