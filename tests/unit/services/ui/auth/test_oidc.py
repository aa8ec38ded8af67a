"""Signing in by a provider of OpenID Connect: the way in, and every lie that must not be one."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.common.auth.directory_file import DirectoryFile, DirectoryFileError
from services.common.auth.group_roles import MAX_GROUPS
from services.common.store.keys import Role
from services.ui.auth.browser_sessions import COOKIE
from services.ui.auth.oidc_login import ATTEMPT_COOKIE
from tests.support import ui_pages
from tests.support.oidc_pages import oidc_opening
from tests.support.oidc_server import SECRET, OidcServer, oidc_server, query_of
from tests.support.ui_pages import Pages

FACTORIES = ("mock", "replay")
PAGES = "http://127.0.0.1"
GOOD = {"preferred_username": "anna@example.org", "groups": ["plant-operators", "football"]}
FILE = """\
oidc:
  issuer: {issuer}
  client_id: omf
  client_secret_file: {secret}
  pages: http://127.0.0.1
  title: Company
groups:
  plant-operators: operator
  line-leads: [viewer, supervisor@mock]
  plant-admins: admin
"""


@pytest.fixture
def provider() -> Iterator[OidcServer]:
    with oidc_server(f"{PAGES}/login/oidc/done") as server:
        server.claims = dict(GOOD)
        yield server


@pytest.fixture
def opening(
    tmp_path: Path, provider: OidcServer, store_url: str, monkeypatch: pytest.MonkeyPatch
) -> dict[str, object]:
    return oidc_opening(provider, FILE, tmp_path, store_url, monkeypatch)


async def _begun(pages: Pages, back: str = "/mock/overview") -> str:
    """The address of the provider that a browser is led to."""
    answer = await pages.user.http_client.get(f"/login/oidc?back={back}", follow_redirects=False)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def _signed_in(pages: Pages, provider: OidcServer, back: str = "/mock/overview") -> Any:
    led = provider.visit(await _begun(pages, back))
    return await pages.user.http_client.get(led.removeprefix(PAGES), follow_redirects=False)


async def test_who_the_provider_knows_comes_in_with_the_role_of_the_group(
    pages: Pages, provider: OidcServer
) -> None:
    form = await pages.user.http_client.get("/login?back=/mock/overview")
    assert "Sign in with Company" in form.text
    answer = await _signed_in(pages, provider)
    assert answer.status_code == 200
    assert 'content="0;url=/mock/overview"' in answer.text
    said = answer.headers.get_list("set-cookie")
    assert any("samesite=strict" in one.lower() and one.startswith(COOKIE) for one in said)
    await pages.user.open("/mock/overview")
    await pages.user.should_see("anna@example.org")
    await pages.user.should_see("Operator")
    (entry,) = await pages.people.sessions.listed(ui_pages.NOW)
    assert (entry.directory, entry.groups, entry.lasts_s) == ("oidc", ("plant-operators",), 3600)
    assert pages.people.accounts.all() == {}


async def test_the_code_is_bound_by_pkce_and_the_attempt_to_one_browser(pages: Pages) -> None:
    asked = query_of(await _begun(pages))
    assert asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"] == f"{PAGES}/login/oidc/done"
    assert len({asked["state"], asked["nonce"], asked["code_challenge"]}) == 3
    again = query_of(await _begun(pages))
    assert all(asked[name] != again[name] for name in ("state", "nonce", "code_challenge"))


async def test_a_role_of_one_factory_is_one_of_that_factory_alone(
    pages: Pages, provider: OidcServer
) -> None:
    provider.claims["groups"] = ["line-leads"]
    await _signed_in(pages, provider)
    await pages.user.open("/mock/overview")
    await pages.user.should_see("Supervisor")
    await pages.user.open("/replay/overview")
    await pages.user.should_see("view only")


@pytest.mark.parametrize(
    ("lies", "said"),
    [
        ({"iss": "https://evil.example"}, "iss"),
        ({"aud": "another-client"}, "aud"),
        ({"aud": ["omf", "another-client"]}, "azp"),
        ({"exp": 1}, "expired"),
        ({"exp": None}, "exp"),
        ({"iat": 99_999_999_999}, "future"),
        ({"nonce": "of another sign-in"}, "nonce"),
        ({"nonce": None}, "nonce"),
        ({"sub": None}, "sub"),
        ({"preferred_username": "a b"}, "no fit name"),
        ({"preferred_username": ["anna"]}, "no fit name"),
        ({"preferred_username": "x" * 65}, "no fit name"),
        ({"groups": "plant-admins"}, "no list but str"),
        ({"groups": None}, "missing"),
        ({"groups": {"plant-admins": True}}, "no list but dict"),
        ({"groups": [["plant-admins"]]}, "no text"),
        ({"groups": ["plant-admins"] * (MAX_GROUPS + 1)}, "more than"),
        ({"groups": []}, "none of the 0 groups"),
        ({"groups": ["admin", "Plant-Admins", "plant-admins ", "administrators"]}, "none of the 4"),
    ],
)
async def test_a_provider_that_lies_gives_no_right_and_the_log_says_why_in_one_line(
    pages: Pages,
    provider: OidcServer,
    lies: dict[str, Any],
    said: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    provider.lies = lies
    with caplog.at_level(logging.WARNING, logger="services.ui.auth"):
        answer = await _signed_in(pages, provider)
    assert answer.status_code == 403
    assert await pages.people.sessions.listed(ui_pages.NOW) == []
    (line,) = [one.getMessage() for one in caplog.records if one.name.startswith("services.ui")]
    assert "sign-in refused" in line
    assert said in line
    assert "\n" not in line


async def test_claims_of_a_role_and_groups_above_the_mapped_ones_give_nothing_more(
    pages: Pages, provider: OidcServer
) -> None:
    provider.claims |= {"role": "admin", "roles": ["admin"], "groups": ["plant-operators", "admin"]}
    await _signed_in(pages, provider)
    await pages.user.open("/mock/overview")
    await pages.user.should_see("Operator")


async def test_a_token_signed_by_somebody_else_is_refused(
    pages: Pages, provider: OidcServer
) -> None:
    provider.forged = True
    assert (await _signed_in(pages, provider)).status_code == 403


async def test_an_answer_for_another_sign_in_or_none_opens_nothing(
    pages: Pages, provider: OidcServer
) -> None:
    led = provider.visit(await _begun(pages)).removeprefix(PAGES)
    await _begun(pages)  # the cookie is that of the newer attempt
    get = pages.user.http_client.get
    assert (await get(led, follow_redirects=False)).status_code == 403
    assert (await get(led, follow_redirects=False)).status_code == 400  # the attempt is used up
    await _begun(pages)
    cookie = pages.user.http_client.cookies.get(ATTEMPT_COOKIE) or ""
    pages.user.http_client.cookies.clear()
    pages.user.http_client.cookies.set(ATTEMPT_COOKIE, f"{cookie[:-1]}x")
    assert (await get(led, follow_redirects=False)).status_code == 400
    assert await pages.people.sessions.listed(ui_pages.NOW) == []


@pytest.mark.parametrize("target", ["//evil", "https://evil", "/\\evil", "javascript:x"])
async def test_the_way_back_leads_into_the_dashboard_only(
    pages: Pages, provider: OidcServer, target: str
) -> None:
    answer = await _signed_in(pages, provider, target)
    assert 'content="0;url=/"' in answer.text
    assert "evil" not in answer.text


async def test_nobody_gets_the_name_of_a_local_account(
    pages: Pages, provider: OidcServer, caplog: pytest.LogCaptureFixture
) -> None:
    await pages.sign_in(Role.ADMIN, "anna")
    pages.user.http_client.cookies.delete(COOKIE)
    provider.claims["preferred_username"] = "Anna"
    assert (await _signed_in(pages, provider)).status_code == 403
    assert "a local account has the name Anna already" in caplog.text
    provider.claims["preferred_username"] = "local"
    assert (await _signed_in(pages, provider)).status_code == 403


async def test_while_the_provider_is_away_the_form_says_so_and_a_local_account_opens(
    pages: Pages, provider: OidcServer
) -> None:
    provider.described = {"issuer": "https://elsewhere.example"}
    answer = await pages.user.http_client.get("/login/oidc", follow_redirects=False)
    assert answer.status_code == 503
    assert "The sign-in service cannot be reached" in answer.text
    assert 'name="password"' in answer.text
    await pages.sign_in(Role.OPERATOR, "berta")
    await pages.user.open("/mock/overview")
    await pages.user.should_see("berta")


@pytest.mark.parametrize("address", ["https://h\x01/keys", "https://xn--/keys"])
async def test_an_address_nobody_can_ask_is_that_of_a_provider_that_is_away(
    pages: Pages, provider: OidcServer, address: str
) -> None:
    provider.described = {"jwks_uri": address}
    assert (await _signed_in(pages, provider)).status_code == 503


@pytest.fixture
def by_email(opening: dict[str, object]) -> dict[str, object]:
    file = Path(str(opening["directory"]))
    file.write_text(file.read_text().replace("  title:", "  name_claim: email\n  title:"))
    return opening


@pytest.mark.parametrize(("verified", "status"), [(True, 200), (None, 200), (False, 403)])
async def test_an_address_that_a_person_only_claims_is_not_their_name(
    by_email: dict[str, object], provider: OidcServer, verified: object, status: int
) -> None:
    provider.claims |= {"email": "berta@example.org", "email_verified": verified}
    async with ui_pages.pages(**by_email) as pages:  # type: ignore[arg-type]
        assert (await _signed_in(pages, provider)).status_code == status


async def test_what_the_id_token_leaves_out_the_provider_is_asked_for(
    pages: Pages, provider: OidcServer
) -> None:
    provider.claims = {"preferred_username": "anna"}
    provider.userinfo = {"sub": "subject-1", "groups": ["plant-operators"]}
    assert (await _signed_in(pages, provider)).status_code == 200
    provider.userinfo["sub"] = "subject-2"
    assert (await _signed_in(pages, provider)).status_code == 403


async def test_a_sign_in_by_the_provider_ends_by_itself_and_everywhere(
    pages: Pages, provider: OidcServer
) -> None:
    await _signed_in(pages, provider)
    now = ui_pages.NOW
    assert len(await pages.people.sessions.listed(now + 3599)) == 1
    assert await pages.people.sessions.listed(now + 3600) == []
    await pages.people.sessions.end_all("anna@example.org", now)
    assert await pages.people.sessions.listed(now) == []


async def test_with_a_provider_nobody_at_this_machine_is_administrator_unasked(
    pages: Pages,
) -> None:
    await pages.user.open("/mock/overview")
    await pages.user.should_see("view only")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("http://127.0.0.1:", "http://login.example.org:"), "line 2"),
        (("plant-admins: admin", "plant-admins: root"), "'root' is no role"),
        (("plant-admins: admin", "plant-admins: admin@"), "'admin@' is no role"),
        (("plant-admins: admin", "plant-admins: []"), "names no role"),
        (
            ("supervisor@mock", "supervisor@mokc"),
            "groups.line-leads: there is no factory mokc",
        ),
        (("client_id: omf", "client: omf"), "client"),
        (("  pages: http://127.0.0.1\n", ""), "pages"),
        (("title: Company", "title: Company\n  scopes: profile"), "scopes"),
        (("secret\n", "nowhere\n"), "client_secret_file"),
        (("oidc:", "oidc: ["), "line"),
        (("plant-admins: admin", "plant-operators: admin"), "twice"),
    ],
)
def test_a_wrong_file_ends_the_start_with_one_line_that_says_what_and_where(
    tmp_path: Path, change: tuple[str, str], said: str
) -> None:
    (tmp_path / "secret").write_text(SECRET)
    good = FILE.format(issuer="http://127.0.0.1:9", secret=tmp_path / "secret")
    file = tmp_path / "directory.yaml"
    file.write_text(good)
    assert DirectoryFile.read(file, FACTORIES).oidc
    file.write_text(good.replace(*change))
    with pytest.raises(DirectoryFileError) as caught:
        DirectoryFile.read(file, FACTORIES)
    assert str(file) in str(caught.value)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
