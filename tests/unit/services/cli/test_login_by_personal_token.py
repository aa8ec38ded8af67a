"""`omf login --token` with a token that a person made for themselves."""

import asyncio
import io
from pathlib import Path

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from services.cli import app
from services.cli.sign_in import asked_by
from services.common.store.keys import Role
from tests.support.personal_tokens import TokenPerson

REFUSED = 3


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("OMF_UI_USERS_FILE", str(tmp_path / "users.jsonl"))
    monkeypatch.setenv("OMF_API_TOKENS_FILE", str(tmp_path / "api-tokens.jsonl"))
    monkeypatch.setenv("OMF_STORE_URL", "redis://127.0.0.1:1/0")
    monkeypatch.setattr("sys.stdin", io.StringIO())
    monkeypatch.chdir(tmp_path)
    return tmp_path


def omf(*words: str, given: str = "") -> Result:
    return CliRunner().invoke(app, words, input=given)


def kept(folder: Path) -> Path:
    return folder / "config" / "omf" / "sign-in.json"


async def _personal(folder: Path, store_url: str, monkeypatch: pytest.MonkeyPatch) -> TokenPerson:
    monkeypatch.setenv("OMF_STORE_URL", store_url)
    return TokenPerson(store_url, "mock", folder / "users.jsonl", Role.VIEWER)


async def test_a_token_of_a_person_is_kept_and_asked_for_their_rights_each_time(
    folder: Path, store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = await _personal(folder, store_url, monkeypatch)
    anna.accounts.give("anna", Role.SUPERVISOR, ["live"])
    token = await anna.token(Role.OPERATOR)
    done = await asyncio.to_thread(omf, "login", "--token", given=f"{token}\n")
    assert done.exit_code == 0, done.stderr
    assert "signed in as anna" in done.stderr

    async def known() -> tuple[str, Role]:
        return await asyncio.to_thread(asked_by, "live", None, "", None)

    assert await known() == ("anna", Role.OPERATOR)
    anna.accounts.change("anna", role=Role.VIEWER)
    await anna.reviewed()
    assert await known() == ("anna", Role.VIEWER)
    await anna.end()
    with pytest.raises(typer.Exit) as ended:
        await known()
    assert ended.value.exit_code == REFUSED


async def test_a_token_nobody_vouches_for_is_refused_with_what_to_do(
    folder: Path, store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = await _personal(folder, store_url, monkeypatch)
    token = await anna.token()
    anna.accounts.change("anna", locked=True)
    await anna.reviewed()
    done = await asyncio.to_thread(omf, "login", "--token", given=f"{token}\n")
    assert done.exit_code == REFUSED
    assert "the pages must run" in done.stderr
    assert not kept(folder).exists()


def test_a_token_of_a_person_needs_the_store(folder: Path) -> None:
    done = omf("login", "--token", given="omf_of-nobody\n")
    assert done.exit_code != 0
    assert "Traceback" not in done.stderr
    assert not kept(folder).exists()
