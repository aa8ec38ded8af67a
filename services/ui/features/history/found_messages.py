"""The messages a question finds: cost before, progress and stop while, older ones after it."""

from collections.abc import Callable
from typing import Any

from nicegui import background_tasks

from omf.messages.message import Message
from services.history.message_search import (
    MessageQuestion,
    MessageSearch,
    SearchCost,
    cost,
)
from services.history.questions import (
    QuestionError,
    QuestionStoppedError,
    ReadSoFar,
    WrongQuestionError,
)
from services.ui import formats
from services.ui.live.archive_questions import answer, found_by, history_of
from services.ui.live.screen import Screen
from services.ui.views import message_rows
from services.ui.widgets.elements import div, set_classes, text
from services.ui.widgets.message_columns import message_columns
from services.ui.widgets.table import Table

TOO_MUCH_BYTES = 5_000_000_000
"""Unpacked: about half a minute of two cores, and what a question may take at all."""
ANSWER_TIMEOUT_S = 120.0


class FoundMessages:
    """The list of one question at a time; newest on top."""

    def __init__(
        self,
        screen: Screen,
        on_open: Callable[[Message], Any],
        on_wrong: Callable[[str], None],
    ) -> None:
        """`on_open` gets the message of a row, `on_wrong` what is wrong with the question."""
        self._screen, self._on_open, self._on_wrong = screen, on_open, on_wrong
        self._own = screen.model.commands.publishes
        self._search: MessageSearch | None = None
        self._asked = MessageQuestion()
        self._found: dict[str, Message] = {}
        self._turn = 0
        """Rises with each question: what an earlier one still finds is not listed."""
        say = screen.say
        with div("row history-progress"):
            self._told = text("", "hint").props("role=status aria-live=polite").mark("progress")
            self._halt = text(say("messages.stop"), "act small hidden", "button").mark("halt")
            self._halt.props("data-halt").on("click", self.stop)
            self._anyway = text(say("history.anyway"), "act small hidden", "button")
            self._anyway.mark("anyway").on("click", self._ask_anyway)
        with div("hold").props(f'role=region aria-label="{say("messages.list")}"'):
            self.table = Table(message_columns(screen), [], empty="", on_pick=self._pick)
        with div("row older"):
            self._more = text(say("messages.older"), "act small hidden", "button").mark("older")
            self._more.props("data-older").on("click", self._older)
        self._faults = text("", "hint wrong hidden").mark("faults")

    def ask(self, asked: MessageQuestion) -> None:
        """Find these; what is asked before is forgotten."""
        self.stop()
        self._asked, self._found = asked, {}
        self.table.replace([])
        self._begin(asked, checked=False)

    def stop(self) -> None:
        """Look no further."""
        if self._search is not None:
            self._search.stop()

    def _begin(self, asked: MessageQuestion, *, checked: bool) -> None:
        self._turn += 1
        set_classes(self._more, hidden=True)
        set_classes(self._anyway, hidden=True)
        work = self._run(asked, self._turn, checked=checked)
        background_tasks.create(work, name="history search")

    def _ask_anyway(self) -> None:
        self._begin(self._asked, checked=True)

    def _older(self) -> None:
        last = next(reversed(self._found), "")
        self._begin(self._asked._replace(before=last), checked=True)

    async def _pick(self, message_id: str) -> None:
        if (message := self._found.get(message_id)) is not None:
            self._on_open(message)

    async def _run(self, asked: MessageQuestion, turn: int, *, checked: bool) -> None:
        say, history = self._screen.say, history_of(self._screen)
        self._say(say("history.waiting"))
        try:
            search = await answer(lambda: MessageSearch(history, asked, timeout_s=ANSWER_TIMEOUT_S))
            if not checked and self._too_much(await answer(lambda: cost(history, asked)), turn):
                return
            await self._follow(search, turn)
        except WrongQuestionError as error:
            self._end(turn, "")
            self._wrong(turn, error)
        except QuestionStoppedError:
            self._end(turn, say("history.stopped", found=self._number(len(self._found))))
        except QuestionError as error:
            self._end(turn, say("history.failed", why=str(error)))
        self._name_faults(turn, history.faults)

    def _current(self, turn: int) -> bool:
        return turn == self._turn and not self._told.is_deleted

    def _wrong(self, turn: int, error: WrongQuestionError) -> None:
        if self._current(turn):
            key = "messages.bad_regex" if self._asked.regex else "messages.bad_field"
            self._on_wrong(self._screen.say(key, why=str(error)))

    def _too_much(self, told: SearchCost, turn: int) -> bool:
        if told.read_bytes <= TOO_MUCH_BYTES:
            return False
        if self._current(turn):
            self._say(self._cost_words(told))
            set_classes(self._anyway, hidden=False)
        return True

    def _cost_words(self, told: SearchCost) -> str:
        size = self._size(told.read_bytes)
        days = formats.number(told.days, self._screen.user.language, 1 if told.days < 10 else 0)  # noqa: PLR2004 - days
        return self._screen.say("history.cost", size=size, days=days)

    async def _follow(self, search: MessageSearch, turn: int) -> None:
        if not self._current(turn):
            return
        self._search = search
        say, far = self._screen.say, ReadSoFar(0, 0)
        async for piece in found_by(search):
            if not self._current(turn):
                search.stop()
                return
            set_classes(self._halt, hidden=False)
            rows = [one for one in piece if not isinstance(one, ReadSoFar)]
            far = next((one for one in reversed(piece) if isinstance(one, ReadSoFar)), far)
            self._list([row.message for row in rows])
            words = {"read": self._size(far.read), "whole": self._size(far.whole)}
            count = self._number(len(self._found))
            running = "history.running" if far.whole else "history.begun"
            self._say(say(running, found=count, **words))
        count = self._number(len(self._found))
        self._end(turn, say("history.more" if search.cut else "history.done", found=count))
        if self._current(turn):
            set_classes(self._more, hidden=not search.cut)

    def _list(self, messages: list[Message]) -> None:
        screen = self._screen
        known = (screen.user, screen.model.now, self._own, screen.model.factory)
        fresh = [one for one in messages if one.id not in self._found]
        self._found |= {one.id: one for one in fresh}
        if fresh:
            self.table.put_below([message_rows.row(one, *known) for one in fresh])

    def _end(self, turn: int, words: str) -> None:
        if self._current(turn):
            self._search = None
            set_classes(self._halt, hidden=True)
            self._say(words)

    def _name_faults(self, turn: int, faults: list[str]) -> None:
        if self._current(turn):
            self._faults.say(self._screen.say("history.faults", faults="; ".join(faults)))
            set_classes(self._faults, hidden=not faults)

    def _say(self, words: str) -> None:
        if not self._told.is_deleted:
            self._told.say(words)

    def _number(self, count: int) -> str:
        return formats.number(count, self._screen.user.language)

    def _size(self, count: int) -> str:
        return formats.size(count, self._screen.user.language)
