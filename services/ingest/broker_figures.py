"""What the broker tells of itself ($SYS): figures for the monitor, no messages of the factory.

They come over a connection of their own: rumqttd hangs up when it is asked for them, and that must
cost the mirror nothing.
"""

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

from services.common.mqtt.link import LinkCallbacks, Received
from services.common.mqtt.mqtt_link import MqttLink
from services.ingest.settings import IngestSettings

DROPPED = "$SYS/broker/publish/messages/dropped"
"""Of mosquitto: messages thrown away because a client's queue was full."""
FIGURES_STOP_S = 0.5


class BrokerFigures(Collector):
    """The newest figures of one broker; what it does not tell is absent, not 0."""

    def __init__(self, settings: IngestSettings) -> None:
        self._dropped: int | None = None
        self._link = MqttLink(
            settings.mqtt_address,
            client_id=f"{settings.client_id()}-figures",
            owner=LinkCallbacks(self._hear),
            aside=(DROPPED,),
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
        if self._dropped is not None:
            text = "Messages the broker has thrown away since its start"
            yield CounterMetricFamily("omf_broker_dropped", text, self._dropped)

    def _hear(self, received: Received) -> None:
        if received.topic == DROPPED and received.payload.isdigit():
            self._dropped = int(received.payload)
