"""One ledger for two readers of a cluster: what ingest loses or doubles, and what the broker does.

Publisher, ingest and a witness are each at a node of their own and know the other nodes. The
witness has a persistent session and QoS 1, as ingest has, and acknowledges at once. What it has and
ingest has not is lost by us; what neither has, the broker lost. What ingest has twice is doubled by
us where the broker said that it repeats it (DUP); a second time without DUP is a message of its own
to whoever gets it, so that one is doubled by the broker.
"""

import itertools
import json
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import NamedTuple

from services.common.mqtt.link import LinkCallbacks, Received
from services.common.mqtt.mqtt_link import MqttLink
from services.supervisor.server import LocalServer
from tests.support.broker_nodes import NODES, BrokerNodes
from tests.support.ledger import TOPICS, Ledger
from tests.support.mirrored import Mirrored
from tests.support.processes import Processes, wait_for

RATE = 100
SETTLED_S = 90.0
"""A node that came back catches up, and NATS repeats what was not acknowledged for a while."""
INGEST_AT, WITNESS_AT, PUBLISHER_AT = range(NODES)
_NAMES = itertools.count(1)


class Losses(NamedTuple):
    """Numbers of messages whose publisher has their PUBACK."""

    by_us: list[int]
    by_the_broker: list[int]


class Doubles(NamedTuple):
    """Numbers of messages that were read more than once."""

    by_us: list[int]
    by_the_broker: list[int]


NOTHING = ([], [])
"""Lost by us, doubled by us. What the broker did is told in the figures and fails no test."""


class ClusteredScene:
    """A running mirror of a cluster, its publisher and its witness."""

    def __init__(self, processes: Processes, store: LocalServer, nodes: BrokerNodes) -> None:
        self.store, self.nodes = store, nodes
        self._run = f"run{next(_NAMES)}"
        own = {"instance": self._run}
        self.mirrored = Mirrored(processes, store.url, nodes.url_from(INGEST_AT), **own).ready()
        self._heard: list[tuple[int, bool]] = []
        self._read_to, self._found = "", Counter[int]()
        self._repeated = Counter[int]()
        self._witness = MqttLink(
            nodes.url_from(WITNESS_AT),
            client_id=f"witness-{self._run}",
            clean=False,
            owner=LinkCallbacks(on_message=self._hear),
        )
        self._witness.subscribe(TOPICS)
        self._witness.start()
        wait_for(lambda: self._witness.state.subscribed)
        self.ledger = Ledger(nodes.url_from(PUBLISHER_AT), next(_NAMES) + 1000).start()
        self.figures: dict[str, str] = {}

    @contextmanager
    def under_load(self) -> Iterator[None]:
        """Publish `RATE` messages a second all the while, as far as the broker takes them."""
        stop = threading.Event()
        with ThreadPoolExecutor(1) as pool:
            load = pool.submit(self.ledger.keep_publishing, RATE, stop)
            try:
                yield
            finally:
                stop.set()
        load.result()

    def goes_on(self, count: int = 100) -> None:
        """Return when so many more were acknowledged to the publisher and are mirrored."""
        had = len(self.ledger.acknowledged)
        wait_for(lambda: len(self.ledger.acknowledged) >= had + count, SETTLED_S)
        last = self.ledger.acknowledged[-1]
        wait_for(lambda: last in self._mirrored(), SETTLED_S, self.mirrored.ingest.tail)

    def account(self) -> tuple[list[int], list[int]]:
        """Once all that can come has come: what we lost, and what we doubled."""
        acknowledged = set(self.ledger.acknowledged)
        say = self.mirrored.ingest.tail
        wait_for(lambda: acknowledged <= set(self._mirrored()) | self._unheard(), SETTLED_S, say)
        mirrored = self._mirrored()
        unseen = acknowledged - mirrored.keys()
        twice = [number for number, times in mirrored.items() if times > 1]
        losses = Losses(sorted(unseen - self._unheard()), sorted(unseen & self._unheard()))
        doubles = Doubles(
            [number for number in twice if self._repeated[number]],
            [number for number in twice if not self._repeated[number]],
        )
        self._note(losses, doubles)
        return losses.by_us, doubles.by_us

    def close(self) -> None:
        """Leave brokers and store; the sessions stay at the broker, under names of this run."""
        self.ledger.stop()
        self._witness.stop()
        self.mirrored.store.close()

    def _note(self, losses: Losses, doubles: Doubles) -> None:
        again = sum(dup for _, dup in self._heard)
        self.figures["ledger"] = (
            f"{len(self.ledger.acknowledged)} acknowledged,"
            f" {len(self.ledger.unknown)} of unknown outcome;"
            f" lost by us {len(losses.by_us)}, by the broker {len(losses.by_the_broker)};"
            f" doubled by us {len(doubles.by_us)}, by the broker {len(doubles.by_the_broker)};"
            f" repeated to ingest and dropped {self.mirrored.counter('duplicates')},"
            f" repeated to the witness {again}"
        )

    def _hear(self, received: Received) -> None:
        self._heard.append((int(json.loads(received.payload)["n"]), received.dup))

    def _unheard(self) -> set[int]:
        return set(self.ledger.acknowledged) - {number for number, _ in self._heard}

    def _mirrored(self) -> Counter[int]:
        found = self.mirrored.messages(after=self._read_to)
        self._read_to = found[-1].id if found else self._read_to
        ours = [(int(json.loads(m.payload)["n"]), m.dup) for m in found if m.topic in TOPICS]
        self._found.update(number for number, _ in ours)
        self._repeated.update(number for number, dup in ours if dup)
        return self._found
