"""What a person may in one factory and not in another: in the file, at the terminal, on pages."""

import io
from pathlib import Path

import pytest
from starlette.requests import Request
from typer.testing import CliRunner

from services.cli import app
from services.cli.sign_in import asked_by
from services.common.auth.passwords import hashed
from services.common.auth.user_file import Account, Accounts, AccountsError
from services.common.store.keys import Role
from services.ui.auth import current_user
from services.ui.auth.browser_sessions import SignedIn
from services.ui.features.overview.page import PAGE as OVERVIEW
from services.ui.features.users.page import PAGE as USERS
from tests.support.ui_pages import PASSWORD

SITE = """\
factories:
  - {name: hall-2, kind: live, broker: "mqtt://127.0.0.1:1884"}
  - {name: hall-3, kind: live, broker: "mqtt://127.0.0.1:1885"}
  - {name: training, kind: mock}
"""


@pytest.fixture(scope="module")
def kept() -> str:
    return hashed(PASSWORD)


@pytest.fixture
def accounts(tmp_path: Path, kept: str, monkeypatch: pytest.MonkeyPatch) -> Accounts:
    """Anna, who looks everywhere and operates hall 2, at a site of three factories."""
    (tmp_path / "factories.yaml").write_text(SITE)
    monkeypatch.setenv("OMF_FACTORIES", str(tmp_path / "factories.yaml"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    for name in ("OMF_UI_USERS_FILE", "OMF_API_TOKENS_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    made = Accounts(tmp_path / "users.jsonl")
    given = {"hall-2": Role.OPERATOR}
    made.add(Account(name="anna", role=Role.VIEWER, password=kept, factories=given))
    return made


def roles(accounts: Accounts, *names: str) -> list[str]:
    account = accounts.get("anna")
    assert account
    return [account.role_at(name) for name in names]


def omf(*words: str, typed: str = "") -> tuple[int, str]:
    done = CliRunner().invoke(app, words, input=typed)
    return done.exit_code, done.output


def test_a_line_from_before_gives_the_same_role_everywhere(kept: str) -> None:
    old = Account.model_validate_json(f'{{"name": "a", "role": "operator", "password": "{kept}"}}')
    assert [old.role_at(name) for name in ("live", "hall-2")] == [Role.OPERATOR] * 2


def test_a_role_in_one_factory_says_nothing_of_the_others(accounts: Accounts) -> None:
    assert roles(accounts, "hall-2", "hall-3") == ["operator", "viewer"]
    accounts.give("anna", Role.ADMIN, ["hall-3"])
    assert roles(accounts, "hall-2", "hall-3", "training") == ["operator", "admin", "viewer"]
    accounts.give("anna", Role.VIEWER, ["hall-2"])
    assert roles(accounts, "hall-2", "hall-3") == ["viewer", "admin"]
    with pytest.raises(AccountsError, match="berta"):
        accounts.give("berta", Role.ADMIN, ["hall-2"])


def test_who_is_made_less_everywhere_is_less_in_every_factory(accounts: Accounts) -> None:
    accounts.give("anna", Role.ADMIN, ["hall-2"])
    accounts.change("anna", role=Role.VIEWER)
    assert roles(accounts, "hall-2", "hall-3") == ["viewer", "viewer"]
    accounts.give("anna", Role.ADMIN, ["hall-2"])
    accounts.change("anna", locked=True)
    assert roles(accounts, "hall-2") == ["admin"]


def test_the_terminal_gives_and_takes_it(accounts: Accounts) -> None:
    file = ("--file", str(accounts.path))
    made = ("user", "add", "bert", "supervisor", "--factory", "hall-3", *file)
    assert omf(*made, typed=f"{PASSWORD}\n")[0] == 0
    bert = accounts.get("bert")
    assert bert
    assert (bert.role, bert.factories) == (Role.VIEWER, {"hall-3": Role.SUPERVISOR})
    code, said = omf("user", "list", *file)
    assert (code, "supervisor in hall-3" in said) == (0, True)
    assert omf("user", "role", "anna", "admin", "--factory", "training", *file)[0] == 0
    assert roles(accounts, "training", "hall-2") == ["admin", "operator"]
    code, said = omf("user", "role", "anna", "admin", "--factory", "hall-9", *file)
    assert (code, "hall-2, hall-3, training" in said) == (2, True)
    assert roles(accounts, "hall-3") == ["viewer"]


def test_a_command_to_a_live_factory_carries_the_role_of_that_factory(
    accounts: Accounts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert accounts.get("anna")
    for name, role in (("hall-2", Role.OPERATOR), ("hall-3", Role.VIEWER)):
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n"))
        assert asked_by(name, tmp_path, "anna", None) == ("anna", role)
    assert asked_by("training", tmp_path, "anna", None) == ("anna", Role.ADMIN)


def test_a_page_goes_by_the_role_in_its_factory_and_the_accounts_by_that_everywhere(
    accounts: Accounts,
) -> None:
    accounts.give("anna", Role.ADMIN, ["hall-2"])
    entry = SignedIn(id="1", name="anna", proof="")
    request = Request({"type": "http", "headers": [], "client": ("127.0.0.1", 1)})
    request.scope["state"] = {"omf.person": (entry, accounts.get("anna"))}
    there = current_user.of(request, "hall-2", trusting=False)
    elsewhere = current_user.of(request, "hall-3", trusting=False)
    assert (there.role, elsewhere.role) == (Role.ADMIN, Role.VIEWER)
    assert OVERVIEW.open_to(elsewhere)
    assert not USERS.open_to(there)
    accounts.change("anna", role=Role.ADMIN)
    request.scope["state"] = {"omf.person": (entry, accounts.get("anna"))}
    assert USERS.open_to(current_user.of(request, "hall-3", trusting=False))


@pytest.mark.usefixtures("accounts")
def test_settings_are_previewed_at_a_site_without_a_factory_called_mock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMF_STORE_URL", "redis://127.0.0.1:1/0")
    (tmp_path / "site.json").write_text("{}")
    code, told = omf("config", "import", "site.json", "-e", "hall-2", "--dry-run")
    assert code == 1
    assert "store" in told
    assert "no factory is called" not in told
