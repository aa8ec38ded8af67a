"""Signing in by a code at another machine: what the pages answer to the command line."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.common.auth.access_tokens import PersonClient, client_by_token
from services.common.auth.device_sign_in import DEVICE_ANSWER, DEVICE_START, DeviceAnswer
from services.common.auth.kept_sign_in import LASTS_S
from services.common.store.keys import Role
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
  token_days: 7
groups:
  plant-operators: operator
  line-leads: [viewer, supervisor@mock]
"""


@pytest.fixture
def provider() -> Iterator[OidcServer]:
    with oidc_server(f"{PAGES}/login/oidc/done") as server:
        server.claims = {"preferred_username": "anna@example.org", "groups": ["line-leads"]}
        yield server


@pytest.fixture
def opening(
    tmp_path: Path, provider: OidcServer, store_url: str, monkeypatch: pytest.MonkeyPatch
) -> dict[str, object]:
    return oidc_opening(provider, FILE, tmp_path, store_url, monkeypatch)


async def _ask(pages: Pages, address: str, **fields: str) -> DeviceAnswer:
    answer = await pages.user.http_client.post(address, data=fields, headers={"origin": PAGES})
    assert answer.headers["cache-control"] == "no-store"
    return DeviceAnswer.model_validate_json(answer.text)


async def _begun(pages: Pages) -> DeviceAnswer:
    answer = await _ask(pages, DEVICE_START, machine="line-3/<panel>")
    assert answer.state == "begun"
    return answer


async def _asked(pages: Pages, begun: DeviceAnswer) -> DeviceAnswer:
    return await _ask(pages, DEVICE_ANSWER, attempt=begun.attempt)


async def _client(pages: Pages, token: str) -> PersonClient | None:
    return await client_by_token(pages.inboxes["live"], token, ui_pages.NOW)


async def test_who_confirms_the_code_has_a_token_with_the_roles_of_their_groups(
    pages: Pages, provider: OidcServer
) -> None:
    begun = await _begun(pages)
    assert begun.address == f"{provider.issuer}/activate"
    assert begun.user_code in begun.address_with_code
    assert begun.every_s == 5
    assert (await _asked(pages, begun)).state == "pending"
    provider.too_fast = 1
    assert (await _asked(pages, begun)).state == "slow_down"
    provider.confirm(begun.user_code)
    known = await _asked(pages, begun)
    assert (known.state, known.name, known.role) == ("signed_in", "anna@example.org", Role.VIEWER)
    assert known.until == pytest.approx(ui_pages.NOW + LASTS_S)
    client = await _client(pages, known.token)
    assert client
    assert client.label == "omf login at line-3/-panel-"
    assert (client.role_at("mock"), client.role_at("replay")) == (Role.SUPERVISOR, Role.VIEWER)
    assert await pages.people.sessions.listed(ui_pages.NOW) == [], "no browser came in"
    assert (await _asked(pages, begun)).state == "refused", "a code signs in once"


async def test_a_new_sign_in_at_a_machine_takes_the_place_of_the_one_before(
    pages: Pages, provider: OidcServer
) -> None:
    tokens = []
    for _ in range(2):
        begun = await _begun(pages)
        provider.confirm(begun.user_code)
        tokens.append((await _asked(pages, begun)).token)
    assert await _client(pages, tokens[0]) is None
    assert await _client(pages, tokens[1])


async def test_what_the_provider_refuses_signs_nobody_in(
    pages: Pages, provider: OidcServer
) -> None:
    denied = await _begun(pages)
    provider.confirm(denied.user_code, approved=False)
    assert (await _asked(pages, denied)).state == "denied"
    over = await _begun(pages)
    provider.devices[over.user_code].expired = True
    assert (await _asked(pages, over)).state == "expired"
    assert await pages.people.tokens.every() == []


@pytest.mark.parametrize(
    ("lies", "state"),
    [
        ({"iss": "https://evil.example"}, "refused"),
        ({"aud": "another-client"}, "refused"),
        ({"exp": 1}, "refused"),
        ({"preferred_username": "a b"}, "refused"),
        ({"groups": ["football"]}, "no_right"),
        ({"groups": "line-leads"}, "no_right"),
    ],
)
async def test_a_provider_that_lies_gives_no_token_and_the_log_says_why(
    pages: Pages,
    provider: OidcServer,
    lies: dict[str, Any],
    state: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    begun = await _begun(pages)
    provider.lies = lies
    provider.confirm(begun.user_code)
    with caplog.at_level(logging.WARNING, logger="services.ui.auth"):
        assert (await _asked(pages, begun)).state == state
    assert "sign-in refused" in caplog.text
    assert await pages.people.tokens.every() == []


async def test_nobody_gets_the_name_of_a_local_account(pages: Pages, provider: OidcServer) -> None:
    await pages.sign_in(Role.ADMIN, "anna")
    provider.claims["preferred_username"] = "Anna"
    begun = await _begun(pages)
    provider.confirm(begun.user_code)
    assert (await _asked(pages, begun)).state == "refused"


async def test_a_sign_in_that_was_not_begun_here_is_never_asked_for(
    pages: Pages, provider: OidcServer
) -> None:
    begun = await _begun(pages)
    forged = begun.model_copy(update={"attempt": f"{begun.attempt[:-1]}x"})
    assert (await _asked(pages, forged)).state == "not_begun_here"
    assert (await _ask(pages, DEVICE_ANSWER)).state == "not_begun_here"
    assert provider.asked == 0


@pytest.mark.parametrize(
    ("described", "state"),
    [
        ({"device_authorization_endpoint": None}, "not_offered"),
        ({"device_authorization_endpoint": "http://127.0.0.1:1/device"}, "away"),
        ({"issuer": "https://elsewhere.example"}, "away"),
    ],
)
async def test_a_provider_without_the_flow_or_away_is_told_apart(
    pages: Pages, provider: OidcServer, described: dict[str, Any], state: str
) -> None:
    provider.described = described
    assert (await _ask(pages, DEVICE_START, machine="x")).state == state


async def test_a_client_the_provider_gives_no_code_is_told_at_once(
    pages: Pages, provider: OidcServer
) -> None:
    provider.refuses_devices = True
    assert (await _ask(pages, DEVICE_START, machine="x")).state == "not_allowed"


async def test_a_crowd_of_beginnings_is_held_back(pages: Pages, provider: OidcServer) -> None:
    states = [(await _ask(pages, DEVICE_START, machine="x")).state for _ in range(7)]
    assert states[-1] == "too_often"
    assert len(provider.devices) == states.count("begun") == 5


@pytest.fixture
def without_tokens(opening: dict[str, object]) -> dict[str, object]:
    file = Path(str(opening["directory"]))
    file.write_text(file.read_text().replace("token_days: 7", "token_days: 0"))
    return opening


async def test_where_no_token_of_a_person_works_no_code_is_asked_for(
    without_tokens: dict[str, object], provider: OidcServer
) -> None:
    async with ui_pages.pages(**without_tokens) as pages:  # type: ignore[arg-type]
        assert (await _ask(pages, DEVICE_START, machine="x")).state == "no_tokens"
    assert not provider.devices
