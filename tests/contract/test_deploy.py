"""The containers name only things that exist; no engine is needed to see that."""

import re
import shutil
import subprocess
import tomllib
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.accounts.__main__ import draw
from omf.topics.catalogue import TOPICS
from services.supervisor.configs import BROKER_MAX_MESSAGE_BYTES, MOSQUITTO
from tests.support.factory_server import mounts, variables

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, Any] = COMPOSE["services"]
OURS = sorted(name for name, service in SERVICES.items() if "build" in service)
TOOLS = {"omf", "backup"}
"""Run once, by hand."""
DOCKERFILE = (ROOT / "deploy/Dockerfile").read_text(encoding="utf-8")
EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
    "optional-dependencies"
]


def module_of(name: str) -> str:
    return str(SERVICES[name]["build"]["args"]["SERVICE"])


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("drawn")
    draw(folder)
    return folder


@pytest.mark.parametrize("name", OURS)
def test_a_container_of_ours_runs_a_service_that_exists(name: str) -> None:
    build, service = SERVICES[name]["build"], module_of(name)
    assert (ROOT / build["dockerfile"]).is_file()
    assert find_spec(f"services.{service}.__main__"), f"python -m services.{service} must run"
    assert service in EXTRAS, "the image installs the extra of its service"
    assert (ROOT / f"deploy/requirements/{service}.txt").is_file()


@pytest.mark.parametrize("name", OURS)
def test_a_container_can_trace_where_a_collector_is_named_and_only_there(name: str) -> None:
    main = (ROOT / f"services/{module_of(name)}/__main__.py").read_text(encoding="utf-8")
    traces = "tracing.to(" in main
    told, built = SERVICES[name]["environment"], SERVICES[name]["build"]["args"]
    # One variable does both: no image without the exporter is told to export.
    assert told.get("OMF_OTEL_ENDPOINT") == ("${OMF_OTEL_ENDPOINT:-}" if traces else None)
    assert built.get("OTEL") == ("${OMF_OTEL_ENDPOINT:+yes}" if traces else None)


def test_the_recipe_adds_the_exporter_only_when_asked() -> None:
    (step,) = re.findall(r"(?m)^RUN ((?:.*\\\n)*.*otel\.txt)$", DOCKERFILE)
    for given, installs in (("", False), ("yes", True)):
        said = step.replace("/opt/omf/bin/pip", "echo pip")
        done = subprocess.run(
            ["sh", "-c", said], env={"OTEL": given}, capture_output=True, check=True
        )
        assert (b"--require-hashes" in done.stdout) is installs


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


@pytest.mark.parametrize("name", OURS)
def test_every_address_names_a_container_of_a_network_it_shares(name: str) -> None:
    for value in variables(name).values():
        if found := re.fullmatch(
            r"\w+://(?P<account>[\w-]+)@(?P<host>[\w-]+):(?P<port>\d+)\S*", value
        ):
            host = found["host"]
            assert set(SERVICES[name]["networks"]) & set(SERVICES[host]["networks"])


