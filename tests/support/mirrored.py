"""A running ingest between a broker and a store, and what it made of the messages."""

import itertools
from typing import Any

from omf.messages.message import Message
from services.common.mqtt.mqtt_link import MqttLink
from services.common.store import entries
from services.common.store.bus import store
from services.common.store.keys import JOURNAL, LinkHealth, buffer_key, key
from tests.support.processes import Processes, Service, wait_for

_NAMES = itertools.count()


class Mirrored:
    """One environment with its ingest; everything is read as any other service would read it."""

    def __init__(
        self, processes: Processes, store_url: str, mqtt_url: str, **settings: str
    ) -> None:
        self._processes, self._settings = processes, settings
        self.store_url, self.mqtt_url = store_url, mqtt_url
        self.store: Any = store(store_url, "mock")
        self.ingest = self.launch()

    def launch(self) -> Service:
        """Start (another) ingest and return at once."""
        self.ingest = self._processes.service(
            "ingest", store_url=self.store_url, mqtt_url=self.mqtt_url, **self._settings
        )
        return self.ingest

    def ready(self) -> "Mirrored":
        """Return when it is subscribed."""
        self.ingest.wait_ready()
        return self

    def publisher(self) -> MqttLink:
        """A connected link for the test's own messages; the test stops it."""
        link = MqttLink(self.mqtt_url, client_id=f"test-{next(_NAMES)}")
        link.start()
        wait_for(lambda: link.state.connected, 20)
        return link

    def messages(self, topic_filter: str = JOURNAL, after: str = "") -> list[Message]:
        """The messages of a buffer behind an id, oldest first; all of them without one."""
        found = self.store.xrange(buffer_key("mock", topic_filter), f"({after}" if after else "-")
        return [entries.message(*entry) for entry in found]

    def latest(self, topic: str) -> Message:
        """The last message of a topic."""
        return entries.last_message(topic.encode(), self.store.hget(key("mock", "latest"), topic))

    def counter(self, name: str) -> int:
        """One field of the counters."""
        return int(self.store.hget(key("mock", "counters"), name) or 0)

    def link(self) -> LinkHealth:
        """The link's health as ingest last wrote it."""
        wait_for(lambda: self.store.exists(key("mock", "link:ingest")), 5)
        return LinkHealth.model_validate_json(self.store.get(key("mock", "link:ingest")))

    def choose_class(self, number: int) -> None:
        """Mirror this class from now on; returns when the broker has confirmed it."""
        self.store.set(key("mock", "ingest:class"), str(number))
        wait_for(lambda: f"mirrors class {number}" in self.ingest.tail(50), 10, self.ingest.tail)
        at = self.link().at
        wait_for(lambda: self.link().at > at and not self.link().detail, 10)

    def wait_count(self, count: int, timeout_s: float = 20.0) -> None:
        """Return when the journal holds at least so many."""
        length = f"the journal of {count}"
        journal = buffer_key("mock", JOURNAL)
        wait_for(
            lambda: self.store.xlen(journal) >= count,
            timeout_s,
            lambda: f"{length} holds {self.store.xlen(journal)}\n{self.ingest.tail()}",
        )

    def quiet(self, last: str = "quiet/marker") -> None:
        """Return when everything published before this call has been appended."""
        link = self.publisher()
        link.publish(last, b"{}").result(20)
        wait_for(lambda: self.store.hexists(key("mock", "latest"), last), 30, self.ingest.tail)
        link.stop()
        self.store.hdel(key("mock", "latest"), last)
