"""Who leads the factory and who looks on, on every page."""

import asyncio
from pathlib import Path

import pytest

from services.common.store.keys import CommandEvent, Reason, Role, Stage
from services.common.store.lease import Lease
from services.ui.formats import moment
from services.ui.live.presence import Viewer, together
from tests.support.ui_pages import NOW, Pages


@pytest.fixture
def opening(tmp_path: Path) -> dict[str, object]:
    return {"users": tmp_path / "users.jsonl"}


async def test_the_lead_is_taken_and_its_answer_is_told(pages: Pages) -> None:
    await pages.user.open("/mock/overview")
    await pages.user.should_see("free")
    await pages.user.should_see("In MOCK everybody may command; control only shows who leads.")
    pages.user.find(marker="lead-take").click()
    await asyncio.sleep(0)
    pages.tick()
    await pages.user.should_see("requested")
    (command,) = pages.inboxes["mock"].commands
    assert (command.kind, command.operator) == ("control-take", "local")
    why = Reason(id="barred", de="Anna führt.", en="Anna leads.")
    event = CommandEvent(
        command_id=command.command_id,
        kind=command.kind,
        stage=Stage.REFUSED,
        at=NOW,
        reasons=(why,),
    )
    pages.models["mock"].hear(event)
    pages.tick()
    await pages.user.should_see("Anna leads.")


async def test_a_lead_of_unknown_beginning_says_only_until_when(pages: Pages) -> None:
    pages.models["mock"].lease = Lease(holder="berta", until=NOW + 600)
    await pages.user.open("/mock/overview")
    await pages.user.should_see("berta leads until")


async def test_who_leads_may_hand_over_and_another_may_only_ask(pages: Pages) -> None:
    await pages.sign_in(Role.OPERATOR)
    lease = Lease(holder="berta", since=NOW, until=NOW + 600, required=True)
    pages.models["mock"].lease = lease
    await pages.user.open("/mock/overview")
    await pages.user.should_see(f"berta leads since {moment(NOW, 'local')}, until")
    await pages.user.should_see(marker="lead-request")
    shown = {way for way in ("take", "release", "hand-over") if _visible(pages, f"lead-{way}")}
    assert shown == set()
    await pages.user.should_see("In MOCK only who leads may give risky commands.")
    await pages.user.should_not_see("asks for it")
    pages.models["mock"].lease = lease.model_copy(update={"holder": "anna", "asked_by": "berta"})
    pages.tick(1)
    assert _visible(pages, "lead-hand-over")
    assert _visible(pages, "lead-release")
    assert not _visible(pages, "lead-request")
    await pages.user.should_see("berta asks for control")
    await pages.user.should_see("· berta asks for it")


async def test_what_the_lead_came_to_is_said_once(pages: Pages) -> None:
    await pages.user.open("/mock/overview")
    pages.user.find(marker="lead-take").click()
    await asyncio.sleep(0)
    (command,) = pages.inboxes["mock"].commands
    why = Reason(id="leads", de="Anna führt bis 12:00.", en="Anna has control until 12:00.")
    done = CommandEvent(
        command_id=command.command_id,
        kind=command.kind,
        stage=Stage.EFFECT,
        at=NOW,
        reasons=(why,),
    )
    pages.models["mock"].hear(done)
    pages.models["mock"].lease = Lease(holder="local", since=NOW, until=NOW + 600)
    pages.tick()
    await pages.user.should_see("leads since")
    await pages.user.should_not_see("has control until")


def _visible(pages: Pages, marker: str) -> bool:
    return all("hidden" not in e.classes for e in pages.user.find(marker=marker).elements)


async def test_a_guest_gets_no_way_to_the_lead_and_a_forged_press_sends_nothing(
    pages: Pages,
) -> None:
    await pages.user.open("/live/overview")
    assert not _visible(pages, "lead-take")
    pages.user.find(marker="lead-take").click()
    pages.tick()
    assert pages.inboxes["live"].commands == []


async def test_everybody_sees_who_else_looks(pages: Pages) -> None:
    pages.models["mock"].viewers = together(
        [
            Viewer(name="guest", role=Role.VIEWER, pages=("floor",)),
            Viewer(name="anna", role=Role.OPERATOR, pages=("overview",)),
            Viewer(name="guest", role=Role.VIEWER, pages=("floor",)),
            Viewer(name="anna", role=Role.OPERATOR, pages=("messages",)),
        ]
    )
    assert [(one.name, len(one.pages)) for one in pages.models["mock"].viewers] == [
        ("anna", 2),
        ("guest", 2),
    ]
    await pages.user.open("/mock/overview")
    await pages.user.should_see("anna")
    await pages.user.should_see("Operator · 📊 Overview, 📨 Message centre")
    await pages.user.should_see("view only ×2 · Shop floor")


async def test_open_pages_are_told_by_person(pages: Pages) -> None:
    await pages.sign_in(Role.OPERATOR)
    await pages.user.open("/mock/overview")
    assert pages.dashboard.viewers("mock") == (
        Viewer(name="anna", role=Role.OPERATOR, pages=("overview",)),
    )
    assert pages.dashboard.viewers("live") == ()
