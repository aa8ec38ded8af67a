"""One connection to the broker for all devices of a simulated factory.

Each device has a port and uses it as if it were a link of its own. What differs from one client a
device: there are no last wills, and a device that subscribes again is not told anew what the broker
retains.
"""

from collections.abc import Iterable
from concurrent.futures import Future

from omf.topics.filters import matches_any
from services.common.mqtt.link import LinkCallbacks, LinkState, Received
from services.common.mqtt.mqtt_link import MqttLink

WHOLE_FACTORY = ("#",)


class DevicePort:
    """What a device has instead of a link of its own."""

    def __init__(self, factory: "FactoryLink", owner: LinkCallbacks) -> None:
        self._factory = factory
        self.owner = owner
        self.filters: tuple[str, ...] = ()

    def subscribe(self, filters: Iterable[str], qos: int = 1) -> None:
        """Make `filters` the whole set."""
        del qos
        self.filters = tuple(filters)
        self._factory.forget_ways()

    def start(self) -> None:
        """Connect, unless another device of the factory did."""
        self._factory.start()

    def stop(self) -> None:
        """Leave the broker with all devices of the factory."""
        self._factory.link.stop()

    @property
    def state(self) -> LinkState:
        """The connection as it is now."""
        return self._factory.link.state

    def publish(
        self, topic: str, payload: bytes, *, qos: int = 1, retain: bool = False
    ) -> "Future[None]":
        """As `MqttLink.publish`."""
        return self._factory.link.publish(topic, payload, qos=qos, retain=retain)


class FactoryLink:
    """The connection; hands each message to the ports that asked for it."""

    def __init__(self, url: str, factory: str, run_id: str) -> None:
        self.factory = factory
        owner = LinkCallbacks(self._hear, on_change=self._changed)
        self.link = MqttLink(url, client_id=f"omf-mock-{factory}-{run_id}", owner=owner)
        self.link.subscribe(WHOLE_FACTORY)
        self._ports: list[DevicePort] = []
        self._ways: dict[str, list[DevicePort]] = {}
        self._started = False

    def port(self, owner: LinkCallbacks) -> DevicePort:
        """A port of one more device."""
        self._ports.append(DevicePort(self, owner))
        return self._ports[-1]

    def start(self) -> None:
        """Connect; harmless when repeated."""
        if not self._started:
            self._started = True
            self.link.start()

    def forget_ways(self) -> None:
        """A device asked for something else."""
        self._ways = {}

    def _hear(self, received: Received) -> None:
        ways = self._ways
        ports = ways.get(received.topic)
        if ports is None:
            ports = ways[received.topic] = [
                port for port in self._ports if matches_any(port.filters, received.topic)
            ]
        for port in ports:
            if port.owner.on_message:
                port.owner.on_message(received)

    def _changed(self, state: LinkState) -> None:
        for port in self._ports:
            if port.owner.on_change:
                port.owner.on_change(state)
