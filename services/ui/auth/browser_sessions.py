"""Who is signed in: kept on the server, known to a browser by a signed cookie only.

The store keeps what is kept, so that a restart of this process signs nobody out and a second one
behind the same proxy knows the same people. While the store is away those known so far stay known.
"""

import asyncio
import hashlib
import hmac
import secrets
from collections import OrderedDict
from typing import Protocol

from services.common.auth.kept_sign_in import LASTS_S
from services.common.auth.user_file import Account, Accounts
from services.common.store.bus import Bus, StoreError
from services.common.store.keys import StreamModel

COOKIE = "omf_session"
MAX_REMEMBERED = 1_000
ID_BYTES = 32
PATIENCE_S = 1.5
"""A frozen store must not hold up every page."""


class SignedIn(StreamModel):
    """One person at one browser. `id` is what logs and pages may show: no cookie follows from it.

    `proof` changes with the password, so that a new password ends what the old one began.
    """

    id: str
    name: str
    proof: str
    address: str = ""
    began: float = 0.0


class SessionStore(Protocol):
    """Where what is kept survives this process."""

    async def put(self, key: str, value: str, lasts_s: int) -> None:
        """Keep `value` for so long."""

    async def get(self, key: str) -> str | None:
        """What is kept, or None."""

    async def drop(self, key: str) -> None:
        """Keep it no longer."""


class RedisSessionStore:
    """Keys of the first environment, `signed-in:<id>`; StoreError while the store is away."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    async def put(self, key: str, value: str, lasts_s: int) -> None:
        """Keep `value` for so long."""
        await self._bus.call(self._bus.client.set(self._key(key), value, ex=lasts_s))

    async def get(self, key: str) -> str | None:
        """What is kept, or None."""
        found = await self._bus.call(self._bus.client.get(self._key(key)))
        return None if found is None else bytes(found).decode()

    async def drop(self, key: str) -> None:
        """Keep it no longer."""
        await self._bus.call(self._bus.client.delete(self._key(key)))

    def _key(self, key: str) -> str:
        return self._bus.key(f"signed-in:{key}")


class BrowserSessions:
    """Begins, knows and ends what a sign-in lasts."""

    def __init__(self, session_store: SessionStore, accounts: Accounts, secret: bytes) -> None:
        """`secret` signs the cookies, at least 32 bytes."""
        self._store = session_store
        self._accounts = accounts
        self._secret = secret
        self._remembered: OrderedDict[str, SignedIn] = OrderedDict()

    async def begin(self, account: Account, address: str, now: float) -> str:
        """The new cookie; its id was never used before. StoreError if it cannot be kept."""
        token = secrets.token_urlsafe(ID_BYTES)
        entry = SignedIn(
            id=_hash(token), name=account.name, proof=_proof(account), address=address, began=now
        )
        await self._store.put(entry.id, entry.model_dump_json(), LASTS_S)
        self._remember(entry)
        return f"{token}.{self._signature(token)}"

    async def of(self, cookie: str | None, now: float) -> tuple[SignedIn, Account] | None:
        """Who shows this cookie; None for a forged, ended or outdated one.

        A forged cookie costs one hash and never reaches the store.
        """
        token, _, signature = (cookie or "").partition(".")
        if not hmac.compare_digest(signature.encode(), self._signature(token).encode()):
            return None
        return await self.still(_hash(token), now)

    async def still(self, entry_id: str, now: float) -> tuple[SignedIn, Account] | None:
        """The same by the entry's id: for pages that stay open."""
        entry = await self._found(entry_id)
        account = self._accounts.get(entry.name) if entry else None
        if entry is None or account is None or account.locked:
            return None
        fresh = entry.proof == _proof(account) and now < entry.began + LASTS_S
        return (entry, account) if fresh else None

    async def end(self, entry_id: str) -> None:
        """Signed out; the cookie opens nothing from now on."""
        self._remembered.pop(entry_id, None)
        await self._store.drop(entry_id)

    async def _found(self, entry_id: str) -> SignedIn | None:
        try:
            async with asyncio.timeout(PATIENCE_S):
                kept = await self._store.get(entry_id)
        except (StoreError, TimeoutError):
            return self._remembered.get(entry_id)
        if kept is None:
            self._remembered.pop(entry_id, None)
            return None
        entry = SignedIn.model_validate_json(kept)
        self._remember(entry)
        return entry

    def _remember(self, entry: SignedIn) -> None:
        self._remembered[entry.id] = entry
        self._remembered.move_to_end(entry.id)
        while len(self._remembered) > MAX_REMEMBERED:
            self._remembered.popitem(last=False)

    def _signature(self, token: str) -> str:
        return hmac.new(self._secret, token.encode(errors="replace"), hashlib.sha256).hexdigest()


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _proof(account: Account) -> str:
    return hashlib.sha256(account.password.encode()).hexdigest()[:16]
