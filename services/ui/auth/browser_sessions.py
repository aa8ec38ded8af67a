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
from typing import Any, NamedTuple

from services.common.auth.access_tokens import DirectoryKind
from services.common.auth.account_changes import AccountActor, roles_line
from services.common.auth.group_roles import GroupRoles
from services.common.auth.kept_sign_in import LASTS_S
from services.common.auth.pins import may_have_pin
from services.common.auth.user_file import Account, Accounts
from services.common.process import clock
from services.common.store.access_notes import AccessAct, AccessNote, SignInDoor, SignInEnd
from services.common.store.bus import StoreError
from services.common.store.entries import all_readable, readable
from services.common.store.keys import StreamModel
from services.ui.auth.session_store import SessionStore

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

    def note(self, act: AccessAct, why: SignInDoor | SignInEnd, at: float) -> AccessNote:
        """What the audit is told of it."""
        return AccessNote(
            about="sign-in",
            act=act,
            why=why,
            name=self.name,
            label=self.device[:200],
            sign_in=self.id[:8],
            source=f"ui {self.address}".strip(),
            until=clock.iso(self.until),
            at=at,
        )


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

    async def begin(
        self,
        account: Account,
        address: str,
        now: float,
        device: str = "",
        door: SignInDoor = "password",
    ) -> str:
        """The new cookie; its id was never used before. StoreError if it cannot be kept."""
        visitor, proof = Visitor(address, device), account_proof(account)
        return await self._keep(visitor, account, door, now, proof=proof, began=now)

    async def begin_known(self, who: DirectoryPerson, visitor: Visitor, now: float) -> str:
        """The new cookie of a person a directory knows. StoreError if it cannot be kept."""
        account = self._roles.account(who.name, who.groups) if self._roles else None
        told = who._asdict()
        name = told.pop("name")
        return await self._keep(
            visitor, account or name, who.directory, now, proof="", began=now, **told
        )

    async def begin_after(
        self, before: SignedIn, account: Account, visitor: Visitor, now: float
    ) -> str:
        """The new cookie of who takes over a screen by a code, for as long as the one before had.

        StoreError if it cannot be kept.
        """
        return await self._keep(
            visitor,
            account,
            "pin",
            now,
            proof=account_proof(account, by_code=True),
            began=before.began,
            lasts_s=before.lasts_s,
            by_code=True,
        )

    async def _keep(
        self, visitor: Visitor, who: Account | str, door: SignInDoor, now: float, **told: Any
    ) -> str:
        """`who` is a name alone where nobody says what the person may."""
        token = secrets.token_urlsafe(ID_BYTES)
        name = who if isinstance(who, str) else who.name
        entry = SignedIn(id=_hash(token), name=name, **visitor._asdict(), **told)
        note = entry.note("made", door, now)
        if not isinstance(who, str):
            roles = {"most": who.role, "roles": roles_line(who.role, who.factories)}
            note = note.model_copy(update=roles)
        await self._store.put(entry.id, entry.model_dump_json(), entry.lasts_s, entry.until, note)
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

    async def end(
        self, entry: SignedIn, why: SignInEnd, now: float, by: AccountActor | None = None
    ) -> None:
        """Signed out; the cookie opens nothing from now on. `by` is somebody else who ended it.

        StoreError: it holds as before, for the store would know it again.
        """
        note = entry.note("ended", why, now)
        if by is not None:
            actor = {"by": by.name, "source": by.source, "most": by.role}
            note = note.model_copy(update=actor)
        await self._store.drop(entry.id, note)
        self._remembered.pop(entry.id, None)

    async def end_all(self, name: str, now: float, source: str = "") -> None:
        """Every sign-in of that person is over, at the pages and on the command line.

        The account is stamped first, for which no store need answer. AccountsError if it cannot be;
        StoreError where there is no account to stamp and the store is away.
        """
        if account := self._accounts.get(name):
            actor = AccountActor(name=name, role=account.role, source=source)
            self._accounts.acting(actor).change(name, signed_out_at=now)
        with suppress(StoreError) if account else nullcontext():
            for entry in await self._all(now):
                if entry.name == name:
                    await self.end(entry, "everywhere", now)

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
