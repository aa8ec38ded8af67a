"""A button that checks the whole chain of the audit, and what came of it."""

from services.common.store import audit
from services.common.store.bus import StoreError
from services.ui import formats
from services.ui.live.screen import Screen
from services.ui.widgets.elements import attribute, set_classes, text


class ChainCheck:
    """Says how many entries hold, or which is the first that was altered or is missing."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        button = text(screen.say("audit.verify"), "act small", "button").mark("verify")
        button.on("click", self._verify)
        self._verdict = text("", "hint grow")
        attribute(self._verdict, "role", "status")

    def clear(self) -> None:
        """Forget the last verdict."""
        self._tell("", bad=False)

    async def _verify(self) -> None:
        say, bus = self._screen.say, self._screen.bus
        if bus is None:
            self._tell(say("past.no_audit"), bad=False)
            return
        try:
            holding, broken = await audit.verify(bus)
        except StoreError as error:
            self._tell(say("empty.buffer_unreadable", error=error), bad=True)
            return
        count = formats.number(holding, say.language)
        if broken is None:
            self._tell(say("audit.holds", count=count), bad=False)
            return
        words = say(f"audit.{broken.what}", id=broken.entry_id, count=count)
        self._tell(words, bad=True)

    def _tell(self, words: str, *, bad: bool) -> None:
        if self._verdict.is_deleted:
            return
        self._verdict.say(words)
        set_classes(self._verdict, wrong=bad)
