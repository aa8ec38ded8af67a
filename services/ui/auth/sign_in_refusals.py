"""Notes for the audit who was not let in; a flood of tries makes no flood of notes."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from services.common.auth.token_notes import write_note
from services.common.auth.user_file import Accounts
from services.common.process import clock
from services.common.store.access_notes import UNKNOWN_NAME, AccessNote, SignInFlaw
from services.common.store.bus import Bus, StoreError
from services.common.store.keys import Role

REFUSALS_WRITTEN_EVERY_S = 2.0
REFUSED_NOTED_EVERY_S = 60.0
"""Of one name for one reason, and of all names that nobody has here together."""
LAST_WRITE_S = 1.0
MAX_REFUSED_NAMES = 1_000
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Refused:
    """Tries since the last note."""

    times: int = 0
    source: str = ""
    """Of the last one."""
    at: float = 0.0
    noted: float = -REFUSED_NOTED_EVERY_S


class SignInRefusals:
    """Those of one process: counted at once, written every two seconds and once more at its end.

    A name stands in a note only if somebody here has it, or proved it at the directory: what was
    typed may be a password in the wrong field, and nothing is ever taken out of the audit.
    """

    def __init__(
        self, bus: Bus, accounts: Accounts, monotonic: Callable[[], float] = clock.monotonic
    ) -> None:
        self._bus, self._accounts, self._monotonic = bus, accounts, monotonic
        self._refused: dict[tuple[str, SignInFlaw], _Refused] = {}

    def refused(
        self, name: str, why: SignInFlaw, address: str, now: float, *, proved: bool = False
    ) -> None:
        """Somebody was not let in under this name; "" where none was told."""
        known = next((one for one in self._accounts.all() if one.casefold() == name.casefold()), "")
        key = (name[:64] if proved else known) or UNKNOWN_NAME, why
        if key not in self._refused and len(self._refused) >= MAX_REFUSED_NAMES:
            key = UNKNOWN_NAME, why
        entry = self._refused.setdefault(key, _Refused())
        entry.times, entry.source, entry.at = entry.times + 1, f"ui {address}", now

    async def run(self) -> None:
        """Go on until cancelled; then what was counted is written once more."""
        told = ""
        try:
            while True:
                await asyncio.sleep(REFUSALS_WRITTEN_EVERY_S)
                told = await self._tried(told)
        finally:
            for one in self._refused.values():
                one.noted = -REFUSED_NOTED_EVERY_S
            with suppress(TimeoutError):
                async with asyncio.timeout(LAST_WRITE_S):
                    await self._tried("")

    async def write(self) -> None:
        """Note what is due; what cannot be noted now is counted on. StoreError."""
        now = self._monotonic()
        for (name, why), one in list(self._refused.items()):
            if now - one.noted < REFUSED_NOTED_EVERY_S:
                continue
            if not one.times:
                del self._refused[name, why]
                continue
            times, one.times = one.times, 0
            try:
                await self._noted(name, why, one, times)
            except StoreError:
                one.times += times
                raise
            one.noted = now

    async def _noted(self, name: str, why: SignInFlaw, one: _Refused, times: int) -> None:
        account = self._accounts.get(name)
        note = AccessNote(
            about="sign-in",
            act="refused",
            name=name,
            why=why,
            source=one.source,
            most=account.role if account else Role.VIEWER,
            times=times,
            at=one.at,
        )
        await write_note(self._bus, note)

    async def _tried(self, told: str) -> str:
        """What went wrong; "" for nothing. The log says it once."""
        try:
            await self.write()
        except StoreError as error:
            if told != str(error):
                _log.warning("refused sign-ins are noted later: %s", error)
            return str(error)
        return ""
