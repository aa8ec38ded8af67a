"""The link of ingest to the broker: a session that is kept, acknowledged by hand."""

from collections.abc import Callable

from services.common.mqtt.link import LinkCallbacks, LinkState, Publication
from services.common.mqtt.mqtt_link import MqttLink
from services.ingest.inbound_queue import InboundQueue
from services.ingest.settings import IngestSettings

INGEST_ONLINE, INGEST_OFFLINE = b'{"state":"online"}', b'{"state":"offline"}'


def broker_link(
    settings: IngestSettings, queue: InboundQueue, changed: Callable[[LinkState], None]
) -> MqttLink:
    """Not started; what comes goes into the queue."""
    birth, will = (
        Publication(settings.state_topic, words) if settings.announce else None
        for words in (INGEST_ONLINE, INGEST_OFFLINE)
    )
    return MqttLink(
        settings.mqtt_address,
        client_id=settings.client_id(),
        clean=False,
        manual_ack=True,
        newest=True,
        birth=birth,
        will=will,
        owner=LinkCallbacks(on_block=queue.put, on_change=changed, room=queue.has_capacity),
    )
