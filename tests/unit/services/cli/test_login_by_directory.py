"""What acts on the live factory asks people of the company's directory for the password there."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from services.cli import app
from services.cli.sign_in import asked_by
from services.common.store.keys import Role
from tests.support.slapd import PEOPLE, READER, READER_PASSWORD, SUFFIX, slapd

pytestmark = pytest.mark.slapd
FILE = """\
ldap:
  url: {url}
  bind_dn: {reader}
  bind_password_file: {password}
  people: ou=people,{suffix}
  groups: ou=groups,{suffix}
groups:
  operators: [viewer, operator@live]
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    for name in ("XDG_CONFIG_HOME", "OMF_UI_USERS_FILE", "OMF_API_TOKENS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.setenv("OMF_UI_DIRECTORY_FILE", str(tmp_path / "directory.yaml"))
    (tmp_path / "reader").write_text(READER_PASSWORD)
    with slapd(tmp_path / "slapd") as started:
        told = {"url": started.url, "reader": READER, "suffix": SUFFIX}
        text = FILE.format(**told, password=tmp_path / "reader")
        (tmp_path / "directory.yaml").write_text(text)
        yield tmp_path / "directory.yaml"


def _omf(*words: str, given: str) -> Result:
    return CliRunner().invoke(app, words, input=given)


def test_a_person_of_the_directory_acts_with_the_role_of_the_group(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert file.exists()
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PEOPLE['anna']}\n"))
    assert asked_by("live", None, "anna", None) == ("anna", Role.OPERATOR)


@pytest.mark.parametrize(
    ("name", "password", "said"),
    [
        ("anna", "wrong", "name or password is wrong"),
        ("nobody", "wrong", "name or password is wrong"),
        ("*", "annas password", "name or password is wrong"),
        ("anna", "", "no password was given"),
        ("berta", "bertas password", "berta may do nothing here"),
    ],
)
def test_a_wrong_person_is_told_why(file: Path, name: str, password: str, said: str) -> None:
    assert file.exists()
    answer = _omf("login", name, given=f"{password}\n" if password else "")
    assert answer.exit_code == 3
    assert said in answer.output


def test_nothing_is_kept_of_a_person_of_the_directory(file: Path) -> None:
    answer = _omf("login", "anna", given=f"{PEOPLE['anna']}\n")
    assert answer.exit_code != 0
    assert "no password is kept here" in answer.output
    assert not list(file.parent.rglob("sign-in.json"))


def test_while_the_directory_is_away_or_its_file_wrong_it_is_said(file: Path) -> None:
    text = file.read_text()
    file.write_text(text.replace("127.0.0.1:", "127.0.0.1:1 #"))
    assert "the directory is away" in _omf("login", "anna", given="x\n").output
    file.write_text(text.replace("operator@live", "operator@moon"))
    answer = _omf("login", "anna", given="x\n")
    assert "there is no factory moon" in answer.output
