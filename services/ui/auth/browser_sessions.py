"""Who is signed in: kept on the server, known to a browser by a signed cookie only.

The store keeps what is kept, so that a restart of this process signs nobody out and a second one
behind the same proxy knows the same people. While the store is away those known so far stay known.
"""

import asyncio
import hashlib
import hmac
import secrets
from collections import OrderedDict
from contextlib import nullcontext, suppress
from typing import Any, NamedTuple, Protocol

from services.common.auth.access_tokens import DirectoryKind
from services.common.auth.group_roles import GroupRoles
from services.common.auth.kept_sign_in import LASTS_S
from services.common.auth.pins import may_have_pin
from services.common.auth.user_file import Account, Accounts
from services.common.store.bus import Bus, StoreError
from services.common.store.entries import all_readable, readable
from services.common.store.keys import StreamModel

COOKIE = "omf_session"
MAX_REMEMBERED = 1_000
ID_BYTES = 32
_CALLED = "a sign-in"
PATIENCE_S = 1.5
"""A frozen store must not hold up every page."""


class SignedIn(StreamModel):
    """One person at one browser. `id` is what logs and pages may show: no cookie follows from it.

    `proof` changes with the password and with a sign-out everywhere, which ends what began before;
    that of who came by a code with the code too.
    """

    id: str
    name: str
    proof: str
    address: str = ""
    began: float = 0.0
    device: str = ""
    """Browser and system as the person knows them; "" where the browser did not say."""
    directory: DirectoryKind | None = None
    """Who knows this person; None: the users file."""
    groups: tuple[str, ...] = ()
    """Those of the directory that gave a right."""
    lasts_s: int = LASTS_S
    by_code: bool = False
    """Came by a PIN or badge at a screen where somebody else had signed in."""

    @property
    def until(self) -> float:
        """When it is over by itself; Unix seconds."""
        return self.began + self.lasts_s

    @property
    def own_keys(self) -> bool:
        """True for who may change the passkeys of the account.

        One of a directory has its keys there; a code typed in front of others must not make a key
        that opens everywhere and outlives it.
        """
        return self.directory is None and not self.by_code


class Visitor(NamedTuple):
    """From where somebody signs in."""

    address: str = ""
    device: str = ""


class DirectoryPerson(NamedTuple):
    """Who a directory says somebody is, and the groups of theirs that have a role here."""

    directory: DirectoryKind
    name: str
    groups: tuple[str, ...]
    lasts_s: int


class SessionStore(Protocol):
    """Where what is kept survives this process."""

    async def put(self, key: str, value: str, lasts_s: int, until: float) -> None:
        """Keep `value` for so long, which is until then; listed from before it is kept."""

    async def get(self, key: str) -> str | None:
        """What is kept, or None."""

    async def drop(self, key: str) -> None:
        """Keep it no longer."""

    async def all(self, now: float) -> list[str]:
        """Everything that is kept at the time `now`."""


class RedisSessionStore:
    """Keys of the first environment, `signed-in:<id>`; StoreError while the store is away.

    `signed-in:all` lists the ids by the time they end: the store's accounts may not look for keys.
    """

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    async def put(self, key: str, value: str, lasts_s: int, until: float) -> None:
        """Keep `value` for so long, which is until then; listed from before it is kept."""
        await self._bus.call(self._bus.client.zadd(self._index, {key: until}))
        await self._bus.call(self._bus.client.set(self._key(key), value, ex=lasts_s))

    async def get(self, key: str) -> str | None:
        """What is kept, or None."""
        found = await self._bus.call(self._bus.client.get(self._key(key)))
        return None if found is None else bytes(found).decode()

    async def drop(self, key: str) -> None:
        """Keep it no longer."""
        await self._bus.call(self._bus.client.delete(self._key(key)))
        await self._bus.call(self._bus.client.zrem(self._index, key))

    async def all(self, now: float) -> list[str]:
        """Everything that is kept at the time `now`."""
        client, index = self._bus.client, self._index
        await self._bus.call(client.zremrangebyscore(index, "-inf", now))
        ids = await self._bus.call(client.zrange(index, 0, -1))
        if not ids:
            return []
        found = await self._bus.call(client.mget([self._key(bytes(one).decode()) for one in ids]))
        return [bytes(one).decode() for one in found if one is not None]

    def _key(self, key: str) -> str:
        return self._bus.key(f"signed-in:{key}")

    @property
    def _index(self) -> str:
        return self._bus.key("signed-in:all")


