"""Signing in with the password of the company's directory: a real slapd, and every wrong way."""

import logging
from collections.abc import Iterator
from pathlib import Path

import httpx
import ldap3
import pytest
from ldap3.core.results import RESULT_REFERRAL, RESULT_TIME_LIMIT_EXCEEDED

from omf.constants import DAY_S
from services.common.auth.access_tokens import PersonClient, client_by_token
from services.common.auth.directory_file import DirectoryFile, DirectoryFileError, LdapSection
from services.common.auth.directory_people import DirectoryAwayError, DirectoryRefusedError
from services.common.auth.ldap_directory import LdapDirectory
from services.common.store.keys import Role
from services.ui.auth.browser_sessions import COOKIE
from services.ui.auth.directory_watch import DirectoryWatch
from tests.support import ui_pages
from tests.support.slapd import PEOPLE, READER, READER_PASSWORD, SUFFIX, Slapd, slapd
from tests.support.ui_pages import NOW, Pages

pytestmark = pytest.mark.slapd
FILE = """\
ldap:
  url: {url}
  bind_dn: {reader}
  bind_password_file: {password}
  people: ou=people,{suffix}
  groups: ou=groups,{suffix}
groups:
  operators: operator@mock
  admins: admin
"""


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[Slapd]:
    with slapd(tmp_path / "slapd") as started:
        yield started


@pytest.fixture
def reader_file(tmp_path: Path) -> Path:
    file = tmp_path / "reader"
    file.write_text(READER_PASSWORD)
    return file


@pytest.fixture
def opening(
    tmp_path: Path, directory: Slapd, reader_file: Path, store_url: str
) -> dict[str, object]:
    file = tmp_path / "directory.yaml"
    told = {"url": directory.url, "reader": READER, "suffix": SUFFIX}
    file.write_text(FILE.format(**told, password=reader_file))
    return {"users": tmp_path / "users.jsonl", "directory": file, "store_url": store_url}


def _section(directory: Slapd, reader_file: Path, **other: object) -> LdapSection:
    told = {
        "url": directory.url,
        "bind_dn": READER,
        "bind_password_file": reader_file,
        "people": f"ou=people,{SUFFIX}",
        "groups": f"ou=groups,{SUFFIX}",
    }
    return LdapSection.model_validate(told | other)


async def _enter(pages: Pages, name: str, password: str) -> httpx.Response:
    return await pages.post("/login", {"name": name, "password": password, "back": "/mock/floor"})


async def test_who_the_directory_knows_comes_in_with_the_role_of_the_group(pages: Pages) -> None:
    answer = await _enter(pages, "ANNA", PEOPLE["anna"])
    assert (answer.status_code, answer.headers["location"]) == (303, "/mock/floor")
    (entry,) = await pages.people.sessions.listed(NOW)
    assert (entry.name, entry.directory, entry.groups) == ("anna", "ldap", ("operators",))
    await pages.user.open("/mock/overview")
    await pages.user.should_see("Operator")
    await pages.user.open("/replay/overview")
    await pages.user.should_see("view only")


async def test_a_wrong_password_and_a_group_without_role_open_nothing(
    pages: Pages, caplog: pytest.LogCaptureFixture
) -> None:
    answers = [
        await _enter(pages, name, password)
        for name, password in (("anna", "wrong"), ("nobody", "wrong"), ("berta", PEOPLE["berta"]))
    ]
    assert [answer.status_code for answer in answers] == [401, 401, 403]
    assert "none of your groups has a role here" in answers[-1].text
    assert answers[0].text.replace("anna", "") == answers[1].text.replace("nobody", "")
    assert await pages.people.sessions.listed(NOW) == []
    assert "none of the 1 groups has a role here" in caplog.text


@pytest.mark.parametrize(
    "name", ["*", "a*", "anna)(uid=*", "anna)(|(uid=*", "a\0nna", "anna\\2a", "(anna", "uid=anna"]
)
def test_what_is_typed_is_never_part_of_a_filter(
    directory: Slapd, reader_file: Path, name: str
) -> None:
    asked = LdapDirectory(_section(directory, reader_file))
    with pytest.raises(DirectoryRefusedError, match="nobody of that name"):
        asked.person(name, PEOPLE["anna"])
    assert asked.still(name) is None


