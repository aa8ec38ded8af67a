"""PINs and badge codes: who stands at a shared screen is changed by typing one.

A code signs nobody in where nobody signed in before, and belongs to nobody who administers: it is
shorter than a password and typed in front of others. It is kept as a hash with the account.
"""

from typing import Literal

from services.common.auth.passwords import PasswordError, fits, hashed
from services.common.auth.user_file import Account, Accounts
from services.common.store.keys import Role

MIN_PIN_LENGTH = 6
MAX_PIN_LENGTH = 64
MIN_PIN_CHARACTERS = 3
"""Different ones: 111111 is guessed first."""
MAX_PINS = 20
"""Each is asked in turn, at some 50 ms."""
HIGHEST_PIN_ROLE = Role.SUPERVISOR

PinFlaw = Literal["short", "simple", "taken", "role", "many", "unknown"]


class PinError(ValueError):
    """The code does not do; `flaw` says why."""

    def __init__(self, text: str, flaw: PinFlaw) -> None:
        super().__init__(text)
        self.flaw: PinFlaw = flaw


def set_pin(accounts: Accounts, name: str, code: str) -> None:
    """Give a person this code in place of the one before; takes a second.

    PinError for a code or person it cannot be, AccountsError if the file cannot be changed.
    """
    account = accounts.get(name)
    if account is None:
        raise PinError(f"nobody is called {name!r}", "unknown")
    if not may_have_pin(account):
        raise PinError(f"{name} administers: a PIN is for roles up to {HIGHEST_PIN_ROLE}", "role")
    code = code.strip()
    if len(code) < MIN_PIN_LENGTH or len(code) > MAX_PIN_LENGTH:
        said = f"a PIN or badge code has {MIN_PIN_LENGTH} to {MAX_PIN_LENGTH} characters"
        raise PinError(said, "short")
    if len(set(code)) < MIN_PIN_CHARACTERS:
        said = f"a PIN has at least {MIN_PIN_CHARACTERS} different characters"
        raise PinError(said, "simple")
    others = [one for one in accounts.all().values() if one.pin and one.name != name]
    if len(others) >= MAX_PINS:
        raise PinError(f"{MAX_PINS} people have a PIN already", "many")
    if any(fits(code, one.pin) for one in others):
        raise PinError("somebody has this PIN already: take another", "taken")
    try:
        kept = hashed(code, MIN_PIN_LENGTH)
    except PasswordError as error:
        raise PinError(str(error), "short") from None
    accounts.change(name, pin=kept)


def remove_pin(accounts: Accounts, name: str) -> None:
    """The person has no code any more; AccountsError as `Accounts.change`."""
    accounts.change(name, pin="")


def holder(accounts: Accounts, code: str) -> Account | None:
    """Whose code this is, None for nobody's; takes as long as there are codes."""
    code = code.strip()
    known = [one for one in accounts.all().values() if one.pin and may_have_pin(one)]
    found = [one for one in known if fits(code, one.pin)]
    if not known:
        fits(code, None)
    return next((one for one in found if not one.locked), None)


def may_have_pin(account: Account) -> bool:
    """True for who administers nowhere."""
    roles = (account.role, *account.factories.values())
    return all(HIGHEST_PIN_ROLE.includes(role) for role in roles)
