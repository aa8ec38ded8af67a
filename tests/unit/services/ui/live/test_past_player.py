"""Playing the past: the model goes on message by message, to the present and no further."""

import asyncio
from collections.abc import Callable

import pytest

from omf.messages.message import Message
from omf.messages.stream_id import StreamId
from omf.state import FactoryState
from services.common.store.keys import (
    Command,
    CommandEvent,
    CommandRecord,
    Environment,
    Role,
    Stage,
)
from services.history.day_marks import DayMark
from services.history.past_views import PastStretch, PastView
from services.ui.live import past_player
from services.ui.live.model import ViewModel
from services.ui.live.past_player import PastPlayer
from services.ui.live.past_reader import PastUnreadableError
from tests.support.archives import START_MS, folded, lights

SAID = lights(600)
BEGIN, END = START_MS / 1000, START_MS / 1000 + 599


class Recorded:
    """Ten minutes of a factory."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, float]] = []
        self.away = False
        self.commands: list[CommandRecord] = []

    async def view(self, environment: Environment, at: float) -> PastView:
        """Its beginning."""
        assert environment == "mock"
        return PastView(at, SAID[0].id, FactoryState(), [], [])

    async def following(
        self, environment: Environment, after: str, at: float, limit: int
    ) -> PastStretch:
        """What came until then."""
        assert environment == "mock"
        if self.away:
            raise PastUnreadableError("no answer")
        self.asked.append((after, at))
        behind = [m for m in SAID if StreamId.parse(m.id) > StreamId.parse(after)]
        return PastStretch([m for m in behind if m.received_at <= at][:limit], self.commands)

    async def message(self, environment: Environment, message_id: str) -> Message | None:
        """Any of them."""
        assert environment == "mock"
        return next((m for m in SAID if m.id == message_id), None)

    async def day(self, environment: Environment, begin: float, end: float) -> list[DayMark]:
        """One order."""
        assert environment == "mock"
        return [DayMark("order", (begin + end) / 2)]


@pytest.fixture
def model() -> ViewModel:
    state = FactoryState()
    state.apply(SAID[0], SAID[0].received_at)
    return ViewModel("mock", factory=state, past=BEGIN, through=SAID[0].id)


async def until(condition: Callable[[], bool]) -> None:
    for _ in range(2000):
        if condition():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("it never came so far")


async def test_what_is_played_is_the_fold_of_every_moment_and_ends_at_now(
    model: ViewModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(past_player, "TICK_S", 0.001)
    monkeypatch.setattr(past_player, "PIECE", 50)
    player = PastPlayer(Recorded(), model, lambda: END, 1000.0)
    player.play()
    for moment in (BEGIN + 100, BEGIN + 300):
        await until(lambda moment=moment: (model.past or 0) >= moment)  # type: ignore[misc]
        player.pause()
        await asyncio.sleep(0.01)
        reached = model.past or 0.0
        came = [m for m in SAID if m.received_at <= reached]
        assert model.factory.snapshot() == folded(came)
        assert model.through == came[-1].id
        player.play()
    await until(lambda: not player.playing)
    assert model.past == END
    assert model.factory.snapshot() == folded(SAID)
    player.close()


async def test_a_pause_stands_at_the_moment_that_was_shown(model: ViewModel) -> None:
    """A tick that waits already when the person presses takes nothing further."""
    player = PastPlayer(Recorded(), model, lambda: END, 100.0)
    player.play()
    await until(lambda: (model.past or 0) > BEGIN)
    shown = model.past
    player.pause()
    await asyncio.sleep(2 * past_player.TICK_S)
    assert model.past == shown
    player.close()


async def test_commands_reach_their_stages_while_it_plays(
    model: ViewModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(past_player, "TICK_S", 0.001)
    source = Recorded()
    command = Command(
        command_id="c1",
        kind="factory-reset",
        parameters={},
        environment="mock",
        operator="anna",
        role=Role.ADMIN,
        created_at=BEGIN + 50,
    )
    events = tuple(
        CommandEvent(command_id="c1", kind="factory-reset", stage=stage, at=BEGIN + at)
        for stage, at in ((Stage.ACCEPTED, 51), (Stage.EFFECT, 500))
    )
    source.commands = [CommandRecord(command=command, events=events)]
    player = PastPlayer(source, model, lambda: END, 200.0)
    assert model.commands.get("c1") is None
    player.play()
    await until(lambda: (model.past or 0) >= BEGIN + 60)
    player.pause()
    record = model.commands.get("c1")
    assert record is not None
    assert record.stage is Stage.ACCEPTED
    player.pace = 1000.0
    player.play()
    await until(lambda: not player.playing)
    record = model.commands.get("c1")
    assert record is not None
    assert record.stage is Stage.EFFECT
    player.close()


async def test_a_past_that_cannot_be_read_stops_and_says_so_and_goes_on_later(
    model: ViewModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(past_player, "TICK_S", 0.001)
    source = Recorded()
    source.away = True
    player = PastPlayer(source, model, lambda: END, 1000.0)
    player.play()
    await until(lambda: not player.playing)
    assert player.fault == "no answer"
    assert model.past == BEGIN
    source.away = False
    player.play()
    assert player.fault == ""
    await until(lambda: (model.past or 0) > BEGIN + 10)
    player.close()


async def test_a_page_in_the_past_reads_ahead_in_pieces(
    model: ViewModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(past_player, "TICK_S", 0.001)
    source = Recorded()
    player = PastPlayer(source, model, lambda: END, 1.0)
    player.play()
    await until(lambda: bool(source.asked))
    assert source.asked[0][0] == SAID[0].id
    assert source.asked[0][1] <= BEGIN + past_player.MIN_AHEAD_S + 1
    player.close()
    assert not player.playing


async def test_a_browser_that_comes_back_finds_it_as_it_was_left(model: ViewModel) -> None:
    player = PastPlayer(Recorded(), model, lambda: END, 1.0)
    player.connected()
    assert player.playing
    player.disconnected()
    assert not player.playing
    player.connected()
    assert player.playing
    player.pause()
    player.disconnected()
    player.connected()
    assert not player.playing
    player.close()
