"""Access tokens of people whom a provider of OpenID Connect signs in."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from omf.constants import DAY_S
from services.common.auth.access_tokens import PersonClient, StandingOverError, client_by_token
from services.common.store.keys import Role
from services.ui.auth.browser_sessions import COOKIE
from tests.support import ui_pages
from tests.support.oidc_pages import oidc_opening
from tests.support.oidc_server import OidcServer, oidc_server
from tests.support.ui_pages import Pages

PAGES = "http://127.0.0.1"
FILE = """\
oidc:
  issuer: {issuer}
  client_id: omf
  client_secret_file: {secret}
  pages: http://127.0.0.1
groups:
  plant-operators: operator
  line-leads: [viewer, supervisor@mock]
  plant-admins: admin
"""


@pytest.fixture
def provider() -> Iterator[OidcServer]:
    with oidc_server(f"{PAGES}/login/oidc/done") as server:
        server.claims = {"preferred_username": "anna@example.org", "groups": ["plant-operators"]}
        yield server


@pytest.fixture
def opening(
    tmp_path: Path, provider: OidcServer, store_url: str, monkeypatch: pytest.MonkeyPatch
) -> dict[str, object]:
    return oidc_opening(provider, FILE, tmp_path, store_url, monkeypatch)


async def _signed_in(pages: Pages, provider: OidcServer) -> httpx.Response:
    client = pages.user.http_client
    begun = await client.get("/login/oidc?back=/mock/overview", follow_redirects=False)
    led = provider.visit(begun.headers["location"])
    return await client.get(led.removeprefix(PAGES), follow_redirects=False)


async def _token(pages: Pages, most: Role = Role.ADMIN) -> str:
    (entry,) = await pages.people.sessions.listed(ui_pages.NOW)
    keeper = pages.people.tokens
    return (await keeper.make(entry, "my script", most, 90 * DAY_S, ui_pages.NOW))[0]


async def _client(pages: Pages, token: str, now: float) -> PersonClient | None:
    await pages.people.tokens.review(now)
    return await client_by_token(pages.inboxes["live"], token, now)


async def test_a_token_of_theirs_has_the_rights_of_their_groups_until_the_provider_says_otherwise(
    pages: Pages, provider: OidcServer
) -> None:
    provider.claims["groups"] = ["line-leads"]
    await _signed_in(pages, provider)
    token, now = await _token(pages), ui_pages.NOW
    client = await _client(pages, token, now)
    assert client
    assert client.name == "anna@example.org"
    assert (client.role_at("mock"), client.role_at("replay")) == (Role.SUPERVISOR, Role.VIEWER)
    provider.claims["groups"] = ["plant-operators"]
    await _signed_in(pages, provider)
    client = await _client(pages, token, now)
    assert client
    assert client.role_at("mock") is Role.OPERATOR
    provider.claims["groups"] = ["football"]
    assert (await _signed_in(pages, provider)).status_code == 403
    assert await _client(pages, token, now) is None
    provider.claims["groups"] = ["plant-admins"]
    await _signed_in(pages, provider)
    assert await _client(pages, token, now) is None, "what has ended stays ended"


async def test_a_token_rests_when_its_person_has_not_signed_in_for_days(
    pages: Pages, provider: OidcServer
) -> None:
    await _signed_in(pages, provider)
    token, days = await _token(pages), 86_400
    assert await _client(pages, token, ui_pages.NOW + 6 * days)
    with pytest.raises(StandingOverError):
        await _client(pages, token, ui_pages.NOW + 7 * days)
    assert await pages.people.tokens.every(), "a sign-in wakes it"


async def test_who_signs_out_everywhere_has_no_token_any_more(
    pages: Pages, provider: OidcServer
) -> None:
    await _signed_in(pages, provider)
    token = await _token(pages)
    await pages.post("/logout/everywhere", {})
    assert await client_by_token(pages.inboxes["live"], token, ui_pages.NOW) is None


async def test_a_local_account_of_the_name_ends_the_tokens_of_the_person_of_the_directory(
    pages: Pages, provider: OidcServer
) -> None:
    provider.claims["preferred_username"] = "anna"
    await _signed_in(pages, provider)
    token = await _token(pages)
    pages.user.http_client.cookies.delete(COOKIE)
    await pages.sign_in(Role.ADMIN, "Anna")
    assert await _client(pages, token, ui_pages.NOW) is None
