"""What is turned away before it queues, what is written of it, and who may go ahead."""

from typing import Any

import pytest

from services.common.store.audit import broken
from services.common.store.bus import Bus
from services.common.store.consumer import StreamEntry
from services.common.store.entries import DATA, encode
from services.common.store.keys import Command, LinkHealth
from services.orders.admission import Admission
from services.orders.decision import View
from services.orders.entrance import Entrance
from services.orders.repository import CommandRepository
from tests.support.command_examples import command_of
from tests.support.factory import NOW, known_factory

WISH = {"topic": "x/y", "payload": "{}", "confirm": "SENDEN"}
FRAME = 3
"""Arguments before the first command."""


class NotedWrites(CommandRepository):
    """Keeps what would be written; those of `known` have a record already."""

    def __init__(self, bus: Bus) -> None:
        super().__init__(bus)
        self.known: set[str] = set()
        self.written: list[tuple[str, str, str, str, str]] = []

    async def chained(self, script: str, keys: Any, args: Any, sealed: Any) -> Any:
        assert "'known'" in script
        names = [key.rpartition(":")[2] for key in keys[4:]]
        if found := [place for place, name in enumerate(names) if name in self.known]:
            return [b"known", found]
        given = args("")[FRAME:]
        for at in range(0, len(given), 7):
            self.written.append(tuple(given[at : at + 5]))
        assert sealed("") == self.written[-1][4]
        return [b"written"]


class Door:
    """An entrance with its store."""

    def __init__(self) -> None:
        bus = Bus("redis://127.0.0.1:1", "mock")
        self.repository = NotedWrites(bus)
        self.entrance = Entrance(bus, self.repository, Admission(), self._view)
        self._number = 0

    async def _view(self) -> View:
        link = LinkHealth(connected=True, broker="b", since=0, at=NOW)
        return View("mock", known_factory(), NOW, "1-0", link, NOW)

    def entry(self, command: Command, at: float = NOW) -> StreamEntry:
        self._number += 1
        body = {DATA: encode(command)[DATA].encode()}
        return StreamEntry(f"{int(at * 1000)}-{self._number}", body)

    def wish(self, number: int, operator: str = "", at: float = NOW) -> StreamEntry:
        who = operator or f"person {number}"
        return self.entry(
            command_of("free-message", command_id=f"c{number}", parameters=WISH, operator=who), at
        )


async def test_what_cannot_be_done_in_time_is_turned_away_in_one_step() -> None:
    door = Door()
    batch = [door.wish(number) for number in range(400)]
    stay = await door.entrance.admitted(batch)
    assert 100 <= len(stay) <= 200
    assert stay == batch[: len(stay)]
    assert len(door.repository.written) == 400 - len(stay)
    rows = [
        (entry.encode(), {DATA: body.encode(), b"before": before.encode(), b"seal": seal.encode()})
        for entry, _, body, before, seal in door.repository.written
    ]
    assert broken(rows, "") is None


async def test_too_late_and_too_fast_are_turned_away_with_them() -> None:
    door = Door()
    late = [door.wish(number, at=NOW - 60) for number in range(50)]
    fast = [door.wish(100 + number, operator="one") for number in range(15)]
    stay = await door.entrance.admitted([*late, *fast])
    assert stay == fast[:10]
    said = "".join(body for _, _, body, _, _ in door.repository.written)
    assert said.count('"decision":"expired"') == 50
    assert said.count('"id":"too-fast"') == 5


async def test_who_has_a_record_already_is_left_as_it_is_and_the_others_are_written() -> None:
    door = Door()
    door.repository.known = {"c1", "c3"}
    await door.entrance.admitted([door.wish(number, at=NOW - 60) for number in range(5)])
    ids = [body.partition('"command_id":"')[2][:2] for _, _, body, _, _ in door.repository.written]
    assert ids == ["c0", "c2", "c4"]


async def test_a_second_entry_of_one_turned_away_queues_to_find_out() -> None:
    door = Door()
    twice = [door.wish(1, at=NOW - 60), door.wish(1, at=NOW - 60)]
    assert await door.entrance.admitted(twice) == twice[1:]


@pytest.mark.parametrize(
    ("kind", "parameters"),
    [
        ("bracket-cancel", {"order_id": "o"}),
        ("sequence-cancel", {"run": "r"}),
        ("control-release", {}),
        ("park", {}),
        ("cancel-order", {"order": "o"}),
    ],
)
async def test_what_holds_something_back_is_always_taken_on(
    kind: str, parameters: dict[str, Any]
) -> None:
    door = Door()
    await door.entrance.admitted([door.wish(number) for number in range(400)])
    one = door.entry(command_of(kind, command_id="hold", parameters=parameters, operator="ben"))
    assert await door.entrance.admitted([one]) == [one]


async def test_what_holds_back_overtakes_but_never_what_it_may_be_about() -> None:
    door = Door()
    cancel = door.entry(
        command_of("sequence-cancel", command_id="h", parameters={"run": "c2"}, operator="ben")
    )
    other, meant, own = door.wish(1, "anna"), door.wish(2, "anna"), door.wish(3, "ben")
    await door.entrance.admitted([other, meant, own, cancel])
    overtaken = [door.entrance.overtakes(cancel, one) for one in (other, meant, own)]
    assert overtaken == [True, False, False]
    assert not door.entrance.overtakes(other, cancel)
