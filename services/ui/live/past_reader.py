"""Asks the process of the past; its answers, as the pages of the past need them."""

import asyncio
import json
import os
import re
from collections import OrderedDict
from typing import Protocol, cast

from omf.analysis.moment_changes import MomentChanges
from omf.messages.message import Message
from omf.texts import Text
from services.common.process import clock
from services.common.process.answering import AnsweringProcess, NoAnswerError
from services.common.store.environments import is_replay
from services.common.store.keys import Environment
from services.history.day_marks import DayMark
from services.history.moments import NothingKnownError
from services.history.past_views import PastStretch, PastView
from services.ui.settings import UiSettings

ANSWER_S = 30.0
KEPT_DAYS = 20
SETTLED_S = 600.0
"""By then the archive has all of a day."""
_PASSED_ON = re.compile(r"PATH|PYTHONPATH|LANG|HOME|TMPDIR|XDG_.*|AWS_.*|OMF_FACTORIES")
"""Of the environment: the factories, and what it takes to find an archive, on S3 as well."""


def process_environment() -> dict[str, str]:
    """What a process that reads archives for the pages is told of ours."""
    return {name: told for name, told in os.environ.items() if _PASSED_ON.fullmatch(name)}


class PastUnreadableError(Exception):
    """Store or archive did not answer; the text says why."""


class PastSource(Protocol):
    """What the pages of the past are made from."""

    async def view(self, environment: Environment, at: float) -> PastView:
        """A moment; NothingKnownError where nothing is known, PastUnreadableError."""

    async def following(
        self, environment: Environment, after: str, at: float, limit: int
    ) -> PastStretch:
        """Messages behind an id that had come by a moment; errors as `view`."""

    async def day(self, environment: Environment, begin: float, end: float) -> list[DayMark]:
        """What happened between two moments; PastUnreadableError."""

    async def message(self, environment: Environment, message_id: str) -> Message | None:
        """One message by its id; PastUnreadableError."""

    async def changes(self, environment: Environment, since: float, until: float) -> MomentChanges:
        """What changed between two moments; errors as `view`."""


class PastReader:
    """One process for all pages of the past: questions wait for each other, live pages for none.

    Called from the event loop of the pages. A process that died or takes too long is replaced with
    the next question.
    """

    def __init__(self, settings: UiSettings) -> None:
        """`settings` say where store and archives are, which need not be there yet."""
        self._settings = settings
        self._days: OrderedDict[tuple[Environment, float], list[DayMark]] = OrderedDict()
        """Marks of days that are over; that of today still goes on."""
        self._process = AnsweringProcess(
            "services.history.past_process", ANSWER_S, process_environment
        )
        self._turn = asyncio.Lock()

    async def view(self, environment: Environment, at: float) -> PastView:
        """A moment."""
        return cast("PastView", await self._ask("view", environment, at=at))

    async def following(
        self, environment: Environment, after: str, at: float, limit: int
    ) -> PastStretch:
        """Messages behind an id that had come by a moment."""
        found = await self._ask("following", environment, after=after, at=at, limit=limit)
        return cast("PastStretch", found)

    async def day(self, environment: Environment, begin: float, end: float) -> list[DayMark]:
        """What happened between two moments."""
        key = environment, begin
        if key in self._days:
            return self._days[key]
        found = cast("list[DayMark]", await self._ask("day", environment, begin=begin, end=end))
        if end < clock.now() - SETTLED_S and not is_replay(environment):
            self._days[key] = found
            while len(self._days) > KEPT_DAYS:
                self._days.popitem(last=False)
        return found

    async def message(self, environment: Environment, message_id: str) -> Message | None:
        """One message by its id."""
        return cast("Message | None", await self._ask("message", environment, id=message_id))

    async def changes(self, environment: Environment, since: float, until: float) -> MomentChanges:
        """What changed between two moments."""
        found = await self._ask("changes", environment, since=since, until=until)
        return cast("MomentChanges", found)

    async def close(self) -> None:
        """End the process, and see it gone."""
        await self._process.close()

    async def _ask(self, what: str, environment: Environment, **words: object) -> object:
        question = {
            "what": what,
            "environment": environment,
            "store": self._settings.store_address,
            "data": str(self._settings.data),
            "history": self._settings.history,
            **words,
        }
        async with self._turn:
            try:
                kind, value = await self._process.ask(json.dumps(question))
            except NoAnswerError as error:
                raise PastUnreadableError(str(error)) from error
        if kind == "nothing":
            raise NothingKnownError(cast("Text", value))
        if kind == "failed":
            raise PastUnreadableError(str(value))
        return value
