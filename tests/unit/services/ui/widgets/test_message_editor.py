"""The message on a card: edited by whom is allowed, checked as it stands, sent as it was read."""

import json
from pathlib import Path

import pytest
from nicegui import ui

from services.common.store.keys import Role
from tests.support import ui_pages
from tests.support.ui_pages import Pages

ORDER = "/mock/steering?kind=production-order&colour=WHITE"
READABLE = {"type": "WHITE", "timestamp": "2026-01-01T00:00:00.000Z", "orderType": "PRODUCTION"}


async def opened(pages: Pages) -> None:
    ui_pages.working_factory(pages.factory)
    await pages.user.open(ORDER)
    await pages.user.should_see("WHITE")


def tab(pages: Pages, name: str) -> ui.element:
    found = pages.user.find(kind=ui.label).elements
    return next(one for one in found if one.props.get("data-tab") == name)


def field(pages: Pages, marker: str) -> ui.input:
    (found,) = pages.user.find(marker=marker).elements
    assert isinstance(found, ui.input | ui.textarea)
    return found


def choose(pages: Pages, name: str) -> None:
    pages.user.find(tab(pages, name).text).click()


async def test_what_was_written_is_what_is_sent_with_what_it_replaces(pages: Pages) -> None:
    await opened(pages)
    choose(pages, "edit")
    assert field(pages, "edit-topic-1").value == "ccu/order/request"
    field(pages, "edit-payload-1").set_value(json.dumps({**READABLE, "extra": 1}))
    await pages.user.should_see("edited by hand")
    choose(pages, "diff")
    await pages.user.should_see("extra")
    pages.user.find(marker="send").click()
    await pages.user.should_see("requested")
    (command,) = pages.inboxes["mock"].commands
    assert command.edited is not None
    (message,) = command.edited.messages
    assert json.loads(message.payload) == {**READABLE, "extra": 1}
    assert message.topic == "ccu/order/request"
    assert command.kind == "production-order"
    assert command.plan


async def test_a_message_that_nobody_touched_goes_out_as_it_was_made(pages: Pages) -> None:
    await opened(pages)
    choose(pages, "edit")
    pages.user.find(marker="send").click()
    await pages.user.should_see("requested")
    (command,) = pages.inboxes["mock"].commands
    assert command.edited is None


async def test_an_edit_that_fits_no_protocol_is_not_sent_and_is_taken_back(pages: Pages) -> None:
    await opened(pages)
    choose(pages, "edit")
    field(pages, "edit-payload-1").set_value('{"type": [1]}')
    await pages.user.should_see("does not fit the protocol of this topic")
    pages.user.find(marker="send").click()
    assert not pages.inboxes["mock"].commands
    field(pages, "edit-topic-1").set_value("no/+/topic")
    pages.user.find(marker="send").click()
    assert not pages.inboxes["mock"].commands
    pages.user.find(marker="edit-back").click()
    await pages.user.should_not_see("edited by hand")
    pages.user.find(marker="send").click()
    await pages.user.should_see("requested")
    (command,) = pages.inboxes["mock"].commands
    assert command.edited is None


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.SUPERVISOR, Role.ADMIN])
async def test_who_may_not_send_any_message_edits_none(tmp_path: Path, role: Role) -> None:
    async with ui_pages.pages(users=tmp_path / "users.jsonl") as pages:
        pages.language("en")
        await pages.sign_in(role)
        await opened(pages)
        assert ("hidden" in tab(pages, "edit").classes) is (role is not Role.ADMIN)
