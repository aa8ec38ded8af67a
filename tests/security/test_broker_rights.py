"""Who may publish and hear what at the broker: every account against every topic, on mosquitto."""

import socket
import ssl
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.accounts import broker
from deploy.accounts.authority import Authority
from omf.topics.broker_figures import BROKER_FIGURES
from omf.topics.catalogue import TOPICS, Topic
from omf.topics.filters import matches
from services.common.mqtt.link import LinkCallbacks, Received
from services.common.mqtt.mqtt_link import MqttLink
from services.ingest.settings import IngestSettings
from services.supervisor import probe
from tests.support.factory_server import FactoryServer
from tests.support.processes import ROOT, Processes, wait_for

pytestmark = pytest.mark.mosquitto

DEVICES = ("SVR3QA0022", "5iO4")
SERIAL = "SVR3QA0022"
OTHER = "SVR4H73275"
FACTORYS_OWN = {"ccu", "nodered", "txt", "arduino", "extension", "mock", "station", *DEVICES}


def _example(topic: Topic, serial: str = SERIAL) -> str:
    filled = topic.topic.replace("{serial}", serial)
    return filled.replace("{kind}", "vibration").replace("{sensor}", "sw420-1")


EXAMPLES = {_example(topic, serial): topic for topic in TOPICS for serial in (SERIAL, OTHER)}
EVERY = (*EXAMPLES, "somebody/elses/topic", IngestSettings().state_topic)


class Ear:
    """Hears `#` as far as its account may, and tells which topics came."""

    def __init__(self, url: str, name: str) -> None:
        self.heard: list[tuple[str, str]] = []
        self.link = MqttLink(url, client_id=f"ear-{name}", owner=LinkCallbacks(self._note))
        self.link.subscribe(["#"])
        self.link.start()
        wait_for(lambda: self.link.state.subscribed, 10, lambda: self.link.state.detail)

    def _note(self, received: Received) -> None:
        self.heard.append((received.topic, received.payload.decode(errors="replace")))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FactoryServer]:
    folder: Path = tmp_path_factory.mktemp("broker-rights")
    processes = Processes(folder / "processes")
    made = FactoryServer(folder, processes, devices=DEVICES)
    # One broker with the accounts of all: the rights are the same file everywhere.
    made.merge_accounts("broker-mock", [*broker.accounts(), *DEVICES])
    made.start_broker()
    yield made
    processes.close()


def _publish(server: FactoryServer, account: str) -> None:
    link = MqttLink(server.mqtt_url(account), client_id=f"mouth-{account}")
    link.start()
    wait_for(lambda: link.state.connected, 10, lambda: link.state.detail)
    for topic in EVERY:
        link.publish(topic, account.encode()).result(10)
    link.stop()


def _rights(account: str) -> broker.BrokerAccount:
    return broker.accounts().get(account) or broker.device(account)


ACCOUNTS = (*broker.accounts(), *DEVICES)


def test_every_account_publishes_what_it_may_and_nothing_else(server: FactoryServer) -> None:
    ear = Ear(server.mqtt_url("ingest"), "ingest")
    for account in ACCOUNTS:
        _publish(server, account)
    expected = {
        (topic, account)
        for account in ACCOUNTS
        for topic in EVERY
        if any(matches(right, topic) for right in _rights(account).writes)
    }
    wait_for(lambda: set(ear.heard) >= expected, 20, lambda: str(expected - set(ear.heard)))
    ear.link.stop()
    assert set(ear.heard) == expected


def test_every_account_hears_what_it_may_and_nothing_else(server: FactoryServer) -> None:
    ears = {account: Ear(server.mqtt_url(account), account) for account in ACCOUNTS}
    _publish(server, "station")
    heard: dict[str, set[str]] = defaultdict(set)

    def arrived() -> bool:
        for account, ear in ears.items():
            heard[account] = {t for t, said in ear.heard if said == "station"}
        return all(heard[account] >= _readable(account) for account in ACCOUNTS)

    wait_for(arrived, 20)
    for ear in ears.values():
        ear.link.stop()
    assert {account: heard[account] for account in ACCOUNTS} == {
        account: _readable(account) for account in ACCOUNTS
    }


def _readable(account: str) -> set[str]:
    return {t for t in EVERY if any(matches(right, t) for right in _rights(account).reads)}


