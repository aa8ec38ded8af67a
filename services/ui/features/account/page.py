"""Sign-ins: where a person is signed in, to end one or all; an administrator sees everybody's."""

import logging

from nicegui import background_tasks

from services.common.auth.account_changes import AccountActor
from services.common.store.bus import StoreError
from services.common.store.keys import Role
from services.ui.auth.browser_sessions import SignedIn
from services.ui.auth.login import EVERYWHERE
from services.ui.features.account.passkeys import Passkeys
from services.ui.features.account.personal_tokens import PersonalTokens
from services.ui.formats import ago
from services.ui.live.screen import Screen
from services.ui.types import Address, Page
from services.ui.widgets.elements import attribute, div, panel, set_classes, text
from services.ui.widgets.keyed_list import Draw, KeyedList

READ_EVERY_S = 2.0
_log = logging.getLogger(__name__)


def build(screen: Screen, _: Address) -> None:
    """Fill the page."""
    SignIns(screen).build()


class SignIns:
    """The sign-ins this person may end: their own, and those of all for an administrator."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._sessions = screen.auth.sessions
        self._found: dict[str, SignedIn] = {}
        self._read_at = 0.0
        self._reading = False
        self._away = False

    def build(self) -> None:
        """Own ones first, with the way out of all of them."""
        say, user = self._screen.say, self._screen.user
        if user.sign_in is None:
            with panel(say("page.account")):
                text(say("account.nobody"), "hint")
            return
        with panel(say("account.own")):
            self._own = KeyedList(div("lines"), self._line, text(say("account.reading"), "empty"))
            with div("row", "form").props(f"method=post action={EVERYWHERE}"):
                out = text(say("account.everywhere"), "act", "button").props("type=submit")
                out.mark("sign-out-everywhere")
                text(say("account.everywhere_is"), "hint")
        known = self._sessions.remembered(user.sign_in, self._screen.model.now)
        if known and known[0].own_keys:
            Passkeys(self._screen)
        if known:
            PersonalTokens(self._screen, known)
        self._others: KeyedList | None = None
        if user.may_everywhere(Role.ADMIN):
            with panel(say("account.others")):
                nobody = text(say("account.no_others"), "empty")
                self._others = KeyedList(div("lines"), self._line, nobody)
        self._told = text("", "hint hidden").props("role=alert")
        self._screen.live(self._draw)

    def _draw(self) -> None:
        name = self._screen.user.name
        self._own.show([one.id for one in self._found.values() if one.name == name])
        if self._others is not None:
            self._others.show([one.id for one in self._found.values() if one.name != name])
        if not self._reading and abs(self._screen.model.now - self._read_at) >= READ_EVERY_S:
            self._reading = True
            background_tasks.create(self._read(), name="who is signed in")

    async def _read(self) -> None:
        """Those that hold now; while the store is away the last known ones stay, and it is said."""
        now = self._screen.model.now
        try:
            found = await self._sessions.listed(now)
        except StoreError:
            if not self._told.is_deleted:
                self._tell("account.away", wrong=True)
                self._away = True
            return
        finally:
            self._read_at, self._reading = now, False
        if not self._told.is_deleted:
            if self._away:
                self._away = False
                self._told.say("")
                set_classes(self._told, hidden=True)
            self._found = {one.id: one for one in found}
            self._draw()

    def _line(self, entry_id: str) -> Draw:
        say, entry = self._screen.say, self._found[entry_id]
        here = entry_id == self._screen.user.sign_in
        with div("sign-in-line"):
            text(entry.name, "line-name")
            text(entry.device or say("account.unknown_device"))
            text(entry.address, "dim")
            age = text("", "dim")
            text(say("account.here") if here else "", "hint")
            end = text(say("account.end"), "act small", "button").mark(f"end-{entry_id[:8]}")
        attribute(end, "aria-label", f"{say('account.end')}: {entry.name}, {entry.device}")

        async def pressed() -> None:
            await self._end(entry)

        end.on("click", pressed)

        def draw() -> None:
            passed = self._screen.model.now - entry.began
            age.say(say("account.since", ago=ago(passed, self._screen.user.language)))

        return draw

    async def _end(self, entry: SignedIn) -> None:
        """End one, if this person is still who they were and may."""
        user, now = self._screen.user, self._screen.model.now
        try:
            known = await self._sessions.still(user.sign_in or "", now)
            own = known is not None and known[1].name == entry.name
            if not own and (known is None or known[1].role is not Role.ADMIN):
                self._tell("account.refused", wrong=True)
                return
            by = None if own else AccountActor(name=user.name, source=user.source)
            await self._sessions.end(entry, "by_person" if own else "by_other", now, by)
        except StoreError:
            self._tell("account.unchanged", wrong=True)
            return
        extra = {"by": user.name, "user": entry.name, "address": entry.address}
        _log.warning("a sign-in was ended", extra=extra)
        self._found.pop(entry.id, None)
        self._tell("account.ended", name=entry.name, device=entry.device)
        self._draw()

    def _tell(self, key: str, *, wrong: bool = False, **values: str) -> None:
        self._away = False
        self._told.say(self._screen.say(key, **values))
        set_classes(self._told, hidden=False, wrong=wrong)
        attribute(self._told, "role", "alert" if wrong else "status")


PAGE = Page("account", "system", "", build, past=False, menu=False)
