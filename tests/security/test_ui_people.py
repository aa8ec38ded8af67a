"""The real process, real browsers and real accounts: who gets in, and whose socket is whose."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, expect

from services.supervisor.ports import free_port
from services.ui.auth.browser_sessions import COOKIE
from services.ui.auth.request_rules import OIDC_DONE
from tests.e2e.whole import browser, open_page
from tests.support.door import PASSWORD, Door
from tests.support.oidc_server import CLIENT, SECRET, oidc_server
from tests.support.processes import Processes

WAIT_MS = 30_000
SOCKET = "/_nicegui_ws/socket.io/?EIO=4&transport=polling"


@pytest.fixture
def door(processes: Processes, store_url: str) -> Door:
    return Door(processes, store_url)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as started:
        yield started


@pytest.mark.browser
def test_a_person_signs_in_and_out_and_every_tab_of_theirs_follows(
    door: Door, chromium: Browser
) -> None:
    before = open_page(chromium, door.url, "/mock/steering")
    expect(before.locator(".who")).to_contain_text("Administrator")
    door.user("add", "anna", "admin")
    # The first account ends the trust in whoever sits here, also on pages that are open.
    expect(before.locator(".who")).to_contain_text("view only", timeout=WAIT_MS)
    before.context.close()
    page = open_page(chromium, door.url, "/mock/overview")
    page.goto(f"{door.url}/mock/users")
    page.fill("#name", "anna")
    page.fill("#password", "wrong horse")
    page.click("button")
    expect(page.locator(".login-told")).to_contain_text("wrong")
    page.fill("#password", PASSWORD)
    page.click("button")
    expect(page).to_have_url(re.compile("/mock/users$"))
    other = page.context.new_page()
    other.goto(f"{door.url}/mock/steering")
    expect(other.locator(".who")).to_contain_text("anna")
    page.click("summary.who")
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(re.compile("/login"))
    expect(other.locator(".who")).to_contain_text("view only", timeout=WAIT_MS)
    page.context.close()


@pytest.mark.browser
def test_a_browser_comes_in_by_the_provider_of_another_site(
    processes: Processes, store_url: str, tmp_path: Path, chromium: Browser
) -> None:
    # localhost and 127.0.0.1 are two sites: a strict cookie does not travel between them.
    with oidc_server("") as provider:
        provider.issuer = provider.issuer.replace("127.0.0.1", "localhost")
        provider.claims = {"preferred_username": "anna", "groups": ["plant-operators"]}
        directory = tmp_path / "directory.yaml"
        (tmp_path / "secret").write_text(SECRET)
        port = free_port()
        told = {
            "issuer": provider.issuer,
            "client_id": CLIENT,
            "client_secret_file": str(tmp_path / "secret"),
            "pages": f"http://127.0.0.1:{port}",
        }
        provider.redirect = f"{told['pages']}{OIDC_DONE}"
        groups = {"plant-operators": "operator"}
        directory.write_text(json.dumps({"oidc": told, "groups": groups}))
        Door(processes, store_url, port, ui_directory_file=str(directory))
        page = open_page(chromium, told["pages"], "/mock/overview")
        page.goto(f"{told['pages']}/login?back=/mock/floor")
        page.get_by_role("link", name="Sign in with localhost").click()
        expect(page).to_have_url(re.compile("/mock/floor$"))
        expect(page.locator(".who")).to_contain_text("anna")
        expect(page.locator(".who")).to_contain_text("Operator")
        page.context.close()


def _client_id(page: str) -> str:
    found = re.search(r"client_id['\"]?: ?['\"]([0-9a-f-]{36})", page.replace("&quot;", '"'))
    assert found, page[:2000]
    return found[1]


def _connect(client: httpx.Client, door: Door, client_id: str) -> str:
    """What the server answers to a socket for that page, opened with this client's cookies."""
    address = f"{door.url}{SOCKET}&client_id={client_id}"
    opened = client.get(address).text
    sid = re.search(r'"sid":"([^"]+)"', opened)
    assert sid, opened
    mine = f"{address}&sid={sid[1]}"
    client.post(mine, content="40", headers={"origin": door.url})
    return client.get(mine).text


def test_a_socket_opens_only_for_the_person_whose_page_it_is(door: Door) -> None:
    door.user("add", "anna", "operator")
    door.user("add", "berta", "operator")
    with httpx.Client() as anna, httpx.Client() as berta, httpx.Client() as guest:
        assert door.sign_in(anna, "anna").status_code == 303
        assert door.sign_in(berta, "berta").status_code == 303
        page = _client_id(anna.get(f"{door.url}/mock/steering").text)
        for stranger in (berta, guest):
            assert _connect(stranger, door, page).startswith("44")
        assert _connect(anna, door, page).startswith("40")


def test_an_old_cookie_opens_nothing_and_survives_no_lock(door: Door) -> None:
    door.user("add", "anna", "supervisor")
    with httpx.Client() as anna:
        door.sign_in(anna, "anna")
        cookie = anna.cookies[COOKIE]
        assert "anna" in anna.get(f"{door.url}/mock/overview").text
        anna.post(f"{door.url}/logout", headers={"origin": door.url})
        anna.cookies.set(COOKIE, cookie)
        assert '"anna"' not in anna.get(f"{door.url}/mock/overview").text
        door.sign_in(anna, "anna")
        door.user("lock", "anna")
        assert '"anna"' not in anna.get(f"{door.url}/mock/overview").text
        assert door.sign_in(anna, "anna").status_code == 401


def test_who_is_signed_in_stays_so_over_a_restart(
    processes: Processes, store_url: str, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("s" * 40)
    first = Door(processes, store_url, ui_secret_file=str(secret))
    first.user("add", "anna", "operator")
    with httpx.Client() as anna:
        first.sign_in(anna, "anna")
        first.service.kill()
        second = Door(processes, store_url, ui_secret_file=str(secret))
        assert '"anna"' in anna.get(f"{second.url}/mock/overview").text
    story = f"{first.service.tail(500)}{second.service.tail(500)}"
    assert PASSWORD not in story
    assert anna.cookies[COOKIE] not in story
    assert "signed in" in story


@pytest.mark.parametrize("secret", [None, "THIS_NEEDS_TO_BE_CHANGED"])
def test_it_refuses_to_serve_others_without_a_secret_of_its_own(
    processes: Processes, tmp_path: Path, secret: str | None
) -> None:
    settings = {"ui_host": "0.0.0.0", "ui_users_file": str(tmp_path / "users")}  # noqa: S104
    if secret:
        (tmp_path / "secret").write_text(secret)
        settings["ui_secret_file"] = str(tmp_path / "secret")
    service = processes.service("ui", environments="mock", **settings)
    assert service.wait(30) not in (0, None)
    assert "OMF_UI_SECRET_FILE" in service.tail()
