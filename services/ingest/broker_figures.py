"""What the broker tells of itself ($SYS): figures for the monitor, no messages of the factory.

They come over a connection of their own: rumqttd hangs up when it is asked for them, and that must
cost the mirror nothing.
"""

import re
from collections.abc import Iterator

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from omf.topics.broker_figures import (
    BROKER_FIGURES,
    SYS_CLIENTS,
    SYS_DROPPED,
    SYS_RECEIVED,
    SYS_RETAINED,
    SYS_SENT,
    SYS_SUBSCRIPTIONS,
    SYS_UPTIME,
    SYS_VERSION,
)
from services.common.mqtt.link import LinkCallbacks, Received
from services.common.mqtt.mqtt_link import MqttLink
from services.ingest.settings import IngestSettings

FIGURES_STOP_S = 0.5
MAX_VERSION_CHARS = 60
_GAUGES = {
    SYS_UPTIME: ("omf_broker_uptime_seconds", "Since the broker started"),
    SYS_CLIENTS: ("omf_broker_clients", "Clients connected to the broker"),
    SYS_SUBSCRIPTIONS: ("omf_broker_subscriptions", "Subscriptions of all clients"),
    SYS_RETAINED: ("omf_broker_retained", "Messages the broker retains"),
    SYS_RECEIVED: ("omf_broker_received_per_minute", "MQTT packets the broker received"),
    SYS_SENT: ("omf_broker_sent_per_minute", "MQTT packets the broker sent"),
}
_NUMBER = re.compile(rb"(\d{1,15}(?:\.\d{1,6})?)(?: seconds)?", re.ASCII)


class BrokerFigures(Collector):
    """The newest figures of one broker; what it does not tell is absent, not 0.

    While it is out of reach only the count of what it threw away stays: the others describe a
    broker of now.
    """

    def __init__(self, settings: IngestSettings) -> None:
        self._told: dict[str, float] = {}
        self._version = ""
        self._link = MqttLink(
            settings.mqtt_address,
            client_id=f"{settings.client_id()}-figures",
            owner=LinkCallbacks(self._hear),
            aside=BROKER_FIGURES,
        )

    def start(self, client_id: str) -> None:
        """Ask for them from now on under this name; returns at once."""
        self._link.name(client_id)
        self._link.start()

    def stop(self) -> None:
        """Leave the broker; a thread that is still connecting is not waited for."""
        self._link.stop(FIGURES_STOP_S)

    def collect(self) -> Iterator[Metric]:
        """Give what is known by now."""
        told = dict(self._told)
        if (dropped := told.get(SYS_DROPPED)) is not None:
            text = "Messages the broker has thrown away since its start"
            yield CounterMetricFamily("omf_broker_dropped", text, dropped)
        if not self._link.state.connected:
            return
        if self._version:
            yield InfoMetricFamily("omf_broker", "Which broker", {"version": self._version})
        for topic, (name, text) in _GAUGES.items():
            if topic in told:
                yield GaugeMetricFamily(name, text, told[topic])

    def _hear(self, received: Received) -> None:
        if received.topic == SYS_VERSION:
            said = received.payload[:MAX_VERSION_CHARS].decode(errors="replace")
            self._version = said if said.isprintable() else ""
        elif received.topic in BROKER_FIGURES and (found := _NUMBER.fullmatch(received.payload)):
            self._told[received.topic] = float(found[1])
