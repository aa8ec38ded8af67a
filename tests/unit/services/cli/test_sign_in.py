"""Who sends a command from the terminal: believed on mock and replay, asked on the live factory."""

import io
import os
from functools import cache
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from services.cli import app
from services.cli.sign_in import asked_by, login_name
from services.common.auth.passwords import hashed
from services.common.auth.user_file import Account, Accounts
from services.common.store.keys import Environment, Role
from tests.support.processes import ROOT

PASSWORD = "correct horse battery"  # noqa: S105 - made for this test
REFUSED = 3


@cache
def kept() -> str:
    return hashed(PASSWORD)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("OMF_UI_USERS_FILE", "OMF_API_TOKENS_FILE", "OMF_LIVE_MQTT_URL", "OMF_STORE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def known(folder: Path, role: Role = Role.OPERATOR, *, locked: bool = False) -> None:
    account = Account(name="anna", role=role, password=kept(), locked=locked)
    Accounts(folder / "users.jsonl").add(account)


def typed(monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{line}\n"))


@pytest.mark.parametrize("environment", ["mock", "replay"])
def test_a_factory_that_is_not_real_believes_name_and_role(
    folder: Path, environment: Environment
) -> None:
    known(folder)
    assert asked_by(environment, folder, "bert", Role.SUPERVISOR) == ("bert", Role.SUPERVISOR)
    assert asked_by(environment, folder, "bert", None) == ("bert", Role.ADMIN)


@pytest.mark.parametrize(
    ("role", "asked", "given"),
    [
        (Role.OPERATOR, None, Role.OPERATOR),
        (Role.ADMIN, None, Role.ADMIN),
        (Role.ADMIN, Role.OPERATOR, Role.OPERATOR),
    ],
)
def test_the_live_factory_gives_the_role_of_the_account_at_most(
    folder: Path, monkeypatch: pytest.MonkeyPatch, role: Role, asked: Role | None, given: Role
) -> None:
    known(folder, role)
    typed(monkeypatch, PASSWORD)
    assert asked_by("live", folder, "anna", asked) == ("anna", given)


def test_the_users_file_of_a_factory_server_is_the_one_of_its_pages(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known(folder)
    monkeypatch.setenv("OMF_UI_USERS_FILE", str(folder / "users.jsonl"))
    typed(monkeypatch, PASSWORD)
    assert asked_by("live", None, "anna", None) == ("anna", Role.OPERATOR)


@pytest.mark.parametrize(
    ("user", "password", "asked", "why"),
    [
        ("anna", "wrong horse", None, "name or password is wrong"),
        ("bert", PASSWORD, None, "name or password is wrong"),
        ("anna", "", None, "name or password is wrong"),
        ("anna", PASSWORD, Role.ADMIN, "acts as operator at most"),
    ],
)
def test_the_live_factory_refuses_who_is_not_who_they_say(  # noqa: PLR0913, PLR0917 - one table
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    user: str,
    password: str,
    asked: Role | None,
    why: str,
) -> None:
    known(folder)
    typed(monkeypatch, password)
    with pytest.raises(typer.Exit) as ended:
        asked_by("live", folder, user, asked)
    assert ended.value.exit_code == REFUSED
    said = capsys.readouterr().err
    assert f"nothing was sent: {why}" in said.replace("anna ", "")


def test_a_locked_account_sends_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known(folder, locked=True)
    typed(monkeypatch, PASSWORD)
    with pytest.raises(typer.Exit):
        asked_by("live", folder, "anna", None)


def test_the_command_line_sends_nothing_to_the_live_factory_while_nobody_has_an_account(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMF_UI_USERS_FILE", str(folder / "users.jsonl"))
    monkeypatch.setenv("OMF_STORE_URL", "redis://127.0.0.1:1/0")
    result = CliRunner().invoke(app, ["send", "park", "-e", "live", "--role", "admin", "--yes"])
    assert result.exit_code == REFUSED
    assert "make one with `omf user add NAME ROLE`" in result.stderr


def test_a_user_without_a_name_is_told_by_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """Containers run as a number; `omf session play` ended with a KeyError there."""

    def unnamed() -> str:
        raise KeyError("getpwuid(): uid not found: 65532")

    monkeypatch.setattr("getpass.getuser", unnamed)
    assert login_name() == f"uid-{os.getuid()}"
    asking = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "services").rglob("*.py")
        if "getuser" in path.read_text("utf-8")
    }
    assert asking == {"services/cli/sign_in.py"}
