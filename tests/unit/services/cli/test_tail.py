"""`omf tail` over a real store: what a busy topic's own buffer forgot comes from the journal."""

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner

from omf.topics.catalogue import address
from services.cli.app import app
from services.common.process import clock
from services.common.store.bus import Bus
from services.common.store.keys import JOURNAL, buffer_key
from services.supervisor import runfile
from services.supervisor.runfile import RunFile

pytestmark = pytest.mark.servers
PAIRING = address("ccu_pairing_state")
BELL = "x/\x1b]0;OWNED\x07\x9b2J"


async def _fill(store_url: str) -> None:
    async with Bus(store_url, "mock") as bus:
        begin = int(clock.now()) - 7200
        for number in range(6):
            fields = {"t": PAIRING, "p": f'{{"n": {number}}}', "q": 0, "r": 0}
            names = (JOURNAL, PAIRING) if number >= 4 else (JOURNAL,)
            for name in names:
                message_id = f"{(begin + number) * 1000}-0"
                await bus.client.xadd(buffer_key("mock", name), fields, message_id)
        await bus.client.hset(bus.key("counters"), f"trimmed:{PAIRING}", 4)
        bell = {"t": BELL, "p": "a\nforged", "q": 0, "r": 0}
        await bus.client.xadd(buffer_key("mock", JOURNAL), bell)


def _tail(folder: Path, store_url: str, *words: str) -> list[str]:
    content = RunFile(ui="", redis=store_url, mqtt={"mock": ""}, metrics={}, pids={"ui": 1})
    runfile.write(folder, content)
    told = CliRunner().invoke(app, ["tail", *words, "--no-follow", "--run", str(folder)])
    assert told.exit_code == 0, told.output
    return told.output.splitlines()


def test_since_reaches_back_as_far_as_anything_is_kept(store_url: str, tmp_path: Path) -> None:
    asyncio.run(_fill(store_url))
    assert len(_tail(tmp_path, store_url, PAIRING)) == 2
    lines = _tail(tmp_path, store_url, PAIRING, "--since", "3h")
    assert [line.rpartition("  ")[2] for line in lines] == [f'{{"n": {n}}}' for n in range(6)]


def test_a_topic_that_would_steer_the_terminal_is_one_harmless_line(
    store_url: str, tmp_path: Path
) -> None:
    asyncio.run(_fill(store_url))
    (line,) = _tail(tmp_path, store_url, "x/#")
    assert line.isprintable()
    assert line.endswith("x/\\x1b]0;OWNED\\x07\\x9b2J  a\\nforged")