def test_every_secret_is_drawn_by_make_secrets(secrets: Path) -> None:
    for entry in COMPOSE["secrets"].values():
        assert (secrets / Path(entry["file"]).name).is_file()
    used = {f for name in SERVICES for f in mounts(name).values()}
    assert used == set(COMPOSE["secrets"]), "none is mounted nowhere, none is missing"


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_container_is_hardened(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"]
    assert service["init"]
    assert service["tmpfs"] == ["/tmp"]  # noqa: S108 - in the container
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["restart"] == ("no" if name in TOOLS else "unless-stopped")
    assert {"mem_limit", "cpus", "pids_limit", "stop_grace_period", "logging"} <= set(service)
    assert not {"privileged", "network_mode", "pid", "ipc", "cap_add", "devices"} & set(service)
    assert not any("docker.sock" in str(volume) for volume in service.get("volumes", ()))


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_container_has_a_user_of_its_own_by_number(name: str) -> None:
    image_user = re.search(r"^USER (\S+)$", DOCKERFILE, re.MULTILINE)
    assert image_user
    user = image_user[1] if "build" in SERVICES[name] else SERVICES[name]["user"]
    assert re.fullmatch(r"[1-9]\d*:\d+", user)


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_health_is_asked_of_what_runs_inside(name: str) -> None:
    if name in TOOLS:
        assert SERVICES[name]["healthcheck"] == {"disable": True}
        return
    if name in OURS:
        assert "/health/live" in DOCKERFILE
        assert "OMF_METRICS_PORT=9100" in DOCKERFILE
        assert "127.0.0.1:9100" in DOCKERFILE
        return
    check = SERVICES[name]["healthcheck"]
    assert {"test", "interval", "timeout", "retries"} <= set(check)
    for file in re.findall(r"/run/secrets/([\w.-]+)", " ".join(check["test"])):
        assert file in mounts(name)


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_what_a_container_mounts_and_joins_exists(name: str) -> None:
    service = SERVICES[name]
    for volume in service.get("volumes", []):
        source, target, *mode = volume.split(":")
        assert source in COMPOSE["volumes"] or (ROOT / source).exists()
        assert source in COMPOSE["volumes"] or mode == ["ro"], "what lies in the tree is read only"
        assert target.startswith("/")
    assert set(service["networks"]) <= set(COMPOSE["networks"])
    assert set(service.get("depends_on", {})) <= set(SERVICES)


@pytest.mark.parametrize("name", sorted(set(SERVICES) - set(OURS)))
def test_an_image_is_pinned_to_one_version(name: str) -> None:
    assert re.fullmatch(
        r"[\w./-]+:v?\d+\.\d+\.\d+[\w.-]*(@sha256:[0-9a-f]{64})?", SERVICES[name]["image"]
    )


def test_only_pages_doors_and_brokers_are_published() -> None:
    published = {name: s["ports"] for name, s in SERVICES.items() if "ports" in s}
    assert published == {
        "ui": ["8080:8080"],
        "api": ["8081:8081"],
        "broker-mock": ["8883:8883"],
        "broker-replay": ["127.0.0.1:8884:8883"],
        "grafana": ["127.0.0.1:3000:3000"],
    }


def test_store_and_brokers_share_no_network() -> None:
    assert SERVICES["store"]["networks"] == ["backend"]
    for broker in ("broker-mock", "broker-replay"):
        assert SERVICES[broker]["networks"] == ["factory"]
    both = {n for n in SERVICES if set(SERVICES[n]["networks"]) == {"backend", "factory"}}
    bridges = {"ingest", "gateway"}
    environments = {"live", "mock", "replay"}
    assert both == {f"{s}-{e}" for s in bridges for e in environments} | {
        "station-replay",
        "prometheus",
    }


def test_every_environment_has_its_own_six_processes() -> None:
    for environment in ("live", "mock", "replay"):
        for service in ("ingest", "orders", "gateway", "alarms", "notifications", "historian"):
            name = f"{service}-{environment}"
            told = SERVICES[name]["environment"]
            assert told["OMF_ENVIRONMENT"] == environment
            assert told["OMF_STORE_URL"] == f"redis://{name}@store:6379/0"
            assert SERVICES[name]["profiles"] == [environment]


def test_what_the_readme_puts_into_env_starts_and_serves_the_same_environments() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"(?m)^    ([A-Z_]+)=(\S+)$", readme))
    profiles = set(told.pop("COMPOSE_PROFILES").split(","))
    assert profiles - {"monitoring"} == set(told["OMF_ENVIRONMENTS"].split(","))
    known = {profile for service in SERVICES.values() for profile in service.get("profiles", ())}
    assert profiles <= known
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    assert all(f"${{{name}:-" in text for name in told)
    # A second `up` with other variables would take away what the first one serves.
    assert not re.search(r"(?m)^    (OMF_\w+=\S+ )+docker compose|--profile", readme)


def test_the_recipe_copies_only_what_exists_and_lets_in() -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    allowed = {line[1:] for line in ignored if line.startswith("!")}
    for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE):
        for source in line.split()[:-1]:
            concrete = source.replace("${SERVICE}", "ingest")
            assert (ROOT / concrete).exists()
            assert any(concrete == one or concrete.startswith(f"{one}/") for one in allowed)
    assert DOCKERFILE.count("FROM python:") == 2
    assert "--require-hashes" in DOCKERFILE
    assert not re.search(r"(?i)password|secret|token", DOCKERFILE)


def test_the_broker_here_and_the_one_of_omf_up_keep_the_same_promises() -> None:
    def told(text: str) -> dict[str, str]:
        lines = (line.partition(" ") for line in text.splitlines() if line and line[0] != "#")
        return {name: value for name, _, value in lines}

    here = told((ROOT / "deploy/mosquitto/mosquitto.conf").read_text(encoding="utf-8"))
    there = told(
        MOSQUITTO.format(port=0, user="x", folder="x", max_payload=BROKER_MAX_MESSAGE_BYTES)
    )
    own = {"listener", "user", "allow_anonymous", "persistence_location"}
    assert {k: v for k, v in there.items() if k not in own} == {
        k: here[k] for k in there.keys() - own
    }
    assert here["allow_anonymous"] == "false"
    assert {"password_file", "acl_file", "certfile", "keyfile"} <= set(here)
    assert int(here["message_size_limit"]) >= max(topic.max_bytes for topic in TOPICS)


def test_the_store_forgets_nothing() -> None:
    text = (ROOT / "deploy/valkey/valkey.conf").read_text(encoding="utf-8")
    told = dict(line.split(" ", 1) for line in text.splitlines() if line and line[0] != "#")
    assert told["appendonly"] == "yes"
    assert told["appendfsync"] == "everysec"
    assert told["maxmemory-policy"] == "noeviction"
    assert told["aclfile"] == "/run/secrets/users.acl"


def test_compose_itself_accepts_the_file() -> None:
    compose = ["docker", "compose"]
    if not shutil.which("docker") or subprocess.run([*compose, "version"], check=False).returncode:
        pytest.xfail("docker compose is not installed here; the file was parsed and run natively")
    profiles = [word for p in ("live", "mock", "replay", "monitoring") for word in ("--profile", p)]
    command = [*compose, "-f", str(ROOT / "docker-compose.yml"), *profiles, "config", "--quiet"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
