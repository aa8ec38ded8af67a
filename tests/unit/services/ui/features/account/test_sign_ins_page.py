"""The page of sign-ins: what a person sees and ends of their own, an administrator of everybody."""

from pathlib import Path

import httpx
import pytest

from services.common.store.keys import Role
from services.ui.auth.browser_sessions import COOKIE, SignedIn
from tests.support.ui_pages import NOW, Pages

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def opening(tmp_path: Path) -> dict[str, object]:
    return {"users": tmp_path / "users.jsonl"}


async def _listed(pages: Pages) -> list[SignedIn]:
    return await pages.people.sessions.listed(NOW)


async def _sign_in(pages: Pages, role: Role, name: str) -> SignedIn:
    """A sign-in of another browser: ours forgets the cookie."""
    pages.user.http_client.cookies.delete(COOKIE)
    known = {one.id for one in await _listed(pages)}
    await pages.sign_in(role, name)
    return next(one for one in await _listed(pages) if one.id not in known)


async def test_a_person_sees_and_ends_their_own_sign_ins_and_no_other(pages: Pages) -> None:
    pages.user.http_client.headers["user-agent"] = FIREFOX
    other = await _sign_in(pages, Role.OPERATOR, "berta")
    first = await _sign_in(pages, Role.OPERATOR, "anna")
    here = await _sign_in(pages, Role.OPERATOR, "anna")
    await pages.user.open("/mock/account")
    await pages.user.should_see(marker=f"end-{first.id[:8]}")
    await pages.user.should_see("Firefox · Linux")
    await pages.user.should_see("this browser")
    await pages.user.should_not_see(marker=f"end-{other.id[:8]}")
    await pages.user.should_not_see("Everybody else")
    pages.user.find(marker=f"end-{first.id[:8]}").click()
    await pages.user.should_see("The sign-in of anna (Firefox · Linux) is ended.")
    assert {one.id for one in await _listed(pages)} == {other.id, here.id}


async def test_an_administrator_ends_the_sign_in_of_another_and_its_pages_close(
    pages: Pages,
) -> None:
    other = await _sign_in(pages, Role.OPERATOR, "berta")
    await pages.user.open("/mock/steering")
    assert len(pages.dashboard.screens) == 1
    await _sign_in(pages, Role.ADMIN, "anna")
    await pages.user.open("/mock/account")
    await pages.user.should_see("Everybody else who is signed in")
    await pages.user.should_see(marker=f"end-{other.id[:8]}")
    pages.user.find(marker=f"end-{other.id[:8]}").click()
    await pages.user.should_see("The sign-in of berta")
    await pages.dashboard.review()
    assert {screen.user.name for screen in pages.dashboard.screens} == {"anna"}


async def test_who_was_administrator_ends_nobody_else_any_more(pages: Pages) -> None:
    other = await _sign_in(pages, Role.OPERATOR, "berta")
    await _sign_in(pages, Role.ADMIN, "anna")
    await pages.user.open("/mock/account")
    await pages.user.should_see(marker=f"end-{other.id[:8]}")
    pages.people.accounts.change("anna", role=Role.SUPERVISOR)
    pages.user.find(marker=f"end-{other.id[:8]}").click()
    await pages.user.should_see("Not ended: only the person or an administrator may.")
    assert other.id in {one.id for one in await _listed(pages)}


async def test_signing_out_everywhere_ends_all_of_them_and_closes_the_pages(pages: Pages) -> None:
    await _sign_in(pages, Role.OPERATOR, "berta")
    for _ in range(2):
        await _sign_in(pages, Role.SUPERVISOR, "anna")
    await pages.user.open("/mock/account")
    await pages.user.should_see(marker="sign-out-everywhere")
    answer: httpx.Response = await pages.post("/logout/everywhere", {})
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    assert [one.name for one in await _listed(pages)] == ["berta"]
    assert len(pages.dashboard.screens) == 0


async def test_a_guest_has_no_sign_in_to_end(pages: Pages) -> None:
    await pages.sign_in(Role.VIEWER)
    pages.user.http_client.cookies.delete(COOKIE)
    await pages.user.open("/mock/account")
    await pages.user.should_see("Nobody is signed in here.")
    assert (await pages.post("/logout/everywhere", {})).status_code == 303
    assert [one.name for one in await _listed(pages)] == ["anna"]


async def test_while_the_store_is_away_the_page_says_so(pages: Pages) -> None:
    await pages.sign_in(Role.VIEWER)
    await pages.user.open("/mock/account")
    await pages.user.should_see("this browser")
    pages.shelf.away = True
    pages.tick(later_s=3)
    await pages.user.should_see("the list may be out of date")
    (entry,) = pages.shelf.kept
    pages.user.find(marker=f"end-{entry[:8]}").click()
    await pages.user.should_see("nothing was changed")
    pages.tick(later_s=6)
    await pages.user.should_see("the list may be out of date")
    pages.shelf.away = False
    pages.tick(later_s=9)
    await pages.user.should_not_see("the list may be out of date")
