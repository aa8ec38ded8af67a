"""`omf chain` over a real store: causes and effects, also of what a topic's own buffer forgot."""

import asyncio
import json
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
from tests.support.factory import FTS, HBW

pytestmark = pytest.mark.servers

ORDER = "8cb5d9ad-0000-4000-8000-000000000001"
AT = int(clock.now()) - 600
DRIVE = address("fts_order", serial=FTS)


def _told() -> list[tuple[str, dict[str, object]]]:
    nodes = [{"id": HBW, "action": {"id": "dock", "type": "DOCK"}}]
    asked = {"type": "WHITE", "orderType": "PRODUCTION", "timestamp": "2026-08-07T09:20:00.000Z"}
    order = {"orderId": ORDER, "orderType": "PRODUCTION", "type": "WHITE", "state": "IN_PROGRESS"}
    docked = {"id": "dock", "state": "FINISHED"}
    return [
        (address("ccu_order_request"), asked),
        (DRIVE, {"orderId": ORDER, "orderUpdateId": 0, "nodes": nodes, "edges": []}),
        (address("ccu_order_response"), order | {"timestamp": asked["timestamp"]}),
        (address("txt_bme680"), {"t": 21}),
        (address("fts_state", serial=FTS), {"orderId": ORDER, "actionStates": [docked]}),
    ]


async def _fill(store_url: str, *, forgotten: bool) -> None:
    """The drive's own buffer has lost the drive, if it is `forgotten`."""
    async with Bus(store_url, "mock") as bus:
        for number, (topic, body) in enumerate(_told()):
            fields = {"t": topic, "p": json.dumps(body), "q": 0, "r": 0}
            pattern = topic.replace(FTS, "+")
            kept = not (forgotten and topic == DRIVE)
            for name in (JOURNAL, pattern) if kept else (JOURNAL,):
                await bus.client.xadd(buffer_key("mock", name), fields, f"{(AT + number) * 1000}-0")
        if forgotten:
            pattern = DRIVE.replace(FTS, "+")
            later = {"t": DRIVE, "p": "{}", "q": 0, "r": 0}
            await bus.client.xadd(buffer_key("mock", pattern), later, f"{(AT + 9) * 1000}-0")
            await bus.client.hset(bus.key("counters"), f"trimmed:{pattern}", 1)


def _chain(folder: Path, store_url: str, *words: str) -> str:
    content = RunFile(ui="", redis=store_url, mqtt={"mock": ""}, metrics={}, pids={"ui": 1})
    runfile.write(folder, content)
    told = CliRunner().invoke(app, ["chain", *words, "--run", str(folder)])
    assert told.exit_code == 0, told.output
    return told.stdout


@pytest.mark.parametrize("forgotten", [False, True])
def test_causes_and_effects_are_told(store_url: str, tmp_path: Path, *, forgotten: bool) -> None:
    asyncio.run(_fill(store_url, forgotten=forgotten))
    ids = [f"{(AT + number) * 1000}-0" for number in range(5)]
    links = [json.loads(one) for one in _chain(tmp_path, store_url, ids[1], "--json").splitlines()]
    found = {(one["cause"], one["effect"]): (one["by"], one["inferred"]) for one in links}
    assert found == {(ids[0], ids[1]): ("order", True), (ids[1], ids[4]): ("action", False)}
    rows = _chain(tmp_path, store_url, ids[1]).splitlines()
    assert [row.split()[0] for row in rows[-3:]] == ["1", "*2", "3"]
    assert rows[-2].endswith("1: same order (inferred)")


def test_what_is_no_message_is_said(store_url: str, tmp_path: Path) -> None:
    content = RunFile(ui="", redis=store_url, mqtt={"mock": ""}, metrics={}, pids={"ui": 1})
    runfile.write(tmp_path, content)
    for wrong, code in (("nonsense", 2), ("1-0", 1)):
        told = CliRunner().invoke(app, ["chain", wrong, "--run", str(tmp_path)])
        assert told.exit_code == code, told.output
