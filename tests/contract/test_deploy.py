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

from omf.topics.catalogue import TOPICS
from services.supervisor.configs import BROKER_MAX_MESSAGE_BYTES, MOSQUITTO
from tests.support.factory_server import mounts, variables

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, Any] = COMPOSE["services"]
FIRST = "secrets"
"""Draws the secrets before any other container starts, and ends."""
TOLD = "address"
"""Says where the pages are, and ends."""
OURS = sorted(n for n, service in SERVICES.items() if "build" in service and n != FIRST)
TOOLS = {"omf", "backup"}
"""Run once, by hand."""
DECLARED_VOLUMES = {
    "valkey/valkey": ["/data"],
    "eclipse-mosquitto": ["/mosquitto/data", "/mosquitto/log"],
    "prom/prometheus": ["/prometheus"],
    "prom/alertmanager": ["/alertmanager"],
}
"""Of the images of others, as their recipes say: what is mounted nowhere gets one at each start."""
DOCKERFILE = (ROOT / "deploy/Dockerfile").read_text(encoding="utf-8")
EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
    "optional-dependencies"
]


TRACED = {"api", "gateway", "orders", "ui"}
"""What a command passes through."""


def module_of(name: str) -> str:
    return str(SERVICES[name]["build"]["args"]["SERVICE"])


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
    traces = module_of(name) in TRACED
    assert not traces or "tracing.to(" in main or "service_main" in main
    told, built = SERVICES[name]["environment"], SERVICES[name]["build"]["args"]
    # One variable does both: no image without the exporter is told to export.
    assert told.get("OMF_OTEL_ENDPOINT") == ("${OMF_OTEL_ENDPOINT:-}" if traces else None)
    assert built.get("OTEL") == ("${OMF_OTEL_ENDPOINT:+yes}" if traces else None)


def test_the_recipe_adds_the_exporter_only_when_asked() -> None:
    (step,) = re.findall(r"(?m)^RUN --mount=\S+ ((?:.*\\\n)*?.*otel\.txt\}) \\$", DOCKERFILE)
    for given, installs in (("", False), ("yes", True)):
        said = step.replace("/opt/build/bin/pip", "echo pip")
        told = {"OTEL": given, "SERVICE": "orders"}
        done = subprocess.run(["sh", "-c", said], env=told, capture_output=True, check=True)
        assert b"--require-hashes --no-deps -r orders.txt" in done.stdout
        assert (b"-r otel.txt" in done.stdout) is installs


