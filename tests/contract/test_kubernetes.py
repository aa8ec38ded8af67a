"""deploy/kubernetes gives a cluster what docker-compose.yml gives a Docker engine, and no more."""

import json
import re
from typing import Any

import kubernetes_validate
import pytest

import omf
from tests.contract.test_deploy import DOCKERFILE, FIRST, OURS, SERVICES, TOLD, TOOLS
from tests.support.factory_server import variables
from tests.support.kubernetes import (
    FOLDER,
    OVERLAYS,
    Manifest,
    container_of,
    environment_of,
    of_kind,
    pod_of,
    rendered,
)
from tests.support.processes import ROOT

API_VERSION = "1.34"
PAGE = (ROOT / "docs/kubernetes.md").read_text("utf-8")
NAMES = sorted(set(SERVICES) - {FIRST, TOLD})
MANY = {"ui", "api"}
"""What docs/scale-out.md lets run more than once."""
STAND_BY = {"ingest-live", "orders-live", "gateway-live"}
"""Twice: one leads, the other stands by for it."""
OF_CLUSTER = {"OMF_UI_PROXIES": "10.0.0.0/8"}
"""Behind an ingress controller, the pages are told whom to believe."""
MEBIBYTES = {"m": 1, "g": 1024, "Mi": 1, "Gi": 1024}
every_deployment = pytest.mark.parametrize("name", NAMES)
every_overlay = pytest.mark.parametrize("overlay", OVERLAYS)


def deployment(name: str) -> Manifest:
    return of_kind(overlay_of(name), "Deployment")[name]


def overlay_of(name: str) -> str:
    """An overlay that has it; who is in both is asked there only once."""
    return "mock" if name.endswith("-replay") else "live"


def mebibytes(size: str) -> int:
    number, unit = re.fullmatch(r"(\d+)([a-zA-Z]+)", size).groups()  # type: ignore[union-attr]
    return int(number) * MEBIBYTES[unit]


@every_overlay
def test_the_api_takes_every_object(overlay: str) -> None:
    for one in rendered(overlay):
        kubernetes_validate.validate(one, API_VERSION, strict=True)


def test_a_field_that_is_none_would_be_found() -> None:
    broken = json.loads(json.dumps(deployment("ui")))
    broken["spec"]["template"]["spec"]["containers"][0]["readOnly"] = True
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(broken, API_VERSION, strict=True)


def test_every_container_of_compose_is_there_and_no_other() -> None:
    assert {name for o in OVERLAYS for name in of_kind(o, "Deployment")} == set(NAMES)


@every_deployment
def test_a_pod_has_the_image_of_compose(name: str) -> None:
    image = container_of(deployment(name))["image"]
    if name not in OURS:
        assert image == SERVICES[name]["image"]
        return
    service = SERVICES[name]["build"]["args"]["SERVICE"]
    assert image == f"omf-{service}:{omf.__version__}"
    assert f" omf-$service:{omf.__version__} " in PAGE


@every_deployment
def test_a_pod_is_told_what_its_container_is_told(name: str) -> None:
    overlay = overlay_of(name)
    served = of_kind(overlay, "ConfigMap")
    (settings,) = (o["data"] for n, o in served.items() if n.startswith("settings-"))
    told = environment_of(overlay, deployment(name))
    wanted = variables(name)
    if "OMF_ENVIRONMENTS" in wanted:
        wanted["OMF_ENVIRONMENTS"] = settings["OMF_ENVIRONMENTS"]
    if "OMF_UI_PARTS" in wanted:
        assert json.loads(told.pop("OMF_UI_PARTS")) == json.loads(wanted.pop("OMF_UI_PARTS"))
    if name == "ui":
        wanted |= OF_CLUSTER
    if name == "store":  # its command names it, which compose fills in by itself
        wanted["OMF_DURABILITY"] = settings["OMF_DURABILITY"]
    assert told == wanted


@every_overlay
def test_the_pages_serve_the_environments_that_are_there(overlay: str) -> None:
    pages = of_kind(overlay, "Deployment")["ui"]
    served = environment_of(overlay, pages)["OMF_ENVIRONMENTS"].split(",")
    there = {name.partition("-")[2] for name in of_kind(overlay, "Deployment") if "ingest" in name}
    assert set(served) == there


def test_what_can_be_set_beside_compose_can_be_set_here() -> None:
    text = (ROOT / "docker-compose.yml").read_text("utf-8")
    told = set(re.findall(r"\$\{(OMF_\w+):-", text))
    lines = [*(FOLDER / "base/settings.env").read_text("utf-8").splitlines()]
    lines += (FOLDER / "environments/live/factory.env").read_text("utf-8").splitlines()
    named = {line.partition("=")[0] for line in lines if line and line[0] != "#"}
    # Doors and the name of this server stand in the Ingress; parts compose knows by itself.
    elsewhere = {"OMF_HOST", "OMF_PAGES_PORT", "OMF_LIVE_MQTT_URL"}
    assert named == (told - elsewhere) | {"OMF_UI_PARTS", "OMF_MQTT_URL", *OF_CLUSTER}


@every_deployment
def test_a_pod_has_the_command_of_compose(name: str) -> None:
    container = container_of(deployment(name))
    if name in TOOLS:  # kept there, to be entered by `kubectl exec`
        assert container["command"] == ["sleep", "infinity"]
        return
    command = SERVICES[name].get("command")
    wanted = command and [re.sub(r"^\$\{(OMF_\w+):-.*\}$", r"$(\1)", word) for word in command]
    assert container.get("args") == wanted
    assert "command" not in container