def test_a_member_whose_name_holds_a_star_is_in_its_own_groups_alone(
    directory: Slapd, reader_file: Path
) -> None:
    section = _section(directory, reader_file)
    with pytest.raises(DirectoryRefusedError, match="no fit name"):
        LdapDirectory(section).person("carla*", PEOPLE["carla*"])
    found = LdapDirectory(section).person("anna", PEOPLE["anna"])
    assert sorted(found.groups) == ["everybody", "operators"]


@pytest.mark.parametrize("password", ["", "x" * 201, "a\0b"])
def test_no_password_is_never_asked_of_the_directory(
    directory: Slapd, reader_file: Path, password: str
) -> None:
    # A bind with a name and no password succeeds for everybody.
    with pytest.raises(DirectoryRefusedError, match="no password that may be sent"):
        LdapDirectory(_section(directory, reader_file)).person("anna", password)


class _Elsewhere(ldap3.Connection):  # type: ignore[misc]
    """A directory that sends anna's sign-in elsewhere: ldap3 raises nothing for a referral."""

    def bind(self, *given: object, **named: object) -> bool:
        if str(self.user).startswith("uid=anna"):
            self.result = {"result": RESULT_REFERRAL, "description": "referral"}
            return False
        return bool(super().bind(*given, **named))


def test_a_sign_in_that_is_neither_taken_nor_refused_lets_nobody_in(
    directory: Slapd, reader_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ldap3, "Connection", _Elsewhere)
    with pytest.raises(DirectoryAwayError, match="referral"):
        LdapDirectory(_section(directory, reader_file)).person("anna", "wrong")


