"""`omf login` keeps who a person is; every command that acts on the live factory asks for it."""

import io
import json
import stat
from functools import cache
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from services.cli import app
from services.cli.sign_in import asked_by
from services.common.auth import api_tokens
from services.common.auth.kept_sign_in import LASTS_S
from services.common.auth.passwords import hashed
from services.common.auth.user_file import Account, Accounts
from services.common.process import clock
from services.common.store.keys import Environment, Role

PASSWORD = "correct horse battery"  # noqa: S105 - made for this test
REFUSED = 3
NOWHERE = "mqtt://192.0.2.9:1883"


@cache
def password_hash(password: str = PASSWORD) -> str:
    return hashed(password)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("OMF_UI_USERS_FILE", str(tmp_path / "users.jsonl"))
    monkeypatch.setenv("OMF_API_TOKENS_FILE", str(tmp_path / "api-tokens.jsonl"))
    monkeypatch.setenv("OMF_STORE_URL", "redis://127.0.0.1:1/0")
    monkeypatch.setenv("OMF_LIVE_MQTT_URL", NOWHERE)
    monkeypatch.setattr("sys.stdin", io.StringIO())
    monkeypatch.chdir(tmp_path)
    return tmp_path


def person(folder: Path, role: Role = Role.OPERATOR, name: str = "anna") -> Accounts:
    accounts = Accounts(folder / "users.jsonl")
    accounts.add(Account(name=name, role=role, password=password_hash()))
    return accounts


def client(folder: Path, role: Role, *environments: Environment) -> str:
    token, known = api_tokens.minted("line-2", role, environments or None)
    (folder / "api-tokens.jsonl").write_text(known.model_dump_json(exclude_none=True) + "\n")
    return token


def omf(*words: str, given: str = "") -> Result:
    return CliRunner().invoke(app, words, input=given)


def kept(folder: Path) -> Path:
    return folder / "config" / "omf" / "sign-in.json"


def test_who_signed_in_is_known_without_a_password_until_they_sign_out(folder: Path) -> None:
    person(folder)
    assert omf("login", "anna", given=f"{PASSWORD}\n").exit_code == 0
    assert asked_by("live", None, "", None) == ("anna", Role.OPERATOR)
    assert asked_by("live", None, "anna", Role.VIEWER) == ("anna", Role.VIEWER)
    assert omf("logout").exit_code == 0
    assert not kept(folder).exists()
    assert "omf login" in omf("send", "park", "-e", "live", "--yes").stderr
    assert "nobody was signed in" in omf("logout").stderr


def test_what_is_kept_is_readable_by_its_owner_alone_and_holds_no_password(folder: Path) -> None:
    person(folder)
    omf("login", "anna", given=f"{PASSWORD}\n")
    assert stat.S_IMODE(kept(folder).stat().st_mode) == 0o600
    assert stat.S_IMODE(kept(folder).parent.stat().st_mode) == 0o700
    said = kept(folder).read_text()
    assert PASSWORD not in said
    assert password_hash() not in said


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_file_that_others_can_read_is_not_believed(folder: Path, mode: int) -> None:
    person(folder)
    omf("login", "anna", given=f"{PASSWORD}\n")
    kept(folder).chmod(mode)
    done = omf("send", "park", "-e", "live", "--yes")
    assert done.exit_code == REFUSED
    assert "`omf login` writes it anew" in done.stderr
    assert omf("login", "anna", given=f"{PASSWORD}\n").exit_code == 0
    assert asked_by("live", None, "", None) == ("anna", Role.OPERATOR)


@pytest.mark.parametrize("damage", ["{", "[]x", '[{"name": "anna"}]', ""])
def test_a_damaged_file_is_named_with_its_remedy(folder: Path, damage: str) -> None:
    person(folder)
    omf("login", "anna", given=f"{PASSWORD}\n")
    kept(folder).write_text(damage)
    done = omf("send", "park", "-e", "live", "--yes")
    assert done.exit_code == REFUSED
    assert "damaged; `omf login` writes it anew" in done.stderr


