"""The button with which a signed-in person has this browser told of alarms."""

from pathlib import Path
from typing import Any

import pytest

from services.common.store.keys import Role
from services.common.store.notification_status import (
    MAX_BROWSERS,
    NotificationStatus,
    PushBrowser,
    keep_browser,
    read_browsers,
)
from services.ui.shell.push_button import PRESSED
from tests.support.ui_pages import NOW, Pages, classed

TOLD = {"endpoint": "https://push.example/1", "keys": {"p256dh": "BPoint", "auth": "secret"}}


@pytest.fixture
def opening(store_url: str, tmp_path: Path) -> dict[str, object]:
    return {"store_url": store_url, "users": tmp_path / "users.jsonl"}


async def _open(pages: Pages, role: Role | None = Role.VIEWER) -> None:
    pages.language("en")
    pages.models["mock"].notifications = NotificationStatus(at=NOW, push_key="BKey")
    if role:
        await pages.sign_in(role)
    await pages.user.open("/mock/overview")
    pages.tick(1)


async def _press(pages: Pages, answer: Any, said: str) -> None:
    pages.user.find(marker="push").trigger("click", answer)
    await pages.user.should_see(said)


async def test_a_browser_is_kept_for_its_person_and_forgotten_again(pages: Pages) -> None:
    await _open(pages)
    (button,) = pages.user.find(marker="push").elements
    assert button.props["data-push-key"] == "BKey"
    assert "dataset.pushKey" in PRESSED
    await _press(pages, TOLD, "from now on")
    (kept,) = (await read_browsers(pages.inboxes["mock"])).values()
    assert (kept.account, kept.language, kept.auth) == ("anna", "en", "secret")
    await _press(pages, {"gone": TOLD["endpoint"]}, "told no more")
    assert await read_browsers(pages.inboxes["mock"]) == {}


OTHERS = PushBrowser(
    account="bert", endpoint="https://push.example/9", p256dh="BOther", auth="of bert"
)


@pytest.mark.parametrize(
    "answer",
    [
        {"gone": OTHERS.endpoint},
        {"gone": OTHERS.endpoint, "keys": {"auth": "guessed"}},
        {"gone": OTHERS.endpoint, "keys": "none"},
        {**TOLD, "endpoint": OTHERS.endpoint},
    ],
)
async def test_who_knows_the_address_of_anothers_browser_changes_nothing_about_it(
    pages: Pages, answer: dict[str, Any]
) -> None:
    await _open(pages)
    bus = pages.inboxes["mock"]
    assert await keep_browser(bus, OTHERS)
    await _press(pages, answer, "another person")
    assert await read_browsers(bus) == {OTHERS.id: OTHERS}


@pytest.mark.parametrize(
    ("address", "said", "of"),
    [("gone", "told no more", []), ("endpoint", "from now on", ["anna"])],
)
async def test_a_browser_that_two_people_use_is_of_whoever_pressed_last(
    pages: Pages, address: str, said: str, of: list[str]
) -> None:
    await _open(pages)
    bus = pages.inboxes["mock"]
    assert await keep_browser(bus, OTHERS)
    keys = {"p256dh": OTHERS.p256dh, "auth": OTHERS.auth}
    await _press(pages, {address: OTHERS.endpoint, "keys": keys}, said)
    assert [one.account for one in (await read_browsers(bus)).values()] == of


async def test_a_browser_that_is_not_known_any_more_is_told_no_more(pages: Pages) -> None:
    await _open(pages)
    await _press(pages, {"gone": "https://push.example/nobody"}, "told no more")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"fault": "denied"}, "does not permit"),
        ({"fault": "unsupported"}, "https"),
        ({"fault": "<script>"}, "no push service"),
        (None, "no push service"),
        ({"endpoint": "file:///etc/passwd", "keys": TOLD["keys"]}, "no push service"),
        ({"endpoint": TOLD["endpoint"], "keys": {"auth": "x" * 1000}}, "no push service"),
        ({"endpoint": TOLD["endpoint"], "keys": "none"}, "no push service"),
    ],
)
async def test_what_is_no_subscription_is_said_and_not_kept(
    pages: Pages, answer: Any, said: str
) -> None:
    await _open(pages)
    await _press(pages, answer, said)
    assert await read_browsers(pages.inboxes["mock"]) == {}


async def test_an_account_has_so_many_browsers_and_no_more(pages: Pages) -> None:
    await _open(pages)
    bus = pages.inboxes["mock"]
    for number in range(MAX_BROWSERS):
        kept = PushBrowser(
            account="anna", endpoint=f"https://push.example/x{number}", p256dh="x", auth="x"
        )
        assert await keep_browser(bus, kept)
    await _press(pages, TOLD, "take one off first")
    found = await read_browsers(bus)
    assert len(found) == MAX_BROWSERS
    first = next(iter(found.values()))
    assert await keep_browser(bus, first), "one that is known is kept anew"


async def test_nobody_without_an_account_and_no_key_shows_no_button(pages: Pages) -> None:
    await _open(pages, None)
    await pages.user.should_not_see(marker="push")
    await pages.sign_in(Role.VIEWER)
    pages.models["mock"].notifications = None
    await pages.user.open("/mock/overview")
    pages.tick(2)
    assert [
        one
        for one in classed(pages, "act")
        if "data-push-key" in one.props and "hidden" not in one.classes
    ] == []
