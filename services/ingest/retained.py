"""All that the broker retains, asked for once more when the store has lost it.

A subscription of its own, over a connection of its own: mosquitto repeats retained messages to a
client that subscribes again, rumqttd only to a client that is new.
"""

from collections.abc import Iterable

from services.common.mqtt.link import LinkCallbacks, Received
from services.common.mqtt.mqtt_link import MqttLink
from services.common.mqtt.publish_parser import ReceivedMessage
from services.common.process import clock
from services.ingest.inbound_queue import RETAINED_AGAIN, InboundQueue
from services.ingest.settings import IngestSettings

RETAINED_QUIET_S = 1.0
"""A broker sends what it retains in one go; after this long without any, it has."""
RETAINED_STOP_S = 0.5


class RetainedValues:
    """Puts them into the queue, marked as what fills gaps only. Used by the main thread."""

    def __init__(self, settings: IngestSettings, queue: InboundQueue) -> None:
        self._settings = settings
        self._queue = queue
        self.installation = ""
        self._link: MqttLink | None = None
        self._heard_at = 0.0

    def ask(self, filters: Iterable[str]) -> None:
        """Ask for them now; returns at once. While the broker is away it is tried again."""
        self.end()
        self._heard_at = clock.monotonic()
        self._link = MqttLink(
            self._settings.mqtt_address,
            client_id=f"{self._settings.client_id(self.installation)}-retained",
            owner=LinkCallbacks(self._hear, room=self._queue.has_capacity),
            newest=True,
        )
        self._link.subscribe(filters)
        self._link.start()

    def leave_when_done(self) -> None:
        """Call it now and then."""
        link = self._link
        quiet = clock.monotonic() - self._heard_at > RETAINED_QUIET_S
        if link and link.state.subscribed and quiet:
            link.stop(0.0)
            self._link = None

    def end(self) -> None:
        """Leave the broker; harmless when nothing was asked."""
        if self._link:
            self._link.stop(RETAINED_STOP_S)
            self._link = None

    def _hear(self, received: Received) -> None:
        """Runs in the network thread of this link; what is not retained comes by the other one."""
        if received.retain:
            self._heard_at = clock.monotonic()
            topic, payload = received.topic.encode(), received.payload
            told = received.properties
            message = ReceivedMessage(
                topic, payload, 0, retain=True, dup=False, mid=0, properties=told
            )
            self._queue.put([message], RETAINED_AGAIN)
