"""`python -m services.history.past_process`: answers what pages ask of the past, one by one.

Folding an hour takes a third of a second of a processor, and no page of the present may wait for
it: so it is done in a process beside the pages (PastReader), which keeps what it read of the
archive in memory and ends when nobody asks any more. Each line of its input is a question as JSON;
each answer is its length in eight bytes and a pickled pair, `("ok", value)`, `("nothing", Text)`
where nothing is known of the moment, or `("failed", text)`. Its input is its caller alone.
"""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from services.common.process.answering import write_answer
from services.common.store.bus import Bus, StoreError
from services.history import past_views
from services.history.day_marks import day_marks
from services.history.location import storage_of
from services.history.manifest import ArchiveError
from services.history.moment_changes import changes_between
from services.history.moments import NothingKnownError
from services.history.reader import History

_archives: dict[str, History] = {}
"""By environment: manifests of years are read once."""

Answer = Callable[[Bus, History, dict[str, Any]], Awaitable[object]]


async def _view(bus: Bus, history: History, asked: dict[str, Any]) -> object:
    return await past_views.past_view(bus, history, asked["at"])


async def _following(bus: Bus, history: History, asked: dict[str, Any]) -> object:
    after, at, limit = asked["after"], asked["at"], asked["limit"]
    return await past_views.following(bus, history, after, at, limit)


async def _day(bus: Bus, history: History, asked: dict[str, Any]) -> object:
    return await day_marks(bus, history, asked["begin"], asked["end"])


async def _message(bus: Bus, history: History, asked: dict[str, Any]) -> object:
    return await past_views.message(bus, history, asked["id"])


async def _changes(bus: Bus, history: History, asked: dict[str, Any]) -> object:
    return await changes_between(bus, history, asked["since"], asked["until"])


_ANSWERS: dict[str, Answer] = {
    "view": _view,
    "following": _following,
    "message": _message,
    "day": _day,
    "changes": _changes,
}


async def answer(asked: dict[str, Any]) -> tuple[str, object]:
    """The answer to one question."""
    environment = asked["environment"]
    try:
        if environment not in _archives:
            place = storage_of(environment, Path(asked["data"]), asked["history"])
            _archives[environment] = History(place)
        history = _archives[environment]
        async with Bus(asked["store"], environment) as bus:
            await bus.dated(())
            return "ok", await _ANSWERS[asked["what"]](bus, history, asked)
    except NothingKnownError as error:
        return "nothing", error.told
    except (StoreError, ArchiveError, OSError) as error:
        return "failed", str(error)


def main() -> None:
    """Answer until the input ends."""
    for line in sys.stdin:
        write_answer(asyncio.run(answer(json.loads(line))))


if __name__ == "__main__":
    main()
