"""A preview outlives its page, is seen by colleagues, and ends when it is sent or discarded."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from omf.messages.edited import EditedMessage, EditedMessages
from services.common.store.bus import Bus
from services.common.store.keys import Role
from services.common.store.pending_previews import (
    MAX_PENDING_PREVIEWS,
    PREVIEWS_KEY,
    PendingPreview,
    drop_preview,
    keep_preview,
    pending_previews,
)
from tests.support import ui_pages
from tests.support.ui_pages import NOW, Pages

ORDER = "/mock/steering?kind=production-order&colour=WHITE"


@pytest.fixture
async def pages(store_url: str, tmp_path: Path) -> AsyncIterator[Pages]:
    async with ui_pages.pages(users=tmp_path / "users.jsonl", store_url=store_url) as opened:
        opened.language("en")
        ui_pages.working_factory(opened.factory)
        yield opened


@pytest.fixture
async def bus(store_url: str) -> AsyncIterator[Bus]:
    async with Bus(store_url, "mock") as opened:
        yield opened


def preview(number: int = 1, **changes: object) -> PendingPreview:
    made = PendingPreview(
        id=f"{number:032x}",
        kind="production-order",
        parameters={"colour": "RED"},
        operator="berta",
        since=NOW + number,
    )
    return made.model_copy(update=changes)


async def waiting(bus: Bus, count: int) -> tuple[PendingPreview, ...]:
    for _ in range(100):
        if len(found := await pending_previews(bus)) == count:
            return found
        await asyncio.sleep(0.05)
    raise AssertionError(f"{found} wait")


async def test_a_preview_is_kept_over_pages_and_ends_when_it_is_sent(
    pages: Pages, bus: Bus
) -> None:
    await pages.sign_in(Role.ADMIN)
    await pages.user.open(ORDER)
    (kept,) = await waiting(bus, 1)
    assert (kept.kind, kept.operator, kept.parameters) == (
        "production-order",
        "anna",
        {"colour": "WHITE"},
    )
    await pages.user.open("/mock/overview")
    assert await waiting(bus, 1) == (kept,)
    await pages.user.open(f"/mock/steering?kind=production-order&preview={kept.id}")
    await pages.user.should_see('"WHITE"')
    pages.user.find(marker="send").click()
    await pages.user.should_see("requested")
    (command,) = pages.inboxes["mock"].commands
    assert command.command_id == kept.id
    await waiting(bus, 0)


async def test_an_edit_is_there_again_after_a_reload(pages: Pages, bus: Bus) -> None:
    await pages.sign_in(Role.ADMIN)
    payload = json.dumps({"type": "RED", "timestamp": "x", "orderType": "PRODUCTION"})
    edit = EditedMessage(step=0, topic="ccu/order/request", payload=payload)
    kept = preview(operator="anna")
    edited = EditedMessages(ids=kept.id, messages=(edit,))  # type: ignore[arg-type]
    await keep_preview(bus, kept.model_copy(update={"edited": edited}))
    pages.models["mock"].prepared(await pending_previews(bus))
    await pages.user.open(f"/mock/steering?preview={kept.id}")
    await pages.user.should_see("edited by hand")
    (found,) = await pending_previews(bus)
    assert found.edited == edited


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR])
async def test_colleagues_see_it_and_discard_it_if_they_may(
    pages: Pages, bus: Bus, role: Role
) -> None:
    await keep_preview(bus, preview())
    pages.models["mock"].prepared(await pending_previews(bus))
    await pages.sign_in(role)
    await pages.user.open("/mock/steering/orders")
    await pages.user.should_see("Pending previews")
    await pages.user.should_see("berta, since")
    pages.user.find(marker=f"preview-discard-{preview().id[:8]}").click()
    await asyncio.sleep(0.3)
    assert len(await pending_previews(bus)) == (role is Role.VIEWER)


async def test_a_discarded_or_replaced_card_leaves_nothing(pages: Pages, bus: Bus) -> None:
    await pages.sign_in(Role.ADMIN)
    await pages.user.open(ORDER)
    await waiting(bus, 1)
    pages.user.find(marker="discard").click()
    await waiting(bus, 0)


async def test_a_viewer_who_looks_at_a_card_keeps_nothing(pages: Pages, bus: Bus) -> None:
    await pages.sign_in(Role.VIEWER)
    await pages.user.open(ORDER)
    await asyncio.sleep(0.3)
    assert await pending_previews(bus) == ()


async def test_the_word_of_a_dangerous_command_is_never_kept(bus: Bus) -> None:
    await keep_preview(bus, preview(kind="factory-reset", parameters={"confirm": "RESET"}))
    (found,) = await pending_previews(bus)
    assert found.parameters == {}


async def test_the_oldest_go_first_and_what_cannot_be_read_is_left_out(bus: Bus) -> None:
    for number in range(MAX_PENDING_PREVIEWS + 3):
        await keep_preview(bus, preview(number + 1))
    await bus.call(bus.client.hset(bus.key(PREVIEWS_KEY), "x", "{"))
    found = await pending_previews(bus)
    assert len(found) == MAX_PENDING_PREVIEWS
    assert found[0].since == NOW + 4
    await drop_preview(bus, found[0].id)
    await drop_preview(bus, found[0].id)
    assert len(await pending_previews(bus)) == MAX_PENDING_PREVIEWS - 1
