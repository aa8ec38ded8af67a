"""`omf logout` ends the token it kept, or says plainly that it stands."""

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.cli import app, sign_in
from services.common.auth import api_tokens, kept_sign_in
from services.common.auth.kept_sign_in import KeptSignIn
from services.common.process import clock
from services.common.store.access_notes import ACCESS_NOTES, AccessNote
from services.common.store.bus import Bus
from services.common.store.keys import Role
from tests.support.personal_tokens import TokenPerson

AWAY = "redis://127.0.0.1:1/0"


@pytest.fixture
def folder(tmp_path: Path, store_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("OMF_UI_USERS_FILE", str(tmp_path / "users.jsonl"))
    monkeypatch.setenv("OMF_STORE_URL", store_url)
    monkeypatch.setenv("OMF_ENVIRONMENTS", "live,mock")
    monkeypatch.chdir(tmp_path)
    return tmp_path


async def _logout(*words: str) -> tuple[int, str]:
    found = await asyncio.to_thread(CliRunner().invoke, app, ["logout", *words])
    return found.exit_code, found.stderr


async def _kept(folder: Path, store_url: str, until: float = 0.0) -> str:
    """A token of Anna's that is kept here."""
    anna = TokenPerson(store_url, "mock", folder / "users.jsonl", Role.OPERATOR)
    token = await anna.token()
    place = sign_in.place_of(None)
    kept_sign_in.keep(KeptSignIn(place=place, name="anna", until=until, token=token))
    return token


async def _tokens(store_url: str) -> int:
    async with Bus(store_url, "mock") as bus:
        return int(await bus.call(bus.client.hlen(bus.key("access-tokens"))))


async def test_the_token_opens_nothing_from_then_on_and_the_audit_is_told(
    folder: Path, store_url: str
) -> None:
    await _kept(folder, store_url)
    assert await _logout() == (0, "signed out, the token is ended\n")
    assert await _tokens(store_url) == 0
    async with Bus(store_url, "mock") as bus:
        note = [note for _, note in await bus.models(ACCESS_NOTES, AccessNote)][-1]
    assert (note.act, note.why, note.name) == ("ended", "logout", "anna")
    assert note.source.startswith("cli ")
    assert await _logout() == (0, "nobody was signed in here\n")


async def test_what_something_else_uses_is_only_forgotten(folder: Path, store_url: str) -> None:
    await _kept(folder, store_url)
    assert await _logout("--keep-token") == (0, "signed out\n")
    assert await _tokens(store_url) == 1


async def test_where_the_store_is_away_it_says_that_the_token_stands_and_until_when(
    folder: Path, store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    until = clock.now() + 3600
    await _kept(folder, store_url, until)
    monkeypatch.setenv("OMF_STORE_URL", AWAY)
    code, said = await _logout()
    assert code == 1
    assert f"still valid until {clock.iso(until)}" in said
    assert "My sign-ins ends it" in said
    assert not kept_sign_in.kept_file().exists()
    assert await _tokens(store_url) == 1


@pytest.mark.usefixtures("folder")
async def test_a_token_of_the_tokens_file_ends_with_its_line_there() -> None:
    token, _ = api_tokens.minted("line-2", Role.OPERATOR)
    kept_sign_in.keep(KeptSignIn(place=sign_in.place_of(None), name="line-2", token=token))
    code, said = await _logout()
    assert code == 0
    assert "the token of line-2 is valid as before" in said


async def test_a_token_ends_no_other_sign_in_and_that_is_said(folder: Path, store_url: str) -> None:
    await _kept(folder, store_url)
    code, said = await _logout("--everywhere")
    assert code == 1
    assert said.startswith("signed out, the token is ended\n")
    assert "other sign-ins and tokens hold as before" in said
    assert await _tokens(store_url) == 0
