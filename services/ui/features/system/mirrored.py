"""What ingest mirrors: the class of now, and another one after a second press."""

import logging

from omf.topics.catalogue import CLASSES, EVERYTHING
from services.common.store.bus import StoreError
from services.common.store.keys import Role
from services.ui.live.screen import Screen
from services.ui.views.message_rows import class_name
from services.ui.widgets.elements import Label, div, panel, set_classes, text

_log = logging.getLogger(__name__)


class Mirrored:
    """Six classes, for administrators; what would be lost is said before it is."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._wanted: int | None = None
        say = screen.say
        with panel(say("system.class")):
            with div("row"):
                self._buttons = {number: self._button(number) for number in CLASSES}
            self._told = text("", "hint").mark("class-told")
            with div("row hidden") as self._asked:
                sure = text(say("system.class.sure"), "act small main-act", "button")
                sure.on("click", self._choose).mark("class-sure")
                text(say("system.class.stay"), "act small", "button").on("click", self._stay)
        self._said = say("system.class.hint")
        screen.live(self.draw)

    def _button(self, number: int) -> Label:
        name = class_name(number, self._screen.user.language)
        button = text(f"{number} {name}", "act small", "button").mark(f"class-{number}")
        button.on("click", lambda: self._ask(number))
        return button

    def draw(self) -> None:
        """Mark the class of now, and say what pressing would change."""
        say, now = self._screen.say, self._screen.model.mirrored
        for number, button in self._buttons.items():
            set_classes(button, current=number == now)
        known = now is not None or self._wanted is not None
        self._told.say(self._said if known else f"{say('system.class.configured')} {self._said}")
        set_classes(self._asked, hidden=self._wanted is None)

    def _ask(self, number: int) -> None:
        say, now = self._screen.say, self._screen.model.mirrored
        if now is None:
            # Nobody here knows what ingest was told, so nobody can say what would change.
            lost, come = range(number + 1, EVERYTHING + 1), range(0)
        else:
            lost, come = range(number + 1, now + 1), range(now + 1, number + 1)
        same = "configured" if now is None else "same"
        key = "lost" if lost else "come" if come else same
        self._wanted = None if number == now else number
        self._tell(say(f"system.class.{key}", names=self._names(lost or come)))

    def _names(self, numbers: range) -> str:
        language = self._screen.user.language
        return ", ".join(f"{number} {class_name(number, language)}" for number in numbers)

    def _stay(self) -> None:
        self._wanted = None
        self._tell(self._screen.say("system.class.hint"))

    async def _choose(self) -> None:
        screen, number, self._wanted = self._screen, self._wanted, None
        bus = screen.bus
        if number is None or bus is None or not screen.user.may(Role.ADMIN):
            return
        try:
            await bus.choose_class(number)
        except StoreError as error:
            self._tell(screen.say("empty.buffer_unreadable", error=error))
            return
        what = {"by": screen.user.name, "environment": screen.environment, "class": number}
        _log.warning("another class is mirrored", extra=what)
        screen.model.mirrored = number
        self._tell(screen.say("system.class.done", name=self._names(range(number, number + 1))))

    def _tell(self, words: str) -> None:
        self._said = words
        self.draw()
