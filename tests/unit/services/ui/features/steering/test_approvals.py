"""Four eyes on the pages: what waits is seen by all, and approved by a second person alone."""

import asyncio
from pathlib import Path

import pytest

from services.common.store.approvals import PendingApproval
from services.common.store.keys import Command, CommandEvent, Reason, Role, Stage
from services.common.store.lease import Lease
from tests.support.command_examples import command_of
from tests.support.ui_pages import NOW, Pages

LAMP = {"topic": "site/lamp", "payload": '{"on": true}'}


@pytest.fixture
def opening(tmp_path: Path) -> dict[str, object]:
    return {"users": tmp_path / "users.jsonl"}


def waiting(who: str = "berta", **changes: object) -> PendingApproval:
    command: Command = command_of("free-message", parameters=LAMP, operator=who, note="lamp test")
    event = CommandEvent(command_id="c", kind=command.kind, stage=Stage.REQUESTED, at=NOW)
    made = PendingApproval(
        command=command,
        event=event,
        asked_at=NOW - 5,
        until=NOW + 300,
        messages=(("site/lamp", LAMP["payload"]),),
    )
    return made.model_copy(update=changes)


async def press(pages: Pages, marker: str) -> list[Command]:
    pages.user.find(marker=marker).click()
    await asyncio.sleep(0.1)
    return pages.inboxes["mock"].commands


async def test_a_second_person_sees_what_would_go_out_and_lets_it_go(pages: Pages) -> None:
    await pages.sign_in(Role.ADMIN)
    pages.models["mock"].approvals = [waiting()]
    await pages.user.open("/mock/steering")
    await pages.user.should_see("Waiting for a second person")
    await pages.user.should_see("berta gave it at")
    await pages.user.should_see("lamp test")
    await pages.user.should_see("site/lamp")
    await pages.user.should_see("· 1 to approve")
    (command,) = await press(pages, "approve-c")
    assert (command.kind, command.parameters) == ("approval-give", {"command": "c"})
    assert (command.operator, command.known_by) == ("anna", "account")
    why = Reason(id="approval-own", de="Nein.", en="Ask somebody else.")
    refused = {"command_id": command.command_id, "kind": command.kind, "stage": Stage.REFUSED}
    pages.models["mock"].hear(CommandEvent(**refused, at=NOW, reasons=(why,)))
    pages.tick()
    await pages.user.should_see("Ask somebody else.")


@pytest.mark.parametrize(
    ("role", "giver", "said"),
    [
        (Role.ADMIN, "anna", "somebody else approves it"),
        (Role.ADMIN, "Anna", "somebody else approves it"),
        (Role.SUPERVISOR, "berta", "Needs Administrator"),
        (None, "berta", "Sign in to approve it."),
    ],
)
async def test_whoever_is_not_the_second_person_is_told_why_and_sends_nothing(
    pages: Pages, role: Role | None, giver: str, said: str
) -> None:
    if role:
        await pages.sign_in(role)
    pages.models["mock"].approvals = [waiting(giver)]
    await pages.user.open("/mock/steering")
    await pages.user.should_see(said)
    assert await press(pages, "approve-c") == []
    await pages.user.should_not_see("· 1 to approve")
    if role:
        (command,) = await press(pages, "decline-c")
        assert command.kind == "approval-decline"


async def test_what_was_answered_or_is_over_is_listed_no_more(pages: Pages) -> None:
    await pages.sign_in(Role.ADMIN)
    pages.models["mock"].approvals = [waiting(verdict="approved"), waiting(until=NOW - 1)]
    await pages.user.open("/mock/steering")
    await pages.user.should_not_see(marker="approval-c")


@pytest.mark.parametrize("signed_in", [True, False])
async def test_a_card_says_that_two_people_are_needed(pages: Pages, *, signed_in: bool) -> None:
    if signed_in:
        await pages.sign_in(Role.ADMIN)
    pages.models["mock"].lease = Lease(four_eyes=True)
    await pages.user.open("/mock/steering?kind=free-message&topic=site/lamp&payload=on")
    said = "a second person approves it after it is sent" if signed_in else "sign in first"
    await pages.user.should_see(said)
    await pages.user.open("/mock/steering?kind=production-order&colour=WHITE")
    await pages.user.should_not_see(said)
