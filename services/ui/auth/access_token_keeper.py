"""Makes and ends personal tokens, and keeps up to date what their people may."""

import asyncio
import logging
from collections.abc import Collection, Mapping

from omf.constants import DAY_S
from services.common.auth import access_tokens
from services.common.auth.access_tokens import (
    MAX_ACCESS_TOKENS,
    AccessToken,
    DirectoryWord,
    PersonStanding,
    person_key,
)
from services.common.auth.account_changes import roles_line
from services.common.auth.directory_file import DirectoryFile
from services.common.auth.group_roles import GroupRoles
from services.common.auth.kept_sign_in import LASTS_S
from services.common.auth.token_notes import begin_token, end_token
from services.common.auth.user_file import Account, Accounts
from services.common.process import clock
from services.common.store.access_notes import AccessNote, SignInDoor, TokenWhy
from services.common.store.bus import Bus, StoreError
from services.common.store.keys import Role
from services.ui.auth.browser_sessions import DirectoryPerson, SignedIn, account_proof

BELIEVED_S = 300.0
"""So long a token works on while no page process can say what its person may."""
RENEWED_S = 120.0
REVIEWED_EVERY_S = 2.0
WORDS_KEPT_S = 400 * DAY_S
"""Longer than any token lasts."""
_log = logging.getLogger(__name__)


class TooManyTokensError(Exception):
    """The person has as many as they may have."""