class BrowserSessions:
    """Begins, knows and ends what a sign-in lasts."""

    def __init__(
        self,
        session_store: SessionStore,
        accounts: Accounts,
        secret: bytes,
        roles: GroupRoles | None = None,
    ) -> None:
        """`secret` signs the cookies, at least 32 bytes; `roles` are of people in a directory."""
        self._roles = roles
        self._store = session_store
        self._accounts = accounts
        self._secret = secret
        self._remembered: OrderedDict[str, SignedIn] = OrderedDict()

    async def begin(self, account: Account, address: str, now: float, device: str = "") -> str:
        """The new cookie; its id was never used before. StoreError if it cannot be kept."""
        visitor = Visitor(address, device)
        return await self._keep(visitor, name=account.name, proof=account_proof(account), began=now)

    async def begin_known(self, who: DirectoryPerson, visitor: Visitor, now: float) -> str:
        """The new cookie of a person a directory knows. StoreError if it cannot be kept."""
        return await self._keep(visitor, proof="", began=now, **who._asdict())

    async def begin_after(self, before: SignedIn, account: Account, visitor: Visitor) -> str:
        """The new cookie of who takes over a screen by a code, for as long as the one before had.

        StoreError if it cannot be kept.
        """
        return await self._keep(
            visitor,
            name=account.name,
            proof=account_proof(account, by_code=True),
            began=before.began,
            lasts_s=before.lasts_s,
            by_code=True,
        )

    async def _keep(self, visitor: Visitor, **told: Any) -> str:
        token = secrets.token_urlsafe(ID_BYTES)
        entry = SignedIn(id=_hash(token), **visitor._asdict(), **told)
        await self._store.put(entry.id, entry.model_dump_json(), entry.lasts_s, entry.until)
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
        return self._holding(entry, now) if entry else None

    def remembered(self, entry_id: str | None, now: float) -> tuple[SignedIn, Account] | None:
        """The same as this process last knew it: the pages it keeps open are asked for each 2 s."""
        entry = self._remembered.get(entry_id or "")
        return self._holding(entry, now) if entry else None

    async def listed(self, now: float) -> list[SignedIn]:
        """Every sign-in that still holds, the newest first. StoreError while the store is away."""
        holding = [one for one in await self._all(now) if self._holding(one, now)]
        return sorted(holding, key=lambda one: (-one.began, one.id))

    async def end(self, entry_id: str) -> None:
        """Signed out; the cookie opens nothing from now on."""
        self._remembered.pop(entry_id, None)
        await self._store.drop(entry_id)

    async def end_all(self, name: str, now: float) -> None:
        """Every sign-in of that person is over, at the pages and on the command line.

        The account is stamped first, for which no store need answer. AccountsError if it cannot be;
        StoreError where there is no account to stamp and the store is away.
        """
        if stamped := self._accounts.get(name) is not None:
            self._accounts.change(name, signed_out_at=now)
        with suppress(StoreError) if stamped else nullcontext():
            for entry in await self._all(now):
                if entry.name == name:
                    await self.end(entry.id)

    def _holding(self, entry: SignedIn, now: float) -> tuple[SignedIn, Account] | None:
        if now >= entry.until:
            return None
        if entry.directory:
            found = self._roles.account(entry.name, entry.groups) if self._roles else None
            return (entry, found) if found and not self._accounts.like(entry.name) else None
        account = self._accounts.get(entry.name)
        if account is None or account.locked:
            return None
        if entry.proof != account_proof(account, by_code=entry.by_code):
            return None
        if entry.by_code and not may_have_pin(account):
            return None
        return entry, account

    async def _all(self, now: float) -> list[SignedIn]:
        try:
            async with asyncio.timeout(PATIENCE_S):
                kept = await self._store.all(now)
        except TimeoutError as error:
            raise StoreError("the store did not answer in time") from error
        return all_readable(SignedIn, kept, _CALLED)

    async def _found(self, entry_id: str) -> SignedIn | None:
        try:
            async with asyncio.timeout(PATIENCE_S):
                kept = await self._store.get(entry_id)
        except (StoreError, TimeoutError):
            return self._remembered.get(entry_id)
        entry = readable(SignedIn, kept, _CALLED)
        if entry is None:
            self._remembered.pop(entry_id, None)
            return None
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


def account_proof(account: Account, *, by_code: bool = False) -> str:
    """Another one as soon as what the person signed in with counts no more."""
    code = f"\n{account.pin}".encode() if by_code else b""
    return hashlib.sha256(account.sign_in_key + code).hexdigest()[:16]