@every_deployment
def test_a_pod_has_the_limits_of_compose(name: str) -> None:
    limits = container_of(deployment(name))["resources"]["limits"]
    assert mebibytes(limits["memory"]) == mebibytes(SERVICES[name]["mem_limit"])
    assert float(limits["cpu"]) == SERVICES[name]["cpus"]


@every_deployment
def test_a_pod_is_as_confined_as_its_container(name: str) -> None:
    pod, container = pod_of(deployment(name)), container_of(deployment(name))
    assert container["securityContext"] == {
        "readOnlyRootFilesystem": True,
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
    }
    context = pod["securityContext"]
    assert context["runAsNonRoot"]
    assert context["seccompProfile"] == {"type": "RuntimeDefault"}
    (image_user,) = re.findall(r"(?m)^USER (\S+)$", DOCKERFILE)
    user = SERVICES[name].get("user", image_user)
    assert f"{context['runAsUser']}:{context['runAsGroup']}" == user
    assert pod["automountServiceAccountToken"] is False
    assert pod["enableServiceLinks"] is False
    assert not {"hostNetwork", "hostPID", "hostIPC", "initContainers"} & set(pod)
    assert f"{pod['terminationGracePeriodSeconds']}s" == SERVICES[name]["stop_grace_period"]


def question(check: list[str]) -> dict[str, Any]:
    """The health check of compose as a probe asks it."""
    if found := re.search(r"http://localhost:(\d+)(\S+)", " ".join(check)):
        return {"httpGet": {"path": found[2], "port": int(found[1])}}
    return {"exec": {"command": ["sh", "-c", check[1].replace("$$", "$")]}}


@every_deployment
def test_a_probe_asks_what_compose_asks(name: str) -> None:
    container = container_of(deployment(name))
    probes = {kind: container.get(f"{kind}Probe") for kind in ("startup", "liveness", "readiness")}
    if name in TOOLS:
        assert set(probes.values()) == {None}
        return
    if name in OURS:
        instruction = DOCKERFILE[DOCKERFILE.index("HEALTHCHECK") :]
        told = dict(re.findall(r"--([a-z-]+)=(\d+)", instruction))
        told["start_period"] = told["start-period"]
        assert {"name": "figures", "containerPort": 9100} in container["ports"]
        asked = {"httpGet": {"path": "/health/live", "port": "figures"}}
        assert "GET /health/live " in instruction
    else:
        told = {k: str(v).rstrip("s") for k, v in SERVICES[name]["healthcheck"].items()}
        asked = question(SERVICES[name]["healthcheck"]["test"])
    often = {"periodSeconds": int(told["interval"]), "timeoutSeconds": int(told["timeout"])}
    tries = {"startup": int(told["start_period"]) // int(told["interval"])}
    for kind, probe in probes.items():
        assert probe == asked | often | {"failureThreshold": tries.get(kind, int(told["retries"]))}


@every_deployment
def test_what_must_be_there_once_is_never_there_twice(name: str) -> None:
    spec = deployment(name)["spec"]
    assert spec["replicas"] == (2 if name in STAND_BY else 1)
    rolled = name in MANY | STAND_BY
    assert (spec.get("strategy") == {"type": "Recreate"}) is not rolled


@pytest.mark.parametrize("name", sorted(STAND_BY))
def test_of_two_that_stand_by_for_each_other_one_is_there_while_the_other_is_replaced(
    name: str,
) -> None:
    spec = deployment(name)["spec"]
    rolling = {"maxSurge": 0, "maxUnavailable": 1}
    assert spec["strategy"] == {"type": "RollingUpdate", "rollingUpdate": rolling}
    [container] = spec["template"]["spec"]["containers"]
    assert "OMF_NODE" not in {one["name"] for one in container["env"]}, "two pods of one name"


@every_overlay
def test_a_drained_node_ends_one_part_at_a_time_and_the_store_not_by_itself(overlay: str) -> None:
    budgets = of_kind(overlay, "PodDisruptionBudget")
    for name, one in of_kind(overlay, "Deployment").items():
        labels = one["spec"]["template"]["metadata"]["labels"].items()
        own = [
            b["spec"]
            for b in budgets.values()
            if b["spec"]["selector"]["matchLabels"].items() <= labels
        ]
        assert len(own) <= 1, f"{name}: an eviction that two budgets judge is refused"
        told = own[0] if own else {}
        if name == "store":
            assert told["minAvailable"] == 1
        elif name in OURS and name not in TOOLS:
            assert told["maxUnavailable"] == 1


@every_overlay
def test_an_object_is_found_by_what_selects_it(overlay: str) -> None:
    pods = [
        o["spec"]["template"]["metadata"]["labels"].items()
        for o in rendered(overlay)
        if o["kind"] == "Deployment"
    ]
    for one in of_kind(overlay, "Service").values():
        assert sum(one["spec"]["selector"].items() <= labels for labels in pods) == 1
    for one in of_kind(overlay, "Deployment").values():
        wanted = one["spec"]["selector"]["matchLabels"].items()
        assert sum(wanted <= labels for labels in pods) == 1


@every_overlay
def test_the_ingress_leads_to_both_doors_over_tls(overlay: str) -> None:
    (ingress,) = of_kind(overlay, "Ingress").values()
    (rule,) = ingress["spec"]["rules"]
    doors = {p["path"]: p["backend"]["service"] for p in rule["http"]["paths"]}
    assert doors == {
        "/": {"name": "ui", "port": {"number": 8080}},
        "/api/v1": {"name": "api", "port": {"number": 8081}},
    }
    assert ingress["spec"]["tls"] == [{"hosts": [rule["host"]], "secretName": "pages"}]
    assert f"--host {rule['host']}" in PAGE or f"HOST={rule['host']}" in PAGE
