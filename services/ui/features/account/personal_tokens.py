"""The tokens of the signed-in person for the HTTP door and `omf`: make one, see them, end them.

An administrator sees and ends those of everybody.
"""

import logging

from nicegui import background_tasks, ui
from pydantic import ValidationError

from omf.constants import DAY_S
from services.common.auth.access_tokens import EXPIRIES_DAYS, AccessToken
from services.common.store.bus import StoreError
from services.common.store.keys import Role
from services.ui.auth.access_token_keeper import TooManyTokensError
from services.ui.auth.auth_middleware import Person
from services.ui.formats import ago, date_and_time
from services.ui.live.screen import Screen
from services.ui.widgets.elements import (
    attribute,
    copy_button,
    div,
    panel,
    set_classes,
    text,
)
from services.ui.widgets.keyed_list import Draw, KeyedList

TOKENS_READ_EVERY_S = 2.0
USUAL_DAYS = 30
SHOWN_ONCE = "new-token"
_log = logging.getLogger(__name__)


class PersonalTokens:
    """The list, a form for one more, and the new one for as long as the page is open."""

    def __init__(self, screen: Screen, person: Person) -> None:
        """`person` is who is signed in; who came by a code makes none."""
        self._screen = screen
        self._keeper = screen.auth.tokens
        self._name = person[0].name
        self._found: dict[str, AccessToken] = {}
        self._used: dict[str, float] = {}
        self._read_at = 0.0
        self._reading = False
        say = screen.say
        with panel(say("tokens.title")):
            text(say("tokens.hint"), "hint")
            self._own = KeyedList(div("lines"), self._line, text(say("tokens.none"), "empty"))
            if not person[0].by_code:
                self._form(person)
            self._told = text("", "hint hidden").props("role=alert")
        self._others: KeyedList | None = None
        if screen.user.may_everywhere(Role.ADMIN):
            with panel(say("tokens.others")):
                nobody = text(say("tokens.no_others"), "empty")
                self._others = KeyedList(div("lines"), self._line, nobody)
        screen.live(self._draw)

    def _form(self, person: Person) -> None:
        say = self._screen.say
        account = person[1]
        highest = max((account.role, *account.factories.values()), key=lambda role: role.rank)
        roles = {one.value: say(f"role.{one}") for one in Role if highest.includes(one)}
        days = {str(one): say("tokens.days", days=one) for one in EXPIRIES_DAYS}
        with div("row wraps"):
            label = say("tokens.label")
            self._label = ui.input(placeholder=label).classes("field user-field")
            self._label.props(f'dense outlined square maxlength=40 aria-label="{label}"')
            self._label.mark("token-label")
            self._days = self._choice(days, str(USUAL_DAYS), "tokens.lasts").mark("token-days")
            self._most = self._choice(roles, Role.VIEWER.value, "tokens.most").mark("token-most")
            make = text(say("tokens.make"), "act", "button").mark("make-token")
        make.on("click", self._make)
        self._new = div("row wraps hidden")
        with self._new:
            text(say("tokens.once"), "hint")
            self._shown = text("", "mono", "code").mark(SHOWN_ONCE)
            attribute(self._shown, "data-copied", SHOWN_ONCE)
            copy_button(say("tokens.copy"), say("messages.copied"), SHOWN_ONCE)

    def _choice(self, options: dict[str, str], value: str, key: str) -> ui.select:
        label = self._screen.say(key)
        text(label, "dim")
        made = ui.select(options, value=value, with_input=True).classes("field user-field")
        return made.props(f'dense outlined square aria-label="{label}"')

    async def _make(self) -> None:
        """One more, if this person is still signed in, with a password or by the directory."""
        say, now = self._screen.say, self._screen.model.now
        try:
            known = await self._screen.auth.sessions.still(self._screen.user.sign_in or "", now)
            if known is None or known[0].by_code or known[1].name != self._name:
                self._tell("tokens.refused", wrong=True)
                return
            days, most = int(self._days.value), Role(self._most.value)
            shown, token = await self._keeper.make(
                known[0], self._label.value or "", most, days * DAY_S, now
            )
        except ValidationError:
            self._tell("tokens.bad_label", wrong=True)
        except TooManyTokensError:
            self._tell("tokens.too_many", wrong=True)
        except StoreError:
            self._tell("account.unchanged", wrong=True)
        else:
            self._shown.say(shown)
            set_classes(self._new, hidden=False)
            self._label.set_value("")
            self._told.say(say("tokens.made", label=token.label))
            set_classes(self._told, hidden=False, wrong=False)
            await self._read()

    def _draw(self) -> None:
        own = [one.id for one in self._found.values() if one.name == self._name]
        self._own.show(own)
        if self._others is not None:
            self._others.show([one for one in self._found if one not in own])
        if not self._reading and abs(self._screen.model.now - self._read_at) >= TOKENS_READ_EVERY_S:
            self._reading = True
            background_tasks.create(self._read(), name="personal tokens")

    async def _read(self) -> None:
        """Those that hold now; while the store is away the last known ones stay."""
        now = self._screen.model.now
        try:
            found, self._used = await self._keeper.every(), await self._keeper.last_uses()
        except StoreError:
            return
        finally:
            self._read_at, self._reading = now, False
        if not self._told.is_deleted:
            self._found = {one.id: one for one in found if now < one.until}
            self._draw()

    def _line(self, token_id: str) -> Draw:
        say, user, token = self._screen.say, self._screen.user, self._found[token_id]
        until = date_and_time(token.until, user.clock, user.language)
        with div("sign-in-line"):
            text(token.name, "line-name")
            text(token.label)
            text(say(f"role.{token.most}"), "dim")
            text(say("tokens.until", at=until), "dim")
            used = text("", "dim")
            end = text(say("account.end"), "act small", "button").mark(f"end-token-{token_id[:8]}")
        attribute(end, "aria-label", f"{say('account.end')}: {token.name}, {token.label}")

        async def pressed() -> None:
            await self._end(token)

        end.on("click", pressed)

        def draw() -> None:
            at = self._used.get(token_id)
            age = ago(self._screen.model.now - at, user.language) if at else ""
            used.say(say("tokens.used", ago=age) if at else say("tokens.unused"))

        return draw

    async def _end(self, token: AccessToken) -> None:
        """End one, if this person is still who they were and may."""
        user, now = self._screen.user, self._screen.model.now
        try:
            known = await self._screen.auth.sessions.still(user.sign_in or "", now)
            own = known is not None and known[1].name == token.name
            if known is None or not (own or known[1].role is Role.ADMIN):
                self._tell("account.refused", wrong=True)
                return
            await self._keeper.end(token, "by_person", user.name, user.source)
        except StoreError:
            self._tell("account.unchanged", wrong=True)
            return
        self._found.pop(token.id, None)
        self._tell("tokens.ended", label=token.label)
        self._draw()

    def _tell(self, key: str, *, wrong: bool = False, **values: str) -> None:
        self._told.say(self._screen.say(key, **values))
        set_classes(self._told, hidden=False, wrong=wrong)
        attribute(self._told, "role", "alert" if wrong else "status")
