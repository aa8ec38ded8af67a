"""The real process at its door: headers, foreign pages, a crowd, and leaving in time."""

import asyncio
import json
import signal
from pathlib import Path

import httpx
import pytest

from services.ui.__main__ import SILENT_LINE_S
from services.ui.auth.request_rules import PAGE_HEADERS
from tests.support.door import Door
from tests.support.processes import Processes

CROWD = 300
MAX_GROWTH_MB = 80
"""300 pages without a browser behind them cost 250 MB when each of them is built."""


@pytest.fixture
def door(processes: Processes, store_url: str) -> Door:
    return Door(processes, store_url)


def test_every_answer_is_dressed_and_names_no_server(door: Door) -> None:
    for path in ("/", "/mock/overview", "/static/base.css", "/nowhere/at/all"):
        answer = httpx.get(f"{door.url}{path}", follow_redirects=True)
        assert {name: answer.headers.get(name) for name in PAGE_HEADERS} == PAGE_HEADERS
        assert "server" not in answer.headers
        assert "set-cookie" not in answer.headers


def test_a_foreign_page_opens_no_socket_and_a_rebound_name_gets_no_page(door: Door) -> None:
    socket = f"{door.url}/_nicegui_ws/socket.io/?EIO=4&transport=polling"
    assert httpx.get(socket, headers={"origin": "http://evil.example"}).status_code == 403
    rebound = httpx.get(f"{door.url}/mock/steering", headers={"host": "evil.example"})
    assert rebound.status_code == 403


def test_a_choice_leads_back_into_the_dashboard_only(door: Door) -> None:
    choose = f"{door.url}/choose?language=de&back="
    kept = httpx.get(f"{choose}/mock/floor")
    assert kept.headers["location"] == "/mock/floor"
    assert "httponly" in kept.headers["set-cookie"].lower()
    assert "samesite=strict" in kept.headers["set-cookie"].lower()
    assert httpx.get(f"{choose}//evil.example").headers["location"] == "/"


def test_a_crowd_without_browsers_costs_little_and_leaves_no_file(
    door: Door, tmp_path: Path
) -> None:
    httpx.get(f"{door.url}/mock/overview")
    before = door.memory_mb()
    answers = asyncio.run(_crowd(f"{door.url}/mock/overview"))
    assert set(answers) <= {200, 503}
    assert answers.count(503) > CROWD / 2
    assert door.memory_mb() - before < MAX_GROWTH_MB
    assert not list(tmp_path.rglob("storage-*.json"))
    assert not Path(".nicegui").exists()


def test_a_line_is_not_taken_for_dead_while_its_answer_waits_to_be_read(door: Door) -> None:
    opened = httpx.get(f"{door.url}/_nicegui_ws/socket.io/?EIO=4&transport=polling")
    told = json.loads(opened.text.removeprefix("0"))
    assert told["pingTimeout"] == SILENT_LINE_S * 1000


async def _crowd(address: str) -> list[int]:
    """What each of them is answered; who waits for a page is told after a quarter of a minute."""
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(limits=limits, timeout=120) as client:
        asked = await asyncio.gather(*(client.get(address) for _ in range(CROWD)))
    return [answer.status_code for answer in asked]


def test_it_leaves_in_order_when_asked(door: Door) -> None:
    door.service.send(signal.SIGTERM)
    assert door.service.wait(10.0) == 0
