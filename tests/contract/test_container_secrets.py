"""Each container is given the secrets it needs and no other, before it starts."""

from pathlib import Path

import pytest

from deploy.accounts.__main__ import draw, main
from deploy.accounts.containers import FOLDER, hand_out
from tests.contract.test_deploy import FIRST, OURS, ROOT, SERVICES, TOLD
from tests.support.factory_server import mounts, variables

COMPOSE_FILE = ROOT / "docker-compose.yml"


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("drawn")
    draw(folder)
    hand_out(folder, COMPOSE_FILE)
    return folder


@pytest.mark.parametrize("name", OURS)
def test_every_file_a_variable_names_is_mounted(name: str) -> None:
    there = set(mounts(name))
    for value in variables(name).values():
        if value.startswith("/run/secrets/"):
            assert value.removeprefix("/run/secrets/") in there
    logins = {"STORE": "omf_store_password", "MQTT": "omf_mqtt_password"}
    for what, file in logins.items():
        if "@" in variables(name).get(f"OMF_{what}_URL", ""):
            assert file in there
    assert all(f in _FILES or f.startswith("omf_") for f in there)


_FILES = {
    *(
        "ca.crt",
        "web.crt",
        "web.key",
        "api-tokens.jsonl",
        "ui-cookies",
        "notification-urls",
        "web-push.pem",
    ),
}


def test_every_secret_is_drawn_by_make_secrets(secrets: Path) -> None:
    used = {file for name in SERVICES for file in mounts(name).values()}
    assert len(used) > 40
    assert [file for file in used if not (secrets / file).is_file()] == []


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_container_is_given_the_folder_with_its_own_secrets_and_no_other(
    name: str, secrets: Path
) -> None:
    handed = secrets / "containers" / name
    own = f"./secrets/containers/{name}:/run/secrets:ro"
    mounted = [v for v in SERVICES[name].get("volumes", ()) if "secrets" in v]
    if name == FIRST:
        assert mounted == ["./secrets:/secrets"]
        return
    assert mounted == ([own] if mounts(name) else [])
    assert handed.exists() == bool(mounts(name))
    assert "secrets" not in SERVICES[name], "a file that is not there yet cannot be mounted"
    if not mounts(name):
        return
    assert {file.name for file in handed.iterdir()} == set(mounts(name))
    assert all((handed / t).samefile(secrets / f) for t, f in mounts(name).items())
    assert handed.stat().st_mode & 0o005 == 0o005, "the user of the container may look into it"


@pytest.mark.parametrize("name", sorted(set(SERVICES) - {FIRST, TOLD}))
def test_what_has_secrets_starts_once_they_are_drawn(name: str) -> None:
    needs = SERVICES[name].get("depends_on", {}).get(FIRST)
    assert needs == ({"condition": "service_completed_successfully"} if mounts(name) else None)


def test_what_was_written_in_place_is_seen_and_what_was_replaced_is_handed_out_anew(
    secrets: Path,
) -> None:
    tokens, seen = secrets / "api-tokens.jsonl", secrets / FOLDER / "api/api-tokens.jsonl"
    tokens.write_text("in place\n", "utf-8")
    assert seen.read_text("utf-8") == "in place\n"
    tokens.unlink()
    tokens.write_text("by an editor\n", "utf-8")
    (seen.parent / "of-before").write_text("x", "utf-8")
    hand_out(secrets, COMPOSE_FILE)
    assert seen.read_text("utf-8") == "by an editor\n"
    assert not (seen.parent / "of-before").exists()


def test_where_there_are_no_links_a_copy_is_handed_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*_: object) -> None:
        raise OSError

    monkeypatch.setattr(Path, "hardlink_to", no_links)
    assert main(["--out", str(tmp_path / "s"), "--containers", str(COMPOSE_FILE)]) == 0
    drawn, seen = tmp_path / "s/store-probe", tmp_path / "s" / FOLDER / "store/probe"
    for text in ("0123456789abcdef", "fedcba9876543210"):  # what changed comes with the next call
        drawn.chmod(0o644)
        drawn.write_text(text, "utf-8")
        hand_out(tmp_path / "s", COMPOSE_FILE)
        assert seen.read_text("utf-8") == text


def test_a_weak_secret_hands_out_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "store-ui").write_text("secret", "utf-8")
    assert main(["--out", str(tmp_path), "--containers", str(COMPOSE_FILE)]) == 1
    assert "store-ui" in capsys.readouterr().err
    assert not (tmp_path / FOLDER).exists()