@pytest.mark.parametrize("code", [RESULT_REFERRAL, RESULT_TIME_LIMIT_EXCEEDED])
def test_a_search_that_was_not_finished_says_of_nobody_that_they_left(
    directory: Slapd, reader_file: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    class _Unfinished(ldap3.Connection):  # type: ignore[misc]
        def search(self, *given: object, **named: object) -> bool:
            super().search(*given, **named)
            self.result = {**self.result, "result": code, "description": "unfinished"}
            self.response = []
            return False

    monkeypatch.setattr(ldap3, "Connection", _Unfinished)
    with pytest.raises(DirectoryAwayError, match="unfinished"):
        LdapDirectory(_section(directory, reader_file)).still("anna")


@pytest.mark.parametrize("name", ["\uff41nna", "an\xadna"])
def test_one_name_has_one_spelling_so_that_wrong_passwords_are_counted_together(
    directory: Slapd, reader_file: Path, name: str
) -> None:
    # The directory takes the wide letter and the soft hyphen for anna.
    with pytest.raises(DirectoryRefusedError, match="nobody of that name"):
        LdapDirectory(_section(directory, reader_file)).person(name, PEOPLE["anna"])


async def test_wrong_passwords_lock_a_name_in_whatever_case_it_is_typed(pages: Pages) -> None:
    for name in ("anna", "Anna", "ANNA", "aNNa", "anNA"):
        pages.people.login_throttle.failed(name)
    assert (await _enter(pages, "annA", PEOPLE["anna"])).status_code == 429


@pytest.mark.parametrize("starttls", [True, False])
def test_a_directory_is_believed_by_its_certificate_only(
    directory: Slapd, reader_file: Path, *, starttls: bool
) -> None:
    port = directory.url.rpartition(":")[2]
    url = f"ldap://localhost:{port}" if starttls else directory.secure_url
    secure = {"url": url, "starttls": starttls}
    good = _section(directory, reader_file, **secure, ca_file=directory.ca_file)
    assert LdapDirectory(good).person("anna", PEOPLE["anna"]).name == "anna"
    other_name = secure | {"url": url.replace("localhost", "127.0.0.1")}
    for wrong in (
        _section(directory, reader_file, **secure),
        _section(directory, reader_file, **other_name, ca_file=directory.ca_file),
    ):
        with pytest.raises(DirectoryAwayError):
            LdapDirectory(wrong).person("anna", PEOPLE["anna"])


async def test_who_left_the_directory_or_a_group_is_signed_out(
    pages: Pages, directory: Slapd, caplog: pytest.LogCaptureFixture
) -> None:
    watch = DirectoryWatch.of(pages.people)
    assert watch
    await _enter(pages, "anna", PEOPLE["anna"])
    await watch.review(NOW)
    assert len(await pages.people.sessions.listed(NOW)) == 1
    directory.leave("operators", "anna")
    with caplog.at_level(logging.WARNING):
        await watch.review(NOW)
    assert await pages.people.sessions.listed(NOW) == []
    assert "the directory says otherwise now" in caplog.text
    assert pages.people.people
    directory.remove("anna")
    assert pages.people.people.groups_now("anna") == ()


async def test_a_local_account_has_its_name_to_itself(pages: Pages) -> None:
    await pages.sign_in(Role.ADMIN, "anna")
    pages.user.http_client.cookies.delete(COOKIE)
    for name in ("anna", "Anna"):
        assert (await _enter(pages, name, PEOPLE["anna"])).status_code == 401


@pytest.fixture
def away(opening: dict[str, object]) -> dict[str, object]:
    file = Path(str(opening["directory"]))
    lines = file.read_text().splitlines()
    lines[1] = "  url: ldap://127.0.0.1:1"
    file.write_text("\n".join(lines))
    return opening


async def test_while_the_directory_is_away_it_is_said_and_local_accounts_open(
    away: dict[str, object],
) -> None:
    async with ui_pages.pages(**away) as pages:  # type: ignore[arg-type]
        pages.language("en")
        answer = await _enter(pages, "anna", PEOPLE["anna"])
        assert answer.status_code == 503
        assert "directory cannot be reached" in answer.text
        await pages.sign_in(Role.OPERATOR, "berta")
        assert len(await pages.people.sessions.listed(NOW)) == 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("ldap://127.0.0.1:9", "ldap://dc.example.org"), "travel in the open"),
        (("ldap://127.0.0.1:9", "http://127.0.0.1"), "ldap.url"),
        (("ldap://127.0.0.1:9", "ldaps://x\n  starttls: true"), "leave starttls out"),
        (("  bind_dn: cn=omf\n", ""), "belong together"),
        (("reader\n", "nowhere\n"), "bind_password_file"),
        (("  people: ou=people\n", ""), "people"),
        (("ou=groups\n", "ou=groups\n  name_attribute: uid)(x\n"), "name_attribute"),
        (("ou=groups\n", "ou=groups\n  person_filter: x=y\n"), "person_filter"),
    ],
)
def test_a_wrong_section_ends_the_start_with_one_line(
    reader_file: Path, change: tuple[str, str], said: str
) -> None:
    told = {"url": "ldap://127.0.0.1:9", "reader": "cn=omf", "password": reader_file}
    good = FILE.format(**told, suffix="").replace("people,", "people").replace("groups,", "groups")
    file = reader_file.with_name("directory.yaml")
    file.write_text(good)
    assert DirectoryFile.read(file, ("mock",)).ldap
    file.write_text(good.replace(*change))
    with pytest.raises(DirectoryFileError, match=said) as caught:
        DirectoryFile.read(file, ("mock",))
    assert "\n" not in str(caught.value)


async def test_the_token_of_who_left_the_directory_or_a_group_ends_with_its_next_answer(
    pages: Pages, directory: Slapd
) -> None:
    await _enter(pages, "anna", PEOPLE["anna"])
    (entry,) = await pages.people.sessions.listed(NOW)
    token, _ = await pages.people.tokens.make(entry, "my script", Role.ADMIN, 7 * DAY_S, NOW)
    await pages.people.sessions.end(entry, "by_person", NOW)
    watch, bus = DirectoryWatch.of(pages.people), pages.inboxes["live"]
    assert watch

    async def shown() -> PersonClient | None:
        await pages.people.tokens.review(NOW)
        return await client_by_token(bus, token, NOW)

    await watch.review(NOW)
    client = await shown()
    assert client
    assert client.role_at("mock") is Role.OPERATOR
    directory.leave("operators", "anna")
    await watch.review(NOW)
    assert await shown() is None
