"""One MQTT message as the buffers hold it: the only shape in which factory traffic travels."""

from typing import NamedTuple

from omf.messages.stream_id import StreamId


class Message(NamedTuple):
    """A message exactly as the broker delivered it; nothing in it was interpreted.

    `payload` is the bytes on the wire, which need not be JSON or even UTF-8. `qos` and `retain`
    are the flags as delivered, never the publisher's (PROTOCOL F.20).
    """

    topic: str
    payload: bytes
    id: str = ""
    """Stream id `<ms>-<seq>`, the same in every buffer; empty before ingest has stamped it."""
    qos: int = 0
    retain: bool = False
    dup: bool = False
    recorded_at: float | None = None
    """In a replay when it was recorded, Unix seconds; None: it comes from a factory now."""
    session: str = ""
    """Which replayed session it belongs to; "" outside of a replay."""
    properties: str = ""
    """Those of MQTT 5 as JSON (properties.py); "" where there are none."""

    @property
    def received_at(self) -> float:
        """When the factory said it, Unix seconds: arrival, or in a replay the recorded time.

        Raises ValueError without an id.
        """
        return self.arrived_at if self.recorded_at is None else self.recorded_at

    @property
    def arrived_at(self) -> float:
        """Arrival in Unix seconds, read from the id; raises ValueError without an id."""
        return StreamId.parse(self.id).seconds
