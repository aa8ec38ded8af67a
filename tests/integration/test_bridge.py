"""Our own broker in front of a factory's that must not be touched: deploy/mosquitto/bridge.conf."""

from pathlib import Path

import pytest

from omf.topics.catalogue import address
from services.common.mqtt.link import Received
from services.common.mqtt.mqtt_link import MqttLink
from services.supervisor.server import LocalServer
from tests.support.circle import Connected
from tests.support.factory_server import FactoryServer
from tests.support.processes import ROOT, Processes, wait_for

COMMAND, STATE = address("ccu_order_request"), address("ccu_state_stock")
BRIDGE = (ROOT / "deploy/mosquitto/bridge.conf").read_text("utf-8")


class Side(Connected):
    """What one side of the bridge hears."""

    def __init__(self, url: str, name: str) -> None:
        super().__init__(url, name, ["#"])
        self.heard: list[tuple[str, bytes]] = []

    def on_message(self, received: Received) -> None:
        self.heard.append((received.topic, received.payload))


@pytest.mark.mosquitto
def test_states_come_in_commands_go_out_and_nothing_else(
    broker: LocalServer, processes: Processes, tmp_path: Path
) -> None:
    server = FactoryServer(tmp_path, processes)
    where = broker.url.removeprefix("mqtt://")
    server.merge_accounts("broker-mock", ["ingest", "gateway", "mock", "monitor"])
    server.start_broker(more=BRIDGE.replace("192.168.0.100:1883", where))
    with (
        Side(broker.url, "factory") as factory,
        Side(server.mqtt_url("ingest"), "ingest") as ingest,
    ):

        def linked() -> bool:
            factory.link.publish(STATE, b"full").result(5)
            return (STATE, b"full") in ingest.heard

        wait_for(linked)
        for account, topic in (("gateway", COMMAND), ("mock", STATE), ("gateway", COMMAND)):
            _say(server.mqtt_url(account), topic, account.encode())
        wait_for(lambda: factory.heard.count((COMMAND, b"gateway")) == 2)
        # An echo would come in before what the factory says after it heard the commands.
        factory.link.publish(STATE, b"afterwards").result(10)
        wait_for(lambda: (STATE, b"afterwards") in ingest.heard)
        assert (STATE, b"mock") in ingest.heard
        assert (STATE, b"mock") not in factory.heard
        assert not [topic for topic, _ in factory.heard if topic.startswith("$")]
        assert ingest.heard.count((COMMAND, b"gateway")) == 2, "no echo comes back"


def _say(url: str, topic: str, payload: bytes) -> None:
    link = MqttLink(url, client_id="speaker")
    link.start()
    wait_for(lambda: link.state.connected, 10, lambda: link.state.detail)
    try:
        link.publish(topic, payload).result(10)
    finally:
        link.stop()
