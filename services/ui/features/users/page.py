"""Users: who may sign in and as what; administrators only, asked again with each change."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from nicegui import ui
from pydantic import ValidationError

from services.common.auth.account_changes import AccountActor
from services.common.auth.passwords import PasswordError, hashed
from services.common.auth.pins import PinError, may_have_pin, remove_pin, set_pin
from services.common.auth.user_file import Account, Accounts, AccountsError
from services.common.store.keys import Role
from services.ui.live.screen import Screen
from services.ui.types import Address, Page
from services.ui.widgets.elements import Label, attribute, div, link, panel, set_classes, text
from services.ui.widgets.keyed_list import Draw, KeyedList

_log = logging.getLogger(__name__)
FORM_ERRORS = (AccountsError, PasswordError, ValidationError)


def build(screen: Screen, _: Address) -> None:
    """Fill the page."""
    Users(screen).build()


class Users:
    """The accounts as a list to change, and a form for a new one."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._accounts = screen.auth.accounts
        self._removing = ""
        """Whose removal waits for a second press."""

    def build(self) -> None:
        """List above, form below."""
        say = self._screen.say
        if self._screen.user.at_hand:
            with panel(say("users.title"), "users"):
                text(say("users.first"), "hint")
                back = quote(self._screen.path("users"))
                link(say("login.first.title"), f"/login?back={back}", "act main-act")
            return
        with panel(say("users.title"), "users"):
            self._list = KeyedList(div("lines"), self._line, text(say("login.nobody"), "empty"))
        with panel(say("users.new"), "users"), div("row"):
            self._name = self._entry("login.name")
            self._role = self._roles(Role.VIEWER, None)
            self._password = self._entry("login.password", secret=True)
            self._name.mark("new-name")
            self._password.mark("new-password")
            add = text(say("users.add"), "act main-act", "button").on("click", self._add)
            add.mark("add-user")
        self._told = text("", "hint hidden").props("role=alert")
        self._screen.live(self._draw)

    def _draw(self) -> None:
        self._list.show(list(self._accounts.all()))
        if self._accounts.error:
            self._tell(self._accounts.error, wrong=True)

    def _entry(self, key: str, *, secret: bool = False) -> ui.input:
        label = self._screen.say(key)
        made = ui.input(placeholder=label, password=secret).classes("field user-field")
        return made.props(f'dense outlined square aria-label="{label}" autocomplete="new-password"')

    def _roles(self, now: Role, on_change: Callable[[Role], Any] | None) -> ui.select:
        options = {role.value: self._screen.say(f"role.{role}") for role in Role}
        made = ui.select(options, value=now.value, with_input=True).classes("field user-field")
        made.props(f'dense outlined square aria-label="{self._screen.say("users.role")}"')
        if on_change:
            made.on_value_change(lambda event: on_change(Role(event.value)))
        return made

    def _line(self, name: str) -> Draw:
        say = self._screen.say
        with div("user-line"):
            text(name, "line-name")
            account = self._accounts.all()[name]
            role = self._roles(account.role, lambda role: self._change(name, role=role.value))
            state = text("", "dim")
            lock = text("", "act small", "button").mark(f"lock-{name}")
            fresh = self._entry("users.password", secret=True)
            give = text(say("users.give"), "act small", "button")
            draw_pin = self._pin(name)
            remove = text(say("users.remove"), "act small", "button").mark(f"remove-{name}")
        lock.on("click", lambda: self._lock(name))
        remove.on("click", lambda: self._remove(name))

        async def new_password() -> None:
            await self._give(name, fresh)

        give.on("click", new_password)

        def draw() -> None:
            self._draw_line(name, role, state, lock)
            draw_pin()
            remove.say(say("users.sure" if self._removing == name else "users.remove"))
            set_classes(remove, main_act=self._removing == name)

        return draw

    def _pin(self, name: str) -> Draw:
        """The code of a person for shared screens, for whom may have one."""
        code = self._entry("users.pin", secret=True).mark(f"pin-{name}")
        give = text("", "act small", "button").mark(f"give-pin-{name}")

        async def new_pin() -> None:
            await self._give_pin(name, code)

        give.on("click", new_pin)

        def draw() -> None:
            known = self._accounts.get(name)
            drops = known is not None and bool(known.pin) and not code.value
            give.say(self._screen.say("users.drop_pin" if drops else "users.give_pin"))
            for part in (code, give):
                set_classes(part, hidden=known is None or not may_have_pin(known))

        return draw

    def _draw_line(self, name: str, role: ui.select, state: Label, lock: Label) -> None:
        account = self._accounts.get(name)
        if account is None:
            return
        if role.value != account.role.value:
            role.set_value(account.role.value)
        held = self._screen.auth.login_throttle.locked_s(name) > 0
        key = "locked" if account.locked else "held" if held else "open"
        say = self._screen.say
        more = (
            say("users.in_factory", role=say(f"role.{given}"), factory=name)
            for name, given in account.factories.items()
        )
        state.say(" · ".join((say(f"users.{key}"), *more)))
        set_classes(state, warn=account.locked)
        lock.say(self._screen.say("users.unlock" if account.locked else "users.lock"))

    def _lock(self, name: str) -> None:
        account = self._accounts.get(name)
        if account is not None:
            self._change(name, locked=not account.locked)

    def _change(self, name: str, **fields: object) -> None:
        account = self._accounts.get(name)
        if name == self._screen.user.name and "password" not in fields:
            self._tell(self._screen.say("users.own"), wrong=True)
            return
        if account and all(getattr(account, key) == value for key, value in fields.items()):
            return
        ((what, value),) = fields.items()
        if what == "locked":
            what = "locked" if value else "unlocked"
        role = f"{value}" if what == "role" else ""
        self._do(lambda: self._acting().change(name, **fields), what, name, role)

    def _remove(self, name: str) -> None:
        if name == self._screen.user.name:
            self._tell(self._screen.say("users.own"), wrong=True)
            return
        if self._removing != name:
            self._removing = name
            self._draw()
            return
        self._do(lambda: self._acting().remove(name), "removed", name)

    async def _add(self) -> None:
        name, role = self._name.value, Role(self._role.value)
        if (kept := await self._hashed(self._password)) is None:
            return
        done = self._do(
            lambda: self._acting().add(Account(name=name, role=role, password=kept)),
            "added",
            name,
            role,
        )
        if done:
            self._name.set_value("")

    async def _give(self, name: str, fresh: ui.input) -> None:
        if (kept := await self._hashed(fresh)) is not None:
            self._change(name, password=kept)

    async def _give_pin(self, name: str, entry: ui.input) -> None:
        """A code for shared screens; an empty field takes it away."""
        code, flaw = entry.value or "", ""
        entry.set_value("")
        if not code:
            self._do(lambda: remove_pin(self._acting(), name), "pin_removed", name)
            return
        if not self._may_change():
            return
        try:
            await asyncio.to_thread(set_pin, self._acting(), name, code)
        except PinError as error:
            flaw = f"pin.{error.flaw}"
        except AccountsError as error:
            flaw = error.reason
        if flaw:
            why = self._screen.say(f"users.flaw.{flaw}", name=name, detail="")
            self._tell(self._screen.say("users.refused", detail=why), wrong=True)
            return
        self._do(lambda: None, "pin", name)

    async def _hashed(self, entry: ui.input) -> str | None:
        """The hash of what was typed; the field is emptied."""
        try:
            return await asyncio.to_thread(hashed, entry.value or "")
        except PasswordError:
            self._tell(self._screen.say("users.poor"), wrong=True)
            return None
        finally:
            entry.set_value("")

    def _do(self, change: Callable[[], None], what: str, name: str, role: str = "") -> bool:
        """Change the accounts if this person still may, and log who changed what."""
        who, say, self._removing = self._screen.user, self._screen.say, ""
        if not self._may_change():
            return False
        try:
            change()
        except FORM_ERRORS as error:
            why = say(f"users.flaw.{_reason(error)}", name=name, detail=str(error))
            self._tell(say("users.refused", detail=why), wrong=True)
            return False
        logged = " ".join(filter(None, (name, what, role)))
        _log.warning("an account was changed", extra={"by": who.name, "what": logged})
        shown = say(f"role.{role}") if role else ""
        self._tell(say(f"users.done.{what}", name=name, role=shown))
        self._draw()
        return True

    def _acting(self) -> Accounts:
        """The accounts, changed in the name of whoever looks."""
        user = self._screen.user
        actor = AccountActor(name=user.name, role=user.everywhere or user.role, source=user.source)
        return self._accounts.acting(actor)

    def _may_change(self) -> bool:
        """Asked anew with each change."""
        who, say = self._screen.user, self._screen.say
        known = self._screen.auth.sessions.remembered(who.sign_in, self._screen.model.now)
        if known is None or known[1].role is not Role.ADMIN:
            self._tell(say("check.role.unmet", role=say("role.admin")))
            return False
        return True

    def _tell(self, words: str, *, wrong: bool = False) -> None:
        self._told.say(words)
        set_classes(self._told, hidden=not words, wrong=wrong)
        attribute(self._told, "role", "alert" if wrong else "status")


def _reason(error: Exception) -> str:
    return error.reason if isinstance(error, AccountsError) else "name"


PAGE = Page("users", "system", "b", build, role=Role.ADMIN, site=True, past=False)
