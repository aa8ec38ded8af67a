"""What was noted of each account for the audit, and the notes of what became of it since."""

from importlib.resources import files

from services.common.auth.account_changes import AccountActor, AccountState, turns
from services.common.process import clock
from services.common.store.access_notes import ACCESS_NOTES, MAX_WAITING_NOTES, AccessNote
from services.common.store.bus import Bus
from services.common.store.entries import readable, text

ACCOUNTS_NOTED = "accounts:noted"
_NUMBER = "#"
"""The field of the last change that was taken over; no name begins so."""
_ACCOUNT = files(__package__).joinpath("account.lua").read_text("utf-8")


class AccountNotes:
    """Those of one installation, as the store knew them at one moment."""

    def __init__(self, bus: Bus, noted: dict[str, str]) -> None:
        self._bus, self._noted = bus, noted
        self.number = int(noted.pop(_NUMBER, "0"))
        """Of the last change that was taken over."""

    def names(self) -> set[str]:
        """Everybody of whom an account is noted."""
        return set(self._noted)

    async def take(
        self, name: str, now: AccountState | None, by: AccountActor, number: int | None = None
    ) -> bool:
        """Note what became of an account; False where another process was faster. StoreError."""
        raw = self._noted.get(name, "")
        before = readable(AccountState, raw or None, "an account that was noted")
        if before == now and number is None:
            return True
        notes = [
            AccessNote(
                about="account",
                act=act,
                name=name,
                why=why,
                by=by.name,
                source=by.source,
                most=by.role,
                roles=now.roles if now else "",
                at=clock.now() if number is None else number / 1e6,
            ).model_dump_json()
            for act, why in turns(before, now)
        ]
        state = now.model_dump_json() if now else ""
        keys = [self._bus.key(ACCOUNTS_NOTED), self._bus.key(ACCESS_NOTES)]
        told = "" if number is None else str(number)
        args = [name, raw, state, told, str(MAX_WAITING_NOTES), *notes]
        if not await self._bus.script(_ACCOUNT, keys, args):
            return False
        self._noted[name] = state
        return True


async def noted_accounts(bus: Bus) -> AccountNotes:
    """As they are now. StoreError."""
    found = await bus.call(bus.client.hgetall(bus.key(ACCOUNTS_NOTED)))
    return AccountNotes(bus, {text(name): text(state) for name, state in found.items()})
