"""By the network policies a pod reaches exactly those whom its configuration names."""

import json
import re
from collections.abc import Iterator
from ipaddress import ip_network
from urllib.parse import urlsplit

import pytest
import yaml

from services.common.store.contracts import CONTRACTS
from tests.contract.test_deploy import SERVICES, TOOLS
from tests.support.kubernetes import OVERLAYS, environment_of, files_of, of_kind
from tests.support.network_policies import addresses_outside, may_speak

Edge = tuple[str, str, int]
PORTS = {6379, 8080, 8081, 8883, 9090, 9093, 9100, 3000}
EVERYWHERE = {("0.0.0.0/0", None), ("::/0", None)}
IN_STORE = {"omf": "omf", "replay": "station-replay", "ui": "ui", "api": "api"}
"""Of the roles in the table of keys: the container of those that are there once."""


def labels(overlay: str) -> dict[str, dict[str, str]]:
    """Name -> labels of its pods."""
    found = of_kind(overlay, "Deployment").items()
    return {name: one["spec"]["template"]["metadata"]["labels"] for name, one in found}


def named(overlay: str) -> Iterator[Edge]:
    """Each address that stands in a variable or in a file of the servers: who, whom, which port."""
    deployed = of_kind(overlay, "Deployment")
    for name, one in deployed.items():
        told = environment_of(overlay, one)
        parts = json.loads(told.pop("OMF_UI_PARTS", "{}"))
        for value in (*told.values(), *parts.values()):
            address = urlsplit(value)
            if address.hostname in deployed and address.port:
                yield name, address.hostname, address.port
    if "prometheus" in deployed:
        yield from named_by_monitoring(overlay)


def named_by_monitoring(overlay: str) -> Iterator[Edge]:
    """The same out of the files of Prometheus, Alertmanager and Grafana."""
    deployed = of_kind(overlay, "Deployment")
    read = files_of(overlay, deployed["prometheus"], "configuration")
    for path, text in read.items():
        if path.startswith(("targets/", "alertmanagers/")):
            for target in (t for group in yaml.safe_load(text) for t in group["targets"]):
                host, _, port = target.partition(":")
                if host in deployed:
                    yield "prometheus", host, int(port)
    for name, volume in (("alertmanager", "configuration"), ("grafana", "provisioning")):
        for text in files_of(overlay, deployed[name], volume).values():
            for host, port in re.findall(r"(?m)^[^#\n]*url: https?://([\w-]+):(\d+)", text):
                assert host in deployed
                yield name, host, int(port)


def allowed(overlay: str) -> set[Edge]:
    """Each pair of pods and each port between them that the policies open."""
    policies, pods = of_kind(overlay, "NetworkPolicy").values(), labels(overlay)
    return {
        (source, target, port)
        for source in pods
        for target in pods
        for port in PORTS
        if may_speak(policies, pods[source], pods[target], port)
    }


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_a_pod_reaches_those_it_is_told_of_and_nobody_else(overlay: str) -> None:
    wanted = set(named(overlay))
    assert len(wanted) > 50
    assert allowed(overlay) == wanted


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_who_stands_in_the_table_of_keys_reaches_the_store(overlay: str) -> None:
    reach = {source for source, target, _ in allowed(overlay) if target == "store"}
    roles = {role for one in CONTRACTS for role in (*one.writers, *one.readers)}
    for role in roles:
        own = {
            n for n in labels(overlay) if n == IN_STORE.get(role, "") or n.startswith(f"{role}-")
        }
        assert own <= reach
    of_store = {re.sub(r"-(live|mock|replay)$", "", name) for name in reach}
    assert of_store - {"station", "backup"} == roles - {"replay"}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_who_may_speak_here_shares_a_network_in_compose(overlay: str) -> None:
    for source, target, _ in allowed(overlay):
        joined = (set(SERVICES[name]["networks"]) for name in (source, target))
        assert set.intersection(*joined), f"{source} and {target}"


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_only_who_tells_people_reaches_the_outside_and_live_only_its_broker(overlay: str) -> None:
    policies = of_kind(overlay, "NetworkPolicy").values()
    for name, own in labels(overlay).items():
        found = addresses_outside(policies, own)
        if name.startswith("notifications-") or name == "alertmanager":
            assert found == EVERYWHERE
        elif name in {"ingest-live", "gateway-live"}:
            url = environment_of(overlay, of_kind(overlay, "Deployment")[name])["OMF_MQTT_URL"]
            broker = urlsplit(url)
            assert found == {(str(ip_network(str(broker.hostname))), broker.port)}
        else:
            assert not found, name


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_no_pod_is_open_where_no_policy_speaks_of_it(overlay: str) -> None:
    stranger = {"app": "of-somebody-else"}
    policies, pods = of_kind(overlay, "NetworkPolicy").values(), labels(overlay)
    for port in PORTS:
        for own in pods.values():
            assert not may_speak(policies, stranger, own, port)
            assert not may_speak(policies, own, stranger, port)
    assert {"omf", "backup"} >= TOOLS
