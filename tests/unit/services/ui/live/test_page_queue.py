"""Many browsers ask at once: each gets its page in its turn, and nobody's sockets wait for all."""

import asyncio
import re
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from nicegui import Client, app

from services.common.store.keys import Role
from services.ui.app import Dashboard
from services.ui.live import page_queue
from tests.support import ui_pages
from tests.support.ui_pages import Pages

CROWD = 12
FEW = 3
PAGE = "/mock/overview"
SCOPE = {
    "type": "http",
    "method": "GET",
    "path": PAGE,
    "query_string": b"",
    "headers": [(b"host", b"127.0.0.1")],
    "client": ("127.0.0.1", 1),
}


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine nothing here is given up for being late."""
    monkeypatch.setattr(page_queue, "QUEUED_S", 600.0)
    monkeypatch.setattr(page_queue, "ABANDONED_S", 600.0)


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three pages of guests may wait for their browsers, and two more of people."""
    monkeypatch.setattr(page_queue, "MAX_UNCONNECTED", FEW + 2)
    monkeypatch.setattr(page_queue, "KEPT_FREE", 2)


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many pages stood without their browser each time one was built."""
    found: list[int] = []
    show = Dashboard._show

    def counted(self: Dashboard, client: Client, *rest: Any) -> Any:
        waiting = self._queue._unconnected()
        found.append(waiting)
        return show(self, client, *rest)

    monkeypatch.setattr(Dashboard, "_show", counted)
    return found


def client_of(answer: httpx.Response) -> Client:
    assert answer.status_code == 200, answer.text
    found = re.search(r"'client_id': '([0-9a-f-]+)'", answer.text)
    assert found
    return Client.instances[found[1]]


async def connect(answer: httpx.Response) -> None:
    name = str(uuid4())
    await client_of(answer).handle_handshake(name, name, None, name, None)


async def come(pages: Pages) -> None:
    """What a browser does: fetch the page, then open its socket."""
    await connect(await pages.user.http_client.get(PAGE))


@pytest.mark.usefixtures("few")
async def test_everybody_who_comes_at_once_is_let_in(pages: Pages, built: list[int]) -> None:
    await asyncio.gather(*(come(pages) for _ in range(CROWD)))
    assert len(pages.dashboard.screens) == CROWD
    assert len(built) == CROWD
    assert max(built) <= FEW


async def test_between_two_pages_the_loop_belongs_to_everybody_else(
    pages: Pages, built: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    rounds, at = 0, []
    counted = Dashboard._show

    def noted(self: Dashboard, *rest: Any) -> Any:
        at.append(rounds)
        return counted(self, *rest)

    monkeypatch.setattr(Dashboard, "_show", noted)
    asked = asyncio.gather(*(pages.user.http_client.get(PAGE) for _ in range(4)))
    while not asked.done():
        rounds += 1
        await asyncio.sleep(0)
    between = [later - earlier for earlier, later in pairwise(at)]
    assert len(built) == 4
    assert min(between) >= page_queue.ROUNDS


@pytest.mark.usefixtures("few")
async def test_guests_without_browsers_do_not_shut_out_who_is_signed_in(tmp_path: Path) -> None:
    async with ui_pages.pages(users=tmp_path / "users.jsonl") as pages:
        flood = [asyncio.create_task(pages.user.http_client.get(PAGE)) for _ in range(FEW + 1)]
        *first, waiting = flood
        built, _ = await asyncio.wait(first)
        await pages.sign_in(Role.OPERATOR)
        await come(pages)
        assert not waiting.done()
        await connect(built.pop().result())
        assert (await waiting).status_code == 200


@pytest.mark.usefixtures("few")
async def test_a_page_no_browser_comes_for_gives_way(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    abandoned = [client_of(await pages.user.http_client.get(PAGE)) for _ in range(FEW)]
    monkeypatch.setattr(page_queue, "ABANDONED_S", 0.0)
    await come(pages)
    assert all(client.is_deleted for client in abandoned)


@pytest.mark.usefixtures("few")
async def test_who_waited_too_long_is_told_and_asks_again(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(FEW):
        await pages.user.http_client.get(PAGE)
    kept = set(Client.instances)
    monkeypatch.setattr(page_queue, "QUEUED_S", 0.0)
    answer = await pages.user.http_client.get(PAGE)
    assert answer.status_code == 503
    assert int(answer.headers["refresh"]) > 0
    assert set(Client.instances) == kept


async def test_an_address_that_leads_elsewhere_leaves_no_page_behind(pages: Pages) -> None:
    kept = set(Client.instances)
    answer = await pages.user.http_client.get("/live/users")
    assert answer.headers["location"].startswith("/login")
    assert set(Client.instances) == kept


@pytest.mark.usefixtures("few")
async def test_nothing_is_built_for_who_has_left(pages: Pages, built: list[int]) -> None:
    waiting = [await pages.user.http_client.get(PAGE) for _ in range(FEW)]
    said = [{"type": "http.request", "body": b"", "more_body": False}]
    sent: list[dict[str, Any]] = []
    left = asyncio.Event()

    async def receive() -> Any:
        if said:
            return said.pop()
        left.set()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    asked = asyncio.create_task(app(dict(SCOPE), receive, send))
    await left.wait()
    for answer in waiting:
        await connect(answer)
    await asked
    assert sent[0]["status"] == 503
    assert len(built) == FEW
    # The next one is let in.
    await come(pages)
    assert len(built) == FEW + 1