def test_only_who_watches_it_sees_the_figures_of_the_broker(server: FactoryServer) -> None:
    asked = ("$SYS/broker/bytes/sent", *BROKER_FIGURES)

    def watch(account: str) -> "subprocess.Popen[str]":
        login = ("-u", account, "-P", server.password(f"mqtt-mock-{account}"))
        where = ("-h", "127.0.0.1", "-p", str(server.ports["broker-mock"]))
        proof = ("--cafile", str(server.secrets / "ca.crt"))
        wanted = ("-F", "%t", "-W", "8", *(word for topic in asked for word in ("-t", topic)))
        command = ["mosquitto_sub", *login, *where, *proof, *wanted]
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

    # All at once: each waits until the end for what it may not see.
    watching = {account: watch(account) for account in ACCOUNTS}
    seen = {
        one: set(process.communicate(timeout=60)[0].splitlines())
        for one, process in watching.items()
    }
    may = {"monitor": set(asked), "ingest": set(BROKER_FIGURES)}
    assert seen == {account: may.get(account, set()) for account in ACCOUNTS}


def test_what_a_factory_says_its_stand_in_may_say_too() -> None:
    """Else no command for the mock alone would ever show its effect on a server."""
    said = {name for name, topic in EXAMPLES.items() if topic.direction == "from_factory"}
    may = broker.accounts()["mock"].writes
    assert {name for name in said if not any(matches(right, name) for right in may)} == set()


def test_beside_the_factory_itself_only_the_gateway_gives_commands() -> None:
    for name, topic in EXAMPLES.items():
        if not topic.command:
            continue
        writers = {a for a in ACCOUNTS if any(matches(r, name) for r in _rights(a).writes)}
        assert "gateway" in writers
        said_by = {one.strip() for one in topic.publisher.split(",")}
        factory = FACTORYS_OWN if said_by - {"UI", "cloud"} else {"station"}
        assert writers - {"gateway"} <= factory, name
    assert broker.accounts()["ingest"].writes == (broker.STATE,)


def test_a_device_reaches_its_own_subtree_alone() -> None:
    rights = broker.device(SERIAL)
    assert all(SERIAL in topic.split("/") for topic in (*rights.writes, *rights.reads))
    assert f"module/v1/ff/{SERIAL}/order" not in rights.writes


def test_the_files_in_the_tree_are_those_of_the_catalogue() -> None:
    kept = (ROOT / "deploy/mosquitto/acl").read_text("utf-8")
    assert kept == broker.acl(), "python -m deploy.accounts acl > deploy/mosquitto/acl"
    bridge = (ROOT / "deploy/mosquitto/bridge.conf").read_text("utf-8")
    assert bridge.endswith(f"topic # in 2\n{broker.bridge()}")


@pytest.mark.parametrize("login", ["", "ingest:wrong@", "nobody:wrong@", "gateway:@"])
def test_a_stranger_and_a_wrong_password_are_refused(server: FactoryServer, login: str) -> None:
    address = server.mqtt_url("ingest").partition("://")[2].rpartition("@")[2]
    link = MqttLink(f"mqtts://{login}{address}", client_id="stranger")
    link.start()
    wait_for(lambda: "refused the login" in link.state.detail, 10, lambda: link.state.detail)
    state = link.state
    link.stop()
    assert state.connection == 0
    assert "wrong" not in state.detail


def test_a_look_from_outside_checks_the_certificate_and_needs_no_account(
    server: FactoryServer,
) -> None:
    url = server.mqtt_url("ingest").replace(server.password("mqtt-mock-ingest"), "wrong")
    assert probe.broker_answers(url)
    assert not probe.broker_answers(url.partition("?")[0])


@pytest.mark.parametrize("flaw", ["another authority", "another name", "expired", "no authority"])
def test_a_broker_that_cannot_prove_who_it_is_is_not_talked_to(
    server: FactoryServer, tmp_path: Path, processes: Processes, flaw: str
) -> None:
    url = server.mqtt_url("ingest")
    if flaw == "another authority":
        url = url.replace(str(server.secrets / "ca.crt"), str(Authority(tmp_path).certificate))
    elif flaw == "no authority":
        url = url.partition("?")[0]
    else:
        other = FactoryServer(tmp_path, processes)
        hosts, days = (["elsewhere.local"], 30) if flaw == "another name" else (["127.0.0.1"], -1)
        other.sign_broker("broker-mock", hosts, days)
        other.start_broker(checked=False)
        url = other.mqtt_url("ingest")
    assert _connections_until(url, "certificate verify failed") == 0


def _connections_until(url: str, said: str) -> int:
    """How often a link came up by the time it said so."""
    link = MqttLink(url, client_id="careful")
    link.start()
    wait_for(lambda: said in link.state.detail, 10, lambda: link.state.detail)
    link.stop()
    return link.state.connection


def test_old_versions_of_tls_are_not_spoken(server: FactoryServer) -> None:
    context = ssl.create_default_context(cafile=str(server.secrets / "ca.crt"))
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    address = ("127.0.0.1", server.ports["broker-mock"])
    with (
        socket.create_connection(address, 5) as plain,
        pytest.raises(ssl.SSLError),
        context.wrap_socket(plain, server_hostname="127.0.0.1"),
    ):
        pass
