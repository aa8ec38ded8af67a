"""Four faults on a factory server: the alert of each comes, and what its runbook entry says works.

All at once, under one real Prometheus with the shipped rules, for most of the time is waiting:
`mock` has a gateway without rights and a module that fell silent, `live` a wrong password; the
store of `replay` is another one, and full. The lines are typed as they stand in the runbook.
"""

import re
import shlex
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from deploy.accounts.__main__ import Folder, main
from omf.topics.catalogue import address
from services.common.process import clock
from services.common.store.bus import store as client
from services.common.store.keys import Stage, key
from services.supervisor.ports import free_port
from tests.support.circle import STOCK, Connected, Desk, Factory, stock
from tests.support.factory_server import FactoryServer
from tests.support.processes import ROOT, Processes, Service, wait_for
from tests.support.prometheus import Prometheus

pytestmark = [pytest.mark.prometheus, pytest.mark.mosquitto, pytest.mark.timeout(240)]
MODULE = "SVR3QA0022"
CONNECTION = address("module_connection", serial=MODULE)
BEAT = b'{"connectionState":"ONLINE","serialNumber":"%s"}' % MODULE.encode()
HEARD_BEFORE_S = 39.0
"""Silence is silence after 40."""
RUNBOOK = (ROOT / "docs" / "runbook.md").read_text("utf-8")


class Fault(NamedTuple):
    """An alert that has to come, where, what it says to do, and the cause its entry names."""

    alert: str
    labels: dict[str, str]
    says: str
    cause: str


PASSWORD = Fault(
    "BrokerRefusesLogin",
    {"environment": "live", "service": "ingest"},
    "password is wrong",
    "user or password of the service is wrong",
)
FULL = Fault("StoreFull", {"environment": "replay"}, "maxmemory", "has reached `maxmemory`")
RIGHTS = Fault(
    "GatewayRefuses",
    {"environment": "mock"},
    "gateway's account no right to write",
    "gateway's account may not write the topic",
)
SILENT = Fault(
    "HeartbeatLost",
    {"environment": "mock", "serial": MODULE},
    "Check device, Node-RED and network",
    "sends no heartbeat any more",
)
FAULTS = (PASSWORD, FULL, RIGHTS, SILENT)
NEVER = [
    ("BrokerLinkDown", {"environment": "live"}),
    ("StoreAway", {"environment": "replay"}),
    ("StoreFull", {"environment": "mock"}),
    ("ServiceDown", {}),
]
"""What would lead to the wrong place."""


class Site:
    """One server for `mock` and `live`, another one for `replay`."""

    def __init__(self, folder: Path, processes: Processes) -> None:
        self.one = FactoryServer(folder / "one", processes)
        self.two = FactoryServer(folder / "two", processes)
        rights = re.sub(
            r"(?ms)^(user gateway\n).*?\n\n", r"\1\n", (self.one.secrets / "mqtt.acl").read_text()
        )
        Folder(self.one.secrets).write("mqtt.acl", rights)
        Folder(self.one.secrets).write("factory-mqtt", "mistyped")
        self.one.start_store()
        self.two.start_store()
        with client(self.one.store_url("root")) as store:
            fields = {"t": CONNECTION, "p": BEAT, "q": 1, "r": 0, "d": 0}
            at_ms = int((clock.now() - HEARD_BEFORE_S) * 1000)
            store.xadd(key("mock", "buffer:#"), fields, f"{at_ms}-0")
        self.broker = self.one.start_broker("broker-mock")
        self.two.start_broker("broker-replay")
        names = ("ingest-mock", "gateway-mock", "orders-mock")
        self.services = {name: self.one.start(name) for name in names}
        self.live_port = str(free_port())
        self.services["ingest-live"] = self.start_live()
        self.services["ingest-replay"] = self.two.start("ingest-replay")

    def start_live(self) -> Service:
        """Ingest at the factory's broker, whose password people write down."""
        url = f"mqtts://ingest@127.0.0.1:{self.one.ports['broker-mock']}"
        ca = str(self.one.secrets / "ca.crt")
        told = {"mqtt_url": url, "mqtt_ca_file": ca, "metrics_port": self.live_port}
        return self.one.start("ingest-live", **told)


@pytest.fixture
def site(processes: Processes, tmp_path: Path) -> Site:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    return Site(tmp_path, processes)


@pytest.fixture
def monitor(site: Site, tmp_path: Path) -> Iterator[Prometheus]:
    targets = []
    for name, running in site.services.items():
        service, _, environment = name.partition("-")
        labels = {"service": service, "environment": environment}
        targets.append((running.health_url.removeprefix("http://"), labels))
    one = Prometheus(tmp_path / "prometheus", targets)
    yield one
    one.close()


