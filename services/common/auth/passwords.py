"""Passwords as argon2id hashes; what a person typed is kept nowhere."""

import threading
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MIN_LENGTH = 10
MAX_LENGTH = 200
"""Longer ones are refused before they are hashed."""

_hasher = PasswordHasher()
# Each hash takes 64 MiB: a crowd at the login must wait, not fill the memory.
_one = threading.Lock()


class PasswordError(ValueError):
    """The password does not do; the text says what is wanted."""


def hashed(password: str, shortest: int = MIN_LENGTH) -> str:
    """The hash to keep; PasswordError for one that is too short or too long."""
    if not shortest <= len(password) <= MAX_LENGTH:
        raise PasswordError(f"a password has {shortest} to {MAX_LENGTH} characters")
    with _one:
        return _hasher.hash(password)


def fits(password: str, kept: str | None) -> bool:
    """True if `password` is the one behind the hash.

    `kept` None, for a name nobody has, takes as long: the answer must not tell which names exist.
    """
    if len(password) > MAX_LENGTH:
        return False
    with _one:
        try:
            return _hasher.verify(kept or _decoy(), password) and kept is not None
        except (VerificationError, InvalidHashError):
            return False


@cache
def _decoy() -> str:
    return _hasher.hash("nobody's password")
