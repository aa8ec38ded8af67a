"""Golden sessions on the page: kept by a button, checked, stopped, removed."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from omf.alarms.rule_data import BUILT_IN, with_site
from omf.analysis.shifts import default_shifts
from services.common.sessions import named_ranges
from services.common.sessions.golden_files import GoldenOrigin
from services.common.sessions.golden_folder import GoldenFolder, GoldenRules
from services.common.sessions.named_ranges import ListedSession, Session
from services.common.store.alarm_rules import StoredRules, write_rules
from services.common.store.keys import Role
from tests.support import ui_pages
from tests.support.archives import filled
from tests.support.shared import recording, shared_path
from tests.support.ui_pages import Pages

pytestmark = pytest.mark.servers

NOK = "white-storage-production-nok_20260807_114322"
SITE = "version: 1\nrules:\n  quality-failed: {enabled: false}\n"


@pytest.fixture
def opening(store_url: str, tmp_path: Path) -> dict[str, object]:
    return {"store_url": store_url, "data": tmp_path}


async def seen(pages: Pages, words: str, done: Callable[[], bool] = lambda: True) -> None:
    for _ in range(300):
        try:
            await pages.user.should_see(words, retries=1)
        except AssertionError:
            await asyncio.sleep(0.1)
            continue
        if done():
            return
    await pages.user.should_see(words)


def kept(tmp_path: Path, name: str = "nok", environment: str = "") -> GoldenFolder:
    folder = GoldenFolder.of(tmp_path)
    session = shared_path("recordings", f"{NOK}.jsonl.gz")
    rules = GoldenRules(BUILT_IN, "", default_shifts())
    folder.keep(name, session, GoldenOrigin(source=NOK, environment=environment), rules)
    return folder


async def test_a_named_session_is_kept_by_a_button(pages: Pages, tmp_path: Path) -> None:
    messages = list(recording(NOK))
    filled(tmp_path / "history" / "mock", messages, portion=500)
    begin, end = messages[0].received_at - 1, messages[-1].received_at + 1
    session = Session(name="fair-1", from_at=begin, to_at=end)
    await named_ranges.name(pages.inboxes["mock"], session)
    pages.models["mock"].sessions = [ListedSession(session, "whole")]
    await pages.user.open("/mock/sessions?session=fair-1")
    await pages.user.should_see("No session is kept as golden yet.")
    pages.user.find(marker="keep-golden").click()
    await seen(pages, "fair-1 is kept as golden.")
    await seen(pages, "24 orders, 1 pieces, 1 alarms")
    assert GoldenFolder.of(tmp_path).head("fair-1").messages == 1352


async def test_a_check_says_what_would_be_different_by_todays_rules(
    pages: Pages, tmp_path: Path
) -> None:
    kept(tmp_path)
    await pages.user.open("/mock/sessions")
    await seen(pages, "24 orders, 1 pieces, 1 alarms")
    pages.user.find(marker="golden-check-nok").click()
    await seen(pages, "nok: all as it was kept")
    await write_rules(
        pages.inboxes["mock"], StoredRules(version=with_site(SITE).version, source=SITE)
    )
    pages.user.find(marker="golden-all").click()
    await seen(pages, "nok: 1 difference")
    await pages.user.should_see("Alarm would not come any more")
    await pages.user.should_see("alarm rules then 1, now 1 + 1")


async def test_what_is_damaged_is_said_and_can_be_removed(pages: Pages, tmp_path: Path) -> None:
    folder = kept(tmp_path, "other")
    folder.path("broken").write_bytes(b"something else")
    await pages.user.open("/mock/sessions")
    await seen(pages, "broken.golden.jsonl.gz is no golden session")
    pages.user.find(marker="golden-all").click()
    await seen(pages, "other: all as it was kept")
    pages.user.find(marker="golden-remove-broken").click()
    for _ in range(50):
        if folder.names() == ["other"]:
            break
        await asyncio.sleep(0.1)
    assert folder.names() == ["other"]


@pytest.mark.parametrize(("origin", "left"), [("replay", ["nok"]), ("", ["nok"]), ("mock", [])])
async def test_who_supervises_one_factory_removes_what_was_kept_of_that_one_alone(
    store_url: str, tmp_path: Path, origin: str, left: list[str]
) -> None:
    folder = kept(tmp_path, environment=origin)
    users = tmp_path / "users.jsonl"
    async with ui_pages.pages(store_url=store_url, data=tmp_path, users=users) as pages:
        pages.language("en")
        await pages.sign_in(Role.VIEWER)
        pages.people.accounts.give("anna", Role.SUPERVISOR, ["mock"])
        await pages.user.open("/mock/sessions")
        await seen(pages, "24 orders")
        pages.user.find(marker="golden-remove-nok").click()
        await asyncio.sleep(0.5)
    assert folder.names() == left


async def test_a_check_can_be_stopped(pages: Pages, tmp_path: Path) -> None:
    kept(tmp_path)
    await pages.user.open("/mock/sessions")
    await seen(pages, "24 orders")
    pages.user.find(marker="golden-check-nok").click()
    await seen(pages, "Reading …")
    pages.user.find(marker="golden-stop").click()
    await seen(pages, "Stopped.")
    pages.user.find(marker="golden-check-nok").click()
    await seen(pages, "nok: all as it was kept")