def entry(alert: str, part: str) -> str:
    """What the runbook says in a part of an alert's entry, on one line."""
    found = re.search(rf"^### {alert}\n(.*?)(?=^##)", RUNBOOK, re.MULTILINE | re.DOTALL)
    assert found, alert
    (text,) = re.findall(rf"\*\*{part}\.\*\* (.*?)(?=\n\n|\Z)", found[1], re.DOTALL)
    return " ".join(text.split())


def line(fault: Fault, part: str, program: str) -> str:
    """The one line of a part that begins with a program."""
    (found,) = re.findall(rf"`({program} [^`]+)`", entry(fault.alert, part))
    return str(found)


def typed(server: FactoryServer, line: str) -> str:
    """What a line of the runbook prints, after the function that stands at its head."""
    (keeper,) = re.findall(r"(?m)^    (keeper\(\) \{ docker .*)$", RUNBOOK)
    done = server.shell(f"{keeper}\n{line}" if line.startswith("keeper ") else line)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_alert_of_a_fault_leads_to_its_cause_and_its_entry_mends_it(
    site: Site, monitor: Prometheus
) -> None:
    for name in ("ingest-mock", "gateway-mock", "orders-mock", "ingest-replay"):
        site.services[name].wait_ready(60)
    # Prometheus counts from the first figure it saw, and each target has a moment of its own.
    figures = ("omf_commands_unseen_total", 'omf_gateway_receipts_total{stage="refused"}')
    wait_for(lambda: all(map(monitor.query, figures)), 30)
    with (
        Factory(site.one.mqtt_url("mock"), WHITE=3) as factory,
        Connected(site.two.mqtt_url("station", "broker-replay"), "elsewhere", ["#"]) as elsewhere,
    ):
        client(site.two.store_url("root")).config_set("maxmemory", "1kb")
        elsewhere.link.publish(STOCK, stock(WHITE=1)).result(5)
        desk = Desk(site.one.store_url("root"))
        wait_for(lambda: _accepted(desk), 30)
        wait_for(lambda: not _missing(monitor), 120, lambda: f"did not come: {_missing(monitor)}")
        _look(monitor)
        _check(site)
        _mend(site, factory)
        assert desk.final(desk.order("after")).stage is Stage.EFFECT
        left = (PASSWORD, FULL, SILENT)
        wait_for(
            lambda: not any(monitor.firing(fault.alert, **fault.labels) for fault in left),
            60,
            lambda: str([monitor.firing(fault.alert, **fault.labels) for fault in left]),
        )


def _look(monitor: Prometheus) -> None:
    assert not [told for name, labels in NEVER for told in monitor.firing(name, **labels)]
    for fault in FAULTS:
        (alert,) = monitor.firing(fault.alert, **fault.labels)
        assert fault.says in " ".join(alert["annotations"].values())
        assert alert["annotations"]["runbook"] == f"docs/runbook.md#{fault.alert.lower()}"
        assert fault.cause in entry(fault.alert, "Cause")


def _check(site: Site) -> None:
    """What each entry says to look at shows its fault."""
    refused = line(PASSWORD, "Check", "omf")
    seen = site.one.omf(*shlex.split(refused)[1:], environments="live")
    assert "refused the login" in seen.stdout
    memory = typed(site.two, line(FULL, "Check", "keeper"))
    told = dict(row.split(":", 1) for row in memory.splitlines() if ":" in row)
    assert int(told["used_memory"]) > int(told["maxmemory"])
    assert typed(site.one, line(RIGHTS, "Check", "docker compose exec")).split() == [
        *("user", "gateway")
    ]
    speaks = site.one.omf(*shlex.split(line(SILENT, "Check", "omf"))[1:])
    assert (speaks.returncode, MODULE in speaks.stdout) == (0, False), speaks.stderr


def _mend(site: Site, factory: Factory) -> None:
    """Do what each entry says; in place of a container its process gets the signal."""
    typed(site.two, line(FULL, "Mend", "keeper"))
    assert "`make secrets`" in entry(RIGHTS.alert, "Mend")
    assert main(["--out", str(site.one.secrets)]) == 0
    site.broker.send(signal.SIGHUP)
    assert "write its password into `secrets/factory-mqtt`" in entry(PASSWORD.alert, "Mend")
    (site.one.secrets / "factory-mqtt").write_text(site.one.password("mqtt-mock-ingest"), "utf-8")
    site.services["ingest-live"].stop()
    site.start_live().wait_ready(60)
    factory.say(CONNECTION, BEAT)


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
    return [
        fault.alert
        for fault in FAULTS
        if "firing" not in {alert["state"] for alert in monitor.firing(fault.alert, **fault.labels)}
    ]
