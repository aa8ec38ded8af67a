"""The way of a command as `service.py` tells it, and what a store that does not answer may do."""

import re
from collections.abc import AsyncIterator
from functools import reduce
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from omf.messages.message import Message
from services.common.store.bus import Bus, StoreError
from services.common.store.consumer import StreamEntry
from services.common.store.entries import encode
from services.common.store.keys import LinkHealth
from services.common.store.store_clock import StoreClock
from services.orders import service
from services.orders.command_observers import CommandObservers
from services.orders.decision import View
from services.orders.execution import CommandExecution, Transition
from services.orders.repository import CommandRepository
from services.orders.service import CommandService, DecidedElsewhere
from services.orders.workflows import WorkflowOrderManager
from tests.support.command_examples import command_of
from tests.support.factory import NOW, known_factory

ROOT = Path(__file__).parents[4]
STOP = re.compile(r"^ ?(\d+)\. (services/\S+\.py) `([\w.]+)`: \S", re.MULTILINE)
MAX_STOPS = 15
WISH = {"topic": "x/y", "payload": "{}", "confirm": "SENDEN"}


def test_the_way_of_a_command_is_told_by_files_and_functions_that_exist() -> None:
    stops = STOP.findall(service.__doc__ or "")
    assert [int(number) for number, _, _ in stops] == list(range(1, len(stops) + 1))
    assert 10 <= len(stops) <= MAX_STOPS
    for _, file, name in stops:
        assert (ROOT / file).is_file(), file
        module = import_module(file.removesuffix(".py").replace("/", "."))
        assert callable(reduce(getattr, name.split("."), module)), name


class BusyStore(CommandRepository):
    """Written or not, the first answer is lost; then it answers as the script would."""

    def __init__(self, bus: Bus, *, written: bool) -> None:
        super().__init__(bus)
        self.asked = 0
        self.stored: list[CommandExecution] = []
        self._written = written

    async def decided(self, *given: Any) -> bool:
        self.asked += 1
        change = given[3]
        assert isinstance(change, Transition)
        known = bool(self.stored)
        if (self._written or self.asked > 1) and change.execution and not known:
            self.stored.append(change.execution)
        if self.asked == 1:
            raise StoreError("the connection broke")
        return not known

    async def reload(self, _: str) -> CommandExecution | None:
        return self.stored[0] if self.stored else None


class Quiet(Bus):
    """No server: the link is up, and what would be acknowledged is counted."""

    async def link(self, _: str) -> LinkHealth:
        return LinkHealth(connected=True, broker="b", since=0, at=NOW)


class Journal:
    """The fold of a factory that is known, and what it said since."""

    journal_id = "1-0"
    state = known_factory()
    time = NOW

    def now(self, link: LinkHealth) -> View:
        return View("mock", self.state, NOW, self.journal_id, link, NOW)

    async def past(self, _: str) -> AsyncIterator[list[Message]]:
        topic = WISH["topic"]
        yield [Message(topic, b"{}", id="2-0"), Message(topic, b"{}", id="3-0")]


@pytest.mark.parametrize("written", [False, True])
async def test_a_store_that_did_not_answer_loses_no_command(*, written: bool) -> None:
    bus = Quiet("redis://127.0.0.1:1", "mock")
    repository, observers = BusyStore(bus, written=written), CommandObservers("mock")
    view: Any = Journal()
    workflows = WorkflowOrderManager(bus, repository, view, StoreClock(bus), observers)
    deciding = CommandService(bus, repository, view, workflows, observers, DecidedElsewhere())
    command = command_of("free-message", parameters=WISH)
    entry = StreamEntry(f"{int(NOW * 1000)}-0", encode(command))
    with pytest.raises(StoreError):
        await deciding.handle(entry)
    view.journal_id = "2-0"
    await deciding.handle(entry)
    assert repository.asked == 2
    assert len(repository.stored) == 1
    assert workflows.awaits("c")
    # What the factory said meanwhile is heard, and nothing that the journal still has to tell.
    (monitor,) = workflows._index
    assert (monitor.proof.message_id if monitor.proof else None) == ("2-0" if written else None)
