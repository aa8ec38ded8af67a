"""Four faults in a running system: the alert of each comes, and its runbook entry names the cause.

All at once, under one real Prometheus with the shipped rules, for most of the time is waiting:
`mock` has a gateway without rights and a module that fell silent, `live` a wrong password, `replay`
a full store.
"""

import os
import pwd
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from omf.catalogue import address
from services.common.bus import store as client
from services.up.ports import free_port
from services.up.server import Server
from tests.support.circle import STOCK, Connected, Desk, stock
from tests.support.processes import ROOT, Processes, Service, wait_for
from tests.support.prometheus import Prometheus

pytestmark = [pytest.mark.prometheus, pytest.mark.mosquitto, pytest.mark.timeout(240)]
PASSWORDS = {"factory": "f", "ingest": "i", "gateway": "g"}
RIGHTS = """\
user factory
topic readwrite #
user ingest
topic read #
user gateway
topic read #
"""
BROKER = """\
listener {port} 127.0.0.1
user {user}
allow_anonymous false
password_file {folder}/passwords
acl_file {folder}/rights
"""
MODULE = "SVR3QA0022"


class Fault(NamedTuple):
    """An alert that has to come, where, what it says to do, and the cause its entry names."""

    alert: str
    labels: dict[str, str]
    says: str
    cause: str


FAULTS = {
    "password": Fault(
        "BrokerRefusesLogin",
        {"environment": "live", "service": "ingest"},
        "password is wrong",
        "user or password of the service is wrong",
    ),
    "full": Fault("StoreFull", {"environment": "replay"}, "maxmemory", "has reached `maxmemory`"),
    "rights": Fault(
        "PublishesDropped",
        {"environment": "mock", "service": "orders"},
        "gateway's account has no right",
        "account of the gateway has no right to write",
    ),
    "silent": Fault(
        "HeartbeatLost",
        {"environment": "mock", "serial": MODULE},
        "Check device, Node-RED and network",
        "sends no heartbeat any more",
    ),
}
NEVER = [
    ("BrokerLinkDown", {"environment": "live"}),
    ("StoreAway", {"environment": "replay"}),
    ("StoreFull", {"environment": "mock"}),
    ("ServiceDown", {}),
]
"""What would lead to the wrong place."""


@pytest.fixture
def guarded(processes: Processes, tmp_path: Path) -> str:
    """`host:port` of a broker with accounts, whose gateway may only read."""
    port, user = free_port(), pwd.getpwuid(os.getuid()).pw_name
    (tmp_path / "rights").write_text(RIGHTS, "utf-8")
    (tmp_path / "passwords").touch(mode=0o600)
    for account, password in PASSWORDS.items():
        told = [str(tmp_path / "passwords"), account, password]
        subprocess.run(["mosquitto_passwd", "-b", *told], check=True, capture_output=True)
    config = tmp_path / "broker.conf"
    config.write_text(BROKER.format(port=port, user=user, folder=tmp_path), "utf-8")
    for name in ("rights", "passwords"):
        (tmp_path / name).chmod(0o600)
    processes.run("mosquitto", "-c", str(config))
    return f"127.0.0.1:{port}"


def login(account: str, broker: str, password: str = "") -> str:
    return f"mqtt://{account}:{password or PASSWORDS[account]}@{broker}"


@pytest.fixture
def services(
    processes: Processes, guarded: str, store_url: str, store: Server, broker: Server
) -> dict[str, Service]:
    """Every service, by service and environment."""

    def start(name: str, environment: str, mqtt_url: str, store_at: str = store_url) -> Service:
        return processes.service(
            name, environment=environment, store_url=store_at, mqtt_url=mqtt_url
        )

    return {
        "ingest-mock": start("ingest", "mock", login("ingest", guarded)),
        "gateway-mock": start("gateway", "mock", login("gateway", guarded)),
        "orders-mock": start("orders", "mock", login("ingest", guarded)),
        "ingest-live": start("ingest", "live", login("ingest", guarded, "mistyped")),
        "ingest-replay": start("ingest", "replay", broker.url, store.url),
    }


@pytest.fixture
def monitor(services: dict[str, Service], tmp_path: Path) -> Iterator[Prometheus]:
    targets = []
    for name, running in services.items():
        service, _, environment = name.partition("-")
        labels = {"service": service, "environment": environment}
        targets.append((running.health_url.removeprefix("http://"), labels))
    one = Prometheus(tmp_path / "prometheus", targets)
    yield one
    one.close()


def entry(alert: str) -> str:
    """What the runbook says about an alert, on one line."""
    runbook = (ROOT / "docs" / "runbook.md").read_text("utf-8")
    found = re.search(rf"^### {alert}\n(.*?)(?=^##)", runbook, re.MULTILINE | re.DOTALL)
    assert found, alert
    return " ".join(found[1].split())


def test_the_alert_of_a_fault_leads_to_its_cause(
    guarded: str,
    services: dict[str, Service],
    monitor: Prometheus,
    store_url: str,
    store: Server,
    broker: Server,
) -> None:
    for name in ("ingest-mock", "gateway-mock", "orders-mock", "ingest-replay"):
        services[name].wait_ready(60)
    # Prometheus counts from the first figure it saw.
    wait_for(lambda: monitor.query("omf_commands_unseen_total"), 30)
    with (
        Connected(login("factory", guarded), "factory", ["#"]) as factory,
        Connected(broker.url, "elsewhere", ["#"]) as elsewhere,
    ):
        beat = b'{"connectionState":"ONLINE","serialNumber":"%s"}' % MODULE.encode()
        topic = address("module_connection", serial=MODULE)
        factory.link.publish(topic, beat).result(5)
        factory.link.publish(STOCK, stock(WHITE=2), retain=True).result(5)
        client(store.url).config_set("maxmemory", "1kb")
        elsewhere.link.publish(STOCK, stock(WHITE=1)).result(5)
        desk = Desk(store_url)
        wait_for(lambda: _accepted(desk), 30)
        wait_for(lambda: not _missing(monitor), 120, lambda: f"did not come: {_missing(monitor)}")
    assert not [told for name, labels in NEVER for told in monitor.firing(name, **labels)]
    for fault in FAULTS.values():
        (alert,) = monitor.firing(fault.alert, **fault.labels)
        assert fault.says in " ".join(alert["annotations"].values())
        assert alert["annotations"]["runbook"] == f"docs/runbook.md#{fault.alert.lower()}"
        assert fault.cause in entry(fault.alert).partition("**Check.**")[0]


def _accepted(desk: Desk) -> bool:
    """The order went out; before the stock was heard it is refused, so it is given again."""
    number = getattr(desk, "tries", 0)
    if number and "queued" in desk.stages(f"r-{number}"):
        return True
    if not number or "refused" in desk.stages(f"r-{number}"):
        desk.tries = number + 1  # type: ignore[attr-defined]
        desk.order(f"r-{number + 1}")
    return False


def _missing(monitor: Prometheus) -> list[str]:
    wanted = FAULTS.values()
    return [fault.alert for fault in wanted if not monitor.firing(fault.alert, **fault.labels)]
