"""The passkeys of the signed-in person: one more, or one less."""

import logging

from services.common.auth.account_changes import AccountActor
from services.common.auth.passkey import MAX_PASSKEYS
from services.common.auth.user_file import AccountsError
from services.ui.formats import ago
from services.ui.live.screen import Screen
from services.ui.widgets.elements import attribute, div, panel, set_classes, text
from services.ui.widgets.keyed_list import Draw, KeyedList

_log = logging.getLogger(__name__)


class Passkeys:
    """The list, and the button that has the device make one (static/passkeys.js)."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        say = screen.say
        with panel(say("passkeys.title")):
            empty = text(say("passkeys.none"), "empty")
            self._list = KeyedList(div("lines"), self._line, empty)
            with div("row"):
                self._make = text(say("passkeys.make"), "act", "button").mark("make-passkey")
                text(say("passkeys.hint"), "hint")
            self._told = text("", "hint wrong hidden").props("role=alert")
        attribute(self._make, "data-passkey", "make")
        attribute(self._make, "data-passkey-failed", say("passkeys.failed"))
        screen.live(self._draw)

    def _draw(self) -> None:
        account = self._screen.auth.accounts.get(self._screen.user.name)
        keys = [one.id for one in account.passkeys] if account else []
        self._list.show(keys)
        set_classes(self._make, hidden=len(keys) >= MAX_PASSKEYS)

    def _line(self, key: str) -> Draw:
        say = self._screen.say
        account = self._screen.auth.accounts.all()[self._screen.user.name]
        passkey = next(one for one in account.passkeys if one.id == key)
        with div("sign-in-line passkey-line"):
            text(passkey.device or say("account.unknown_device"), "line-name")
            text(passkey.host, "dim")
            age = text("", "dim")
            remove = text(say("passkeys.remove"), "act small", "button")
        remove.mark(f"remove-passkey-{key[:8]}").on("click", lambda: self._remove(key))

        def draw() -> None:
            passed = self._screen.model.now - passkey.added
            age.say(say("passkeys.added", ago=ago(passed, self._screen.user.language)))

        return draw

    def _remove(self, key: str) -> None:
        """Take it away, if this person is still signed in."""
        auth, user = self._screen.auth, self._screen.user
        known = auth.sessions.remembered(user.sign_in, self._screen.model.now)
        account = auth.accounts.get(user.name)
        if known is None or not known[0].own_keys or account is None:
            return
        left = [one for one in account.passkeys if one.id != key]
        try:
            actor = AccountActor(name=user.name, role=account.role, source=user.source)
            auth.accounts.acting(actor).change(user.name, passkeys=left)
        except AccountsError as error:
            _log.warning("a passkey was not removed: %s", error, extra={"user": user.name})
            self._told.say(self._screen.say("login.file"))
            set_classes(self._told, hidden=False)
            return
        _log.warning("a passkey was removed", extra={"user": user.name})
        self._draw()
