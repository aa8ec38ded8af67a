"""A subscriber on `#` that notes everything and folds it, as ingest and its readers would."""

import json
import threading
import time
from collections.abc import Mapping
from typing import Any

from omf.messages.message import Message
from omf.simulation.device import Send
from omf.state import FactoryState
from services.common.mqtt.link import LinkCallbacks, Received
from services.common.mqtt.mqtt_link import MqttLink


class Recorder:
    """Everything a broker passes on, in order of arrival."""

    def __init__(self, url: str) -> None:
        self.state = FactoryState()
        self.seen: list[Message] = []
        self._lock = threading.Lock()
        self._link = MqttLink(url, client_id="test-recorder", owner=LinkCallbacks(self._note))
        self._link.subscribe(["#"], 2)
        self._link.start()

    @property
    def ready(self) -> bool:
        """It misses nothing from now on."""
        return self._link.state.subscribed

    def close(self) -> None:
        """Leave the broker."""
        self._link.stop()

    def publish(self, send: Send) -> None:
        """Publish as an operator's program would; returns when the broker has it."""
        topic, payload, qos, retain = send
        self._link.publish(topic, payload, qos=qos, retain=retain).result(5)

    def last(self, topic: str) -> Any:
        """The newest body on a topic; None if there is none."""
        with self._lock:
            found = next((m for m in reversed(self.seen) if m.topic == topic), None)
        return json.loads(found.payload) if found is not None and found.payload else None

    def heard(self, topic: str) -> bool:
        """The topic was published since we listen, not only retained from before."""
        with self._lock:
            return any(m.topic == topic and not m.retain for m in self.seen)

    def orders(self) -> Mapping[str, str]:
        """State of each order by colour, as the fold knows it."""
        with self._lock:
            return {str(order.colour): str(order.state) for order in self.state.orders.values()}

    def available(self) -> dict[str, str | None]:
        """Availability of modules and vehicles by serial, as the fold knows it."""
        with self._lock:
            found = {serial: module.available for serial, module in self.state.modules.items()}
            return found | {s: vehicle.available for s, vehicle in self.state.vehicles.items()}

    def _note(self, received: Received) -> None:
        message_id = f"{int(time.time() * 1000)}-{len(self.seen)}"
        message = Message(
            received.topic, received.payload, message_id, received.qos, received.retain
        )
        with self._lock:
            self.seen.append(message)
            self.state.apply(message, message.received_at)
