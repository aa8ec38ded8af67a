"""What a page of the past is made of, over a real store and archive, and in its process."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from omf.alarms.life import AlarmEntry
from omf.alarms.lifecycle import AlarmEvent, AlarmState
from omf.messages.message import Message
from omf.messages.stream_id import StreamId
from omf.texts import text
from services.common.sessions.recorded_time import Anchor
from services.common.store.alarm_lives import ALARMS
from services.common.store.bus import Bus
from services.common.store.entries import DATA
from services.common.store.keys import JOURNAL, Command, CommandEvent, Role, Stage
from services.history.day_marks import day_marks
from services.history.moments import NothingKnownError
from services.history.past_views import past_view
from services.history.reader import History
from services.ui.live.past_reader import PastReader, PastUnreadableError
from services.ui.settings import UiSettings
from tests.support.archives import START_MS, filled, folded, lights

pytestmark = pytest.mark.alike

SAID = lights(600)
BEGIN = START_MS / 1000


@pytest.fixture
async def bus(store_url: str) -> AsyncIterator[Bus]:
    async with Bus(store_url, "mock") as made:
        yield made


@pytest.fixture
async def reader(store_url: str, tmp_path: Path) -> AsyncIterator[PastReader]:
    made = PastReader(UiSettings(store_url=store_url, data=tmp_path))
    yield made
    await made.close()


async def ask(bus: Bus, at: float) -> None:
    """A command that was asked for then, and done a minute later."""
    command = Command(
        command_id="c1",
        kind="factory-reset",
        parameters={},
        environment="mock",
        operator="anna",
        role=Role.ADMIN,
        created_at=at,
    )
    fields = {DATA: command.model_dump_json()}
    await bus.client.xadd(bus.key("commands"), fields, f"{round(at * 1000)}-0")
    events = [
        CommandEvent(command_id="c1", kind="factory-reset", stage=stage, at=at + later)
        for stage, later in ((Stage.ACCEPTED, 1), (Stage.EFFECT, 60))
    ]
    told = [command.model_dump_json(), *(event.model_dump_json() for event in events)]
    await bus.client.rpush(bus.key("command:c1"), *told)


async def test_a_view_has_messages_and_commands_as_of_the_moment(bus: Bus, tmp_path: Path) -> None:
    filled(tmp_path, SAID)
    await ask(bus, BEGIN + 100)
    history = History(tmp_path)
    view = await past_view(bus, history, BEGIN + 130)
    assert view.state.snapshot() == folded(SAID[:131])
    assert view.messages[-1] == SAID[130]
    assert [m.id for m in view.messages] == sorted(
        (m.id for m in view.messages), key=StreamId.parse
    )
    assert [record.stage for record in view.commands] == [Stage.ACCEPTED]
    assert (await past_view(bus, history, BEGIN + 99)).commands == []
    assert [r.stage for r in (await past_view(bus, history, BEGIN + 170)).commands] == [
        Stage.EFFECT
    ]


def passage(at: float, event: AlarmEvent) -> AlarmEntry:
    """A module's fatal error, as the owner of the alarms tells what became of it."""
    return AlarmEntry(
        alarm="device-fatal:one",
        rule="device-fatal",
        subject="one",
        severity="critical",
        priority=1,
        event=event,
        before=AlarmState.NORMAL,
        after=AlarmState.UNACKNOWLEDGED,
        at=at,
        since=at,
        text=text("alarm.device-fatal", device="one", error="E1"),
    )


async def test_a_day_has_marks_of_alarms_in_archive_and_store(bus: Bus, tmp_path: Path) -> None:
    filled(tmp_path, SAID)
    for later, event in (
        (50, AlarmEvent.RAISED),
        (70, AlarmEvent.RETURNED),
        (90, AlarmEvent.RAISED),
    ):
        entry = passage(BEGIN + later, event)
        fields = {DATA: entry.model_dump_json()}
        await bus.client.xadd(bus.key(ALARMS), fields, f"{round(entry.at * 1000)}-0")
    marks = await day_marks(bus, History(tmp_path), BEGIN, BEGIN + 80)
    assert [(mark.kind, mark.at) for mark in marks] == [("alarm", BEGIN + 50)]
    assert marks[0].text is not None
    assert marks[0].text.en == "one: fatal error E1"


async def test_a_day_has_marks_of_commands_and_silences(bus: Bus, tmp_path: Path) -> None:
    later = lights(10, START_MS + 1_000_000)
    filled(tmp_path, [*SAID, *later])
    await ask(bus, BEGIN + 100)
    marks = await day_marks(bus, History(tmp_path), BEGIN - 3600, BEGIN + 7200)
    assert [(mark.kind, mark.at, mark.until) for mark in marks] == [
        ("command", BEGIN + 100, None),
        ("silence", BEGIN + 599, BEGIN + 1000),
    ]


async def test_a_replay_is_asked_in_recorded_time(store_url: str, tmp_path: Path) -> None:
    recorded = 1_600_000_000.0
    async with Bus(store_url, "replay") as bus:
        anchor = Anchor(at=BEGIN, begins=BEGIN, recorded=recorded, pace=1.0, session="one")
        await bus.add("replay:clock", anchor)
        for message in SAID[:100]:
            fields = {"t": message.topic, "p": message.payload, "q": 1}
            await bus.client.xadd(bus.key(f"buffer:{JOURNAL}"), fields, message.id)
        view = await past_view(bus, History(tmp_path), recorded + 50)
        assert view.through == SAID[50].id
        assert view.state.session == "one"
        assert view.messages[-1].received_at == pytest.approx(recorded + 50)
        assert view.state.last_received == pytest.approx(recorded + 50)


async def test_the_process_answers_dies_and_answers_again(
    reader: PastReader, tmp_path: Path
) -> None:
    filled(tmp_path / "history" / "mock", SAID)
    view = await reader.view("mock", BEGIN + 130)
    assert view.state.snapshot() == folded(SAID[:131])
    with pytest.raises(NothingKnownError, match="the first message kept is of 2026-05-13"):
        await reader.view("mock", BEGIN - 5)
    process = reader._process._process
    assert process is not None
    os.kill(process.pid, signal.SIGKILL)
    await process.wait()
    found = await asyncio.gather(
        reader.following("mock", SAID[0].id, BEGIN + 20, 10),
        reader.message("mock", SAID[5].id),
        reader.message("mock", "5-5"),
        reader.day("mock", BEGIN, BEGIN + 600),
    )
    assert [m.id for m in found[0].messages] == [m.id for m in SAID[1:11]]
    named: Message | None = found[1]
    assert named == SAID[5]
    assert found[2:] == [None, []]


async def test_a_store_that_is_away_is_said(tmp_path: Path) -> None:
    filled(tmp_path / "history" / "mock", SAID)
    reader = PastReader(UiSettings(store_url="redis://127.0.0.1:1/0", data=tmp_path))
    with pytest.raises(PastUnreadableError, match="the store did not answer"):
        await reader.view("mock", BEGIN + 130)
    await reader.close()