@pytest.mark.parametrize("change", ["locked", "password", "removed", "time"])
def test_a_sign_in_ends_with_the_account_s_password_and_with_the_shift(
    folder: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    accounts = person(folder)
    person(folder, name="berta")
    omf("login", "anna", given=f"{PASSWORD}\n")
    if change == "locked":
        accounts.change("anna", locked=True)
    elif change == "password":
        accounts.change("anna", password=hashed("another horse battery"))
    elif change == "removed":
        accounts.remove("anna")
    else:
        later = clock.now() + LASTS_S + 1
        monkeypatch.setattr(clock, "now", lambda: later)
    done = omf("send", "park", "-e", "live", "--yes")
    assert done.exit_code == REFUSED
    assert "omf login" in done.stderr


@pytest.mark.parametrize("field", ["name", "until"])
def test_a_sign_in_that_was_written_by_hand_is_not_believed(folder: Path, field: str) -> None:
    person(folder)
    person(folder, Role.ADMIN, "berta")
    omf("login", "anna", given=f"{PASSWORD}\n")
    found = json.loads(kept(folder).read_text())
    found[0][field] = "berta" if field == "name" else found[0][field] + 1e6
    kept(folder).write_text(json.dumps(found))
    assert omf("send", "park", "-e", "live", "--yes").exit_code == REFUSED


def test_a_role_changed_meanwhile_is_the_one_that_counts(folder: Path) -> None:
    accounts = person(folder, Role.ADMIN)
    omf("login", "anna", given=f"{PASSWORD}\n")
    accounts.change("anna", role=Role.VIEWER)
    assert asked_by("live", None, "", None) == ("anna", Role.VIEWER)


def test_a_sign_in_at_one_installation_says_nothing_at_another(folder: Path) -> None:
    person(folder)
    other = folder / "other"
    other.mkdir()
    person(other, Role.ADMIN)
    omf("login", "anna", given=f"{PASSWORD}\n")
    assert omf("golden", "remove", "g", "-e", "live", "--run", str(other)).exit_code == REFUSED
    omf("login", "anna", "--run", str(other), given=f"{PASSWORD}\n")
    assert asked_by("live", other, "", None) == ("anna", Role.ADMIN)
    assert asked_by("live", None, "", None) == ("anna", Role.OPERATOR)


def test_a_token_is_kept_until_it_is_revoked(folder: Path) -> None:
    token = client(folder, Role.SUPERVISOR)
    assert omf("login", "--token", given=f"{token}\n").exit_code == 0
    assert asked_by("live", None, "", None) == ("line-2", Role.SUPERVISOR)
    client(folder, Role.SUPERVISOR)
    done = omf("send", "park", "-e", "live", "--yes")
    assert done.exit_code == REFUSED
    assert "`omf token` makes one" in done.stderr


def test_a_token_for_other_factories_does_not_open_the_live_one(folder: Path) -> None:
    token = client(folder, Role.ADMIN, "mock", "replay")
    done = omf("login", "--token", given=f"{token}\n")
    assert done.exit_code == REFUSED
    assert "not for the live factory" in done.stderr


@pytest.mark.parametrize(
    ("words", "given", "why"),
    [
        (("login", "anna"), "wrong horse\n", "name or password is wrong"),
        (("login", "bert"), f"{PASSWORD}\n", "name or password is wrong"),
        (("login", "anna"), "", "no password was given"),
        (("login", "--token"), "", "the token is not known"),
        (("login", "--token"), "x" * 1000, "the token is not known"),
    ],
)
def test_a_wrong_sign_in_keeps_nothing(
    folder: Path, words: tuple[str, ...], given: str, why: str
) -> None:
    person(folder)
    client(folder, Role.VIEWER)
    done = omf(*words, given=given)
    assert done.exit_code == REFUSED
    assert why in done.stderr
    assert not kept(folder).exists()


ACTING = [
    ("send", "park", "--yes"),
    ("send", "free-message", "topic=test/x", "payload={}", "--role", "admin"),
    ("sequences", "hold", "r"),
    ("sequences", "continue", "r"),
    ("sequences", "cancel", "r", "--user", "anna", "--role", "admin"),
    ("session", "name", "s", "--from", "10m"),
    ("session", "remove", "s"),
    ("run", "start", "r"),
    ("run", "stop", "r"),
    ("golden", "keep", "g", "--from", "10m"),
    ("golden", "remove", "g"),
    ("restore", "copy.jsonl.gz"),
    ("mock", "--broker", NOWHERE),
    ("replay", "session.jsonl", "--broker", NOWHERE),
]


@pytest.mark.parametrize("words", ACTING, ids=" ".join)
def test_nothing_is_done_to_the_live_factory_without_a_sign_in(
    folder: Path, words: tuple[str, ...]
) -> None:
    person(folder, Role.ADMIN)
    (folder / "session.jsonl").touch()
    done = omf(*words, "-e", "live")
    assert done.exit_code == REFUSED
    assert "refused, nothing was" in done.stderr
    assert "sign in with `omf login`" in done.stderr


@pytest.mark.parametrize("words", ACTING[5:], ids=" ".join)
def test_a_viewer_changes_nothing_of_the_live_factory(folder: Path, words: tuple[str, ...]) -> None:
    person(folder, Role.VIEWER)
    (folder / "session.jsonl").touch()
    omf("login", "anna", given=f"{PASSWORD}\n")
    done = omf(*words, "-e", "live")
    assert done.exit_code == REFUSED
    assert "this takes the role" in done.stderr


@pytest.mark.parametrize("words", ACTING[-2:], ids=" ".join)
@pytest.mark.parametrize("environment", ["mock", "replay"])
def test_the_live_broker_is_recognised_whatever_the_environment_is_called(
    folder: Path, words: tuple[str, ...], environment: str
) -> None:
    person(folder, Role.ADMIN)
    (folder / "session.jsonl").touch()
    assert omf(*words, "-e", environment).exit_code == REFUSED


def test_a_sign_out_everywhere_ends_every_sign_in_of_that_person_alone(folder: Path) -> None:
    accounts = person(folder)
    person(folder, name="berta")
    omf("login", "anna", given=PASSWORD)
    before = kept(folder).read_text("utf-8")
    assert "signed in" in omf("login", "anna", given=PASSWORD).output
    done = omf("logout", "--everywhere")
    assert "anna is signed out everywhere" in done.output
    assert not kept(folder).exists()
    kept(folder).write_text(before, "utf-8")
    kept(folder).chmod(0o600)
    assert "nobody was signed in" not in omf("logout").output
    anna, berta = accounts.get("anna"), accounts.get("berta")
    assert anna
    assert berta
    assert anna.signed_out_at > berta.signed_out_at == 0


def test_a_sign_out_everywhere_by_who_is_not_signed_in_changes_nobody(folder: Path) -> None:
    accounts = person(folder)
    omf("login", "anna", given=PASSWORD)
    accounts.change("anna", password=password_hash("another good password"))
    done = omf("logout", "--everywhere")
    assert (done.exit_code, "other sign-ins and tokens hold as before" in done.output) == (1, True)
    anna = accounts.get("anna")
    assert anna
    assert anna.signed_out_at == 0


def test_an_administrator_signs_a_person_out_at_the_machine(folder: Path) -> None:
    person(folder)
    omf("login", "anna", given=PASSWORD)
    assert omf("user", "sign-out", "anna").exit_code == 0
    answer = omf("send", "park", "--environment", "live")
    assert "the account of anna has changed since the sign-in" in answer.output
    assert "nobody is called" in omf("user", "sign-out", "carla").output