@pytest.mark.parametrize("name", OURS)
def test_every_address_names_a_container_of_a_network_it_shares(name: str) -> None:
    for value in variables(name).values():
        if found := re.fullmatch(
            r"\w+://(?P<account>[\w-]+)@(?P<host>[\w-]+):(?P<port>\d+)\S*", value
        ):
            host = found["host"]
            assert set(SERVICES[name]["networks"]) & set(SERVICES[host]["networks"])


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_without_a_file_env_mock_and_replay_run_and_nothing_else(name: str) -> None:
    """Compose, told of no profile, starts what has none and what has "" for one."""
    profiles = SERVICES[name].get("profiles", [])
    unnamed = "${COMPOSE_PROFILES:+named}"  # "" unless profiles are named
    assert (unnamed in profiles) is (name == TOLD or bool({"mock", "replay"} & set(profiles)))


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_container_is_hardened(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"]
    assert service["init"]
    assert "/tmp" in service["tmpfs"]  # noqa: S108 - in the container
    assert service["cap_drop"] == ["ALL"]
    # Reads and gives away what belongs to whom the checkout belongs.
    own = (
        {"network_mode", "cap_add"}
        if name == FIRST
        else {"network_mode"}
        if name == TOLD
        else set()
    )
    assert service.get("network_mode", "none") == "none"
    assert service.get("cap_add", []) in ([], ["CHOWN", "DAC_OVERRIDE", "FOWNER"])
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["restart"] == ("no" if name in {*TOOLS, FIRST, TOLD} else "unless-stopped")
    assert {"mem_limit", "cpus", "pids_limit", "stop_grace_period", "logging"} <= set(service)
    reaching = {"privileged", "network_mode", "pid", "ipc", "cap_add", "devices"}
    assert reaching & set(service) == own
    assert not any("docker.sock" in str(volume) for volume in service.get("volumes", ()))


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_container_has_a_user_of_its_own_by_number(name: str) -> None:
    if name == FIRST:
        assert SERVICES[name]["user"] == "0:0"  # and it has no network
        return
    image_user = re.search(r"^USER (\S+)$", DOCKERFILE, re.MULTILINE)
    assert image_user
    user = image_user[1] if "build" in SERVICES[name] else SERVICES[name]["user"]
    assert re.fullmatch(r"[1-9]\d*:\d+", user)


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_health_is_asked_of_what_runs_inside(name: str) -> None:
    if name in {*TOOLS, FIRST, TOLD}:
        assert SERVICES[name]["healthcheck"] == {"disable": True}
        return
    if name in OURS:
        assert "OMF_METRICS_PORT=9100" in DOCKERFILE  # asked in test_health_checks
        return
    check = SERVICES[name]["healthcheck"]
    for file in re.findall(r"/run/secrets/([\w.-]+)", " ".join(check["test"])):
        assert file in mounts(name)


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_what_a_container_mounts_and_joins_exists(name: str) -> None:
    service = SERVICES[name]
    for volume in service.get("volumes", []):
        source, target, *mode = volume.split(":")
        drawn = source.startswith("./secrets")
        assert drawn or source in COMPOSE["volumes"] or (ROOT / source).exists()
        if name != FIRST or not drawn:
            assert source in COMPOSE["volumes"] or mode == ["ro"], "what lies here is read only"
        assert target.startswith("/")
    assert set(service.get("networks", ())) <= set(COMPOSE["networks"])
    assert set(service.get("depends_on", {})) <= set(SERVICES)


@pytest.mark.parametrize("name", sorted(set(SERVICES) - {*OURS, FIRST}))
def test_an_image_is_pinned_to_one_version(name: str) -> None:
    assert re.fullmatch(
        r"[\w./-]+:v?\d+\.\d+\.\d+[\w.-]*(@sha256:[0-9a-f]{64})?", SERVICES[name]["image"]
    )


def test_it_is_written_down_where_the_tag_of_every_foreign_image_was_seen() -> None:
    used = {service["image"] for service in SERVICES.values() if "image" in service}
    used |= set(re.findall(r"(?m)^FROM (python:\S+)", DOCKERFILE))
    told = (ROOT / "docs/security.md").read_text(encoding="utf-8")
    assert set(re.findall(r"(?m)^\| `([a-z/-]+:[\w.-]+)` \| \S", told)) == used


def test_only_pages_doors_and_brokers_are_published() -> None:
    published = {name: s["ports"] for name, s in SERVICES.items() if "ports" in s}
    assert published == {
        "ui": ["${OMF_PAGES_PORT:-8080}:8080"],
        "api": ["8081:8081"],
        "broker-mock": ["8883:8883"],
        "broker-replay": ["127.0.0.1:8884:8883"],
        "grafana": ["127.0.0.1:3000:3000"],
    }


def test_store_and_brokers_share_no_network() -> None:
    assert SERVICES["store"]["networks"] == ["backend"]
    for broker in ("broker-mock", "broker-replay"):
        assert SERVICES[broker]["networks"] == ["factory"]
    networks = {name: set(service.get("networks", ())) for name, service in SERVICES.items()}
    both = {name for name, joined in networks.items() if {"backend", "factory"} <= joined}
    bridges = {"ingest", "gateway"}
    environments = {"live", "mock", "replay"}
    assert both == {f"{s}-{e}" for s in bridges for e in environments} | {
        "station-replay",
    }
    # Prometheus asks nobody who they are: no broker is in a network with it.
    assert SERVICES["prometheus"]["networks"] == ["backend", "figures"]
    assert {n for n, joined in networks.items() if "figures" in joined} == {"prometheus", "mock"}


def test_what_is_imported_by_hand_lies_where_the_station_plays_from() -> None:
    station, by_hand = SERVICES["station-replay"], SERVICES["omf"]
    assert station["environment"]["OMF_DATA"] == by_hand["environment"]["OMF_DATA"]
    assert "sessions:/var/lib/omf/sessions" in set(station["volumes"]) & set(by_hand["volumes"])


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_no_start_leaves_a_volume_without_a_name(name: str) -> None:
    service = SERVICES[name]
    image = service.get("image", "").partition(":")[0]
    mounted = {volume.split(":")[1] for volume in service.get("volumes", ())}
    declared = set(DECLARED_VOLUMES.get(image, ()))
    assert declared <= mounted | set(service["tmpfs"])


@pytest.mark.parametrize("guide", ["docs/runbook.md", "docs/runbook.de.md", "docs/runbook.fr.md"])
def test_an_upgrade_builds_what_is_run_by_hand_as_well(guide: str) -> None:
    text = (ROOT / guide).read_text(encoding="utf-8")
    (line,) = re.findall(r"(?m)^    docker compose build (?!$)(.+)$", text)
    assert set(line.split()) == TOOLS
    # It would take the place of COMPOSE_PROFILES.
    assert "--profile tools" not in text


def test_every_environment_has_its_own_six_processes() -> None:
    for environment in ("live", "mock", "replay"):
        for service in ("ingest", "orders", "gateway", "alarms", "notifications", "historian"):
            name = f"{service}-{environment}"
            told = SERVICES[name]["environment"]
            assert told["OMF_ENVIRONMENT"] == environment
            assert told["OMF_STORE_URL"] == f"redis://{name}@store:6379/0"
            assert SERVICES[name]["profiles"][0] == environment


def test_what_the_readme_puts_into_env_starts_and_serves_the_same_environments() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"(?m)^    ([A-Z_]+)=(\S+)$", readme))
    profiles = set(told.pop("COMPOSE_PROFILES").split(","))
    assert profiles - {"monitoring"} == set(told["OMF_ENVIRONMENTS"].split(","))
    known = {profile for service in SERVICES.values() for profile in service.get("profiles", ())}
    assert profiles <= known
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    assert all(f"${{{name}:-" in text for name in told)
    assert "No container was built" not in readme
    # A second `up` with other variables would take away what the first one serves.
    assert not re.search(r"(?m)^    (OMF_\w+=\S+ )+docker compose|--profile", readme)


def test_the_recipe_copies_only_what_exists_and_lets_in() -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    allowed = {line[1:] for line in ignored if line.startswith("!")}
    for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE):
        for source in line.split()[:-1]:
            concrete = source.replace("${SERVICE}", "ingest")
            assert (ROOT / concrete).exists()
            # Of a folder only some files may be let in: `!docs/*.md`.
            folders = [one.partition("/*")[0] for one in allowed]
            assert any(f"{concrete}/".startswith(f"{one}/") for one in folders)
    assert DOCKERFILE.count("FROM python:") == 1
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
        pytest.xfail("docker compose is not installed here; `make containers` brings the file up")
    profiles = [word for p in ("live", "mock", "replay", "monitoring") for word in ("--profile", p)]
    command = [*compose, "-f", str(ROOT / "docker-compose.yml"), *profiles, "config", "--quiet"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
