"""A person signs in at a machine without a browser: provider, pages, store, command line."""

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from services.cli import app, device_login
from services.cli.sign_in import asked_by
from services.common.store.keys import Role
from services.supervisor.ports import free_port
from tests.support.door import Door
from tests.support.oidc_server import CLIENT, SECRET, OidcServer, oidc_server
from tests.support.processes import Processes


@pytest.fixture
def provider() -> Iterator[OidcServer]:
    with oidc_server("") as server:
        server.claims = {"preferred_username": "anna", "groups": ["line-leads"]}
        yield server


@pytest.fixture
def door(
    processes: Processes,
    store_url: str,
    provider: OidcServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Door:
    port, directory = free_port(), tmp_path / "directory.yaml"
    (tmp_path / "secret").write_text(SECRET)
    oidc = {
        "issuer": provider.issuer,
        "client_id": CLIENT,
        "client_secret_file": str(tmp_path / "secret"),
        "pages": f"http://127.0.0.1:{port}",
    }
    groups = {"line-leads": ["viewer", "supervisor@live"]}
    directory.write_text(json.dumps({"oidc": oidc, "groups": groups}))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("OMF_STORE_URL", store_url)
    monkeypatch.setenv("OMF_UI_USERS_FILE", str(processes.folder / "users.jsonl"))
    monkeypatch.setenv("OMF_UI_DIRECTORY_FILE", str(directory))
    monkeypatch.setattr("sys.stdin", io.StringIO())
    monkeypatch.chdir(tmp_path)
    return Door(processes, store_url, port, ui_directory_file=str(directory))


def omf(*words: str) -> Result:
    return CliRunner().invoke(app, words)


def test_a_person_confirms_the_code_elsewhere_and_is_known_here_from_then_on(
    door: Door, provider: OidcServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []

    def person_acts(seconds: float) -> None:
        """A person needs three questions' time; the first one says no."""
        waits.append(seconds)
        (code,) = provider.devices
        if len(waits) == 1:
            provider.confirm(code, approved=False)
        elif len(waits) == 4:
            provider.confirm(code)

    monkeypatch.setattr(device_login.time, "sleep", person_acts)
    refused = omf("login", "--device")
    assert "was refused at the provider" in refused.stderr
    provider.devices.clear()
    provider.too_fast = 1
    done = omf("login", "--device")
    assert done.exit_code == 0, done.stderr
    assert waits[1:] == [5, 10, 10]
    assert provider.issuer in done.stderr
    assert "signed in as anna, viewer until " in done.stderr
    assert asked_by("live", None, "", None) == ("anna", Role.SUPERVISOR)
    log = door.service.log.read_text()
    assert "signed in at the command line" in log
    assert '"omf_' not in log, "no token reaches the log"