class AccessTokenKeeper:
    """The tokens of all people of one installation, over the store of its first environment.

    Called from the loop of the pages alone. Two page processes may do the same at once: both come
    to the same, and a token that was ended comes back by nothing that is written here.
    """

    def __init__(
        self, bus: Bus, accounts: Accounts, roles: GroupRoles, directory: DirectoryFile | None
    ) -> None:
        self._bus = bus
        self._accounts = accounts
        self._roles = roles
        oidc = directory.oidc if directory else None
        days = oidc.token_days if oidc else 0
        self._word_lasts_s = {"ldap": LASTS_S, "oidc": days * DAY_S}

    async def run(self) -> None:
        """Go on until cancelled."""
        while True:
            try:
                await self.review(clock.now())
            except StoreError as error:
                _log.warning("personal tokens cannot be looked after: %s", error)
            await asyncio.sleep(REVIEWED_EVERY_S)

    async def make(
        self,
        sign_in: SignedIn,
        label: str,
        most: Role,
        lasts_s: float,
        now: float,
        door: SignInDoor | None = None,
    ) -> tuple[str, AccessToken]:
        """A new token of who is signed in so, to be shown once; by a `door` it is a sign-in itself.

        ValidationError for an unfit label, TooManyTokensError, StoreError.
        """
        shown, token_id = access_tokens.drawn()
        account = None if sign_in.directory else self._accounts.get(sign_in.name)
        token = AccessToken(
            id=token_id,
            name=sign_in.name,
            label=label,
            most=most,
            made=now,
            until=now + lasts_s,
            directory=sign_in.directory,
            proof=account_proof(account) if account else "",
        )
        if len(await self.of(sign_in)) >= MAX_ACCESS_TOKENS:
            raise TooManyTokensError
        if sign_in.directory and token.person not in await access_tokens.every_word(self._bus):
            await self._tell(sign_in.directory, sign_in.name, sign_in.groups, sign_in.began)
        notes = [self._by_door(sign_in, token, door)] if door else []
        await begin_token(self._bus, token, f"ui {sign_in.address}".strip(), *notes)
        extra = {"user": token.name, "token": token.id[:8], "label": token.label, "most": most}
        _log.warning("a personal token was made", extra=extra)
        await self.review(now)
        return shown, token

    def _by_door(self, sign_in: SignedIn, token: AccessToken, door: SignInDoor) -> AccessNote:
        account = self._roles.account(sign_in.name, sign_in.groups)
        return AccessNote(
            about="sign-in",
            act="made",
            why=door,
            name=token.name,
            label=token.label,
            token=token.id[:8],
            source=f"ui {sign_in.address}".strip(),
            most=account.role if account else Role.VIEWER,
            roles=roles_line(account.role, account.factories) if account else "",
            until=clock.iso(token.until),
            at=token.made,
        )

    async def of(self, sign_in: SignedIn) -> list[AccessToken]:
        """The tokens of the person who is signed in so. StoreError."""
        person = person_key(sign_in.directory, sign_in.name)
        return [one for one in await access_tokens.every_token(self._bus) if one.person == person]

    async def every(self) -> list[AccessToken]:
        """Those of everybody. StoreError."""
        return await access_tokens.every_token(self._bus)

    async def last_uses(self) -> dict[str, float]:
        """When each was last used, by id. StoreError."""
        return await access_tokens.last_uses(self._bus)

    async def end(self, token: AccessToken, why: TokenWhy, by: str = "", source: str = "") -> None:
        """It opens nothing any more. StoreError."""
        if await end_token(self._bus, token, why, by, source):
            extra = {"user": token.name, "token": token.id[:8], "label": token.label, "by": by}
            _log.warning("a personal token was ended: %s", why, extra=extra)

    async def end_all(self, name: str, by: str = "") -> None:
        """All of everybody of that name. StoreError."""
        for token in await self.every():
            if token.name == name:
                await self.end(token, "everywhere", by)

    async def told(self, who: DirectoryPerson, now: float) -> None:
        """A directory has just said so of a person. StoreError."""
        await self._tell(who.directory, who.name, who.groups, now)

    async def ldap_names(self) -> set[str]:
        """The people of the LDAP directory who have a token. StoreError."""
        return {one.name for one in await self.every() if one.directory == "ldap"}

    async def review(self, now: float) -> None:
        """End what is over, then write down what the people of the others may. StoreError."""
        tokens = await self.every()
        words = await access_tokens.every_word(self._bus)
        judged = [(one, self._over(one, words, now)) for one in tokens]
        for token, why in judged:
            if why:
                await self.end(token, why)
        kept = {one.person: one for one, why in judged if not why}
        await self._write_standings(kept, words, now)
        old = [one.person for one in words.values() if now - one.at > WORDS_KEPT_S]
        await access_tokens.drop_words(self._bus, *old)

    async def _write_standings(
        self, kept: Mapping[str, AccessToken], words: Mapping[str, DirectoryWord], now: float
    ) -> None:
        known = await access_tokens.every_standing(self._bus)
        standing: dict[str, PersonStanding] = {}
        for person, token in kept.items():
            if account := self._account(token, words.get(person), now):
                standing[person] = PersonStanding(
                    role=account.role, factories=account.factories, until=now + BELIEVED_S
                )
        gone: Collection[str] = known.keys() - standing.keys()
        await access_tokens.drop_standings(self._bus, *gone)
        for person, one in standing.items():
            before = known.get(person)
            fresh = before and now + RENEWED_S < before.until <= one.until
            if not (before and fresh and before.same_rights(one)):
                await access_tokens.keep_standing(self._bus, person, one)

    def _over(self, token: AccessToken, words: Mapping[str, DirectoryWord], now: float) -> TokenWhy:
        """Why a token is over for good; "" while it is not."""
        if now >= token.until:
            return "time_over"
        if token.directory is None:
            account = self._accounts.get(token.name)
            if account is None:
                # An empty file may be one that cannot be seen for the moment.
                return "account_removed" if self._accounts.all() else ""
            return "" if account_proof(account) == token.proof else "account_changed"
        if self._accounts.like(token.name):
            return "local_name"
        word = words.get(token.person)
        gone = word is not None and self._roles.account(word.name, word.groups) is None
        return "no_right" if gone else ""

    def _account(
        self, token: AccessToken, word: DirectoryWord | None, now: float
    ) -> Account | None:
        """The person with the rights of now; None while nobody vouches for them."""
        if token.directory is None:
            account = self._accounts.get(token.name)
            return account if account and not account.locked else None
        if word is None or now - word.at >= self._word_lasts_s[token.directory]:
            return None
        return self._roles.account(word.name, word.groups)

    async def _tell(
        self, directory: access_tokens.DirectoryKind, name: str, groups: tuple[str, ...], at: float
    ) -> None:
        word = DirectoryWord(name=name, directory=directory, groups=groups, at=at)
        await access_tokens.keep_word(self._bus, word)
