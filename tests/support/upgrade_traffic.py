"""What goes on while a factory server is upgraded: a factory speaks, people command."""

import json
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from itertools import count
from typing import Any

from redis.exceptions import RedisError

from services.common.store import entries
from services.common.store.keys import FINAL_STAGES, JOURNAL, Role, Stage, buffer_key
from tests.support.circle import ENVIRONMENT, Desk
from tests.support.container_stack import Stack, wait_patiently
from tests.support.ledger import TOPICS, Ledger, Verdict

SPOKEN = TOPICS[:3]
"""The mock's account may speak there."""
COMMANDED = "/j1/txt/1/c/ldr"
"""The gateway's account may speak there, and a sensor's period breaks nothing."""
MESSAGES_PER_S, ASKED_EVERY_S = 20, 1.0
SETTLED_S = 180.0


class Traffic:
    """Numbered messages to the broker, numbered commands to the store, and what became of them."""

    def __init__(self, server: Stack) -> None:
        """Speaks as the mock and commands as `omf`, with their own passwords."""
        self._server = server
        authority = server.checkout / "secrets/ca.crt"
        broker = f"localhost:{server.broker_port}?ca={authority}"
        self.ledger = Ledger(f"mqtts://mock:{self._secret('mqtt-mock-mock')}@{broker}", 1, SPOKEN)
        self.asked: list[str] = []
        """Whose entry the store acknowledged."""

    @contextmanager
    def under_way(self) -> Iterator[None]:
        """Both go on all the while."""
        stop = threading.Event()
        self.ledger.start()
        try:
            with ThreadPoolExecutor(2) as pool:
                spoken = pool.submit(self.ledger.keep_publishing, MESSAGES_PER_S, stop)
                wanted = pool.submit(self._keep_asking, stop)
                try:
                    yield
                finally:
                    stop.set()
                spoken.result()
                wanted.result()
        finally:
            self.ledger.stop()

    @contextmanager
    def desk(self) -> Iterator[Desk]:
        """At the store where it is now: a container that is made anew may have another address."""
        where = self._server.address("store", "backend")
        found = Desk(f"redis://omf:{self._secret('store-omf')}@{where}:6379/0")
        try:
            yield found
        finally:
            found.client.close()

    def ends(self) -> Counter[str]:
        """How many of those asked for ended how; `open`: not yet."""
        with self.desk() as desk:
            return Counter(_end(desk.stages(name)) for name in tuple(self.asked))

    def effects(self) -> int:
        """How many commands ended as they should."""
        return self.ends()[Stage.EFFECT.value]

    def settled(self) -> None:
        """Return once every command has ended and every message has arrived."""
        wait_patiently(lambda: not self.ends()["open"], SETTLED_S, lambda: str(self.ends()))
        last = self.ledger.acknowledged[-1]
        wait_patiently(lambda: last in self._newest(), SETTLED_S, lambda: str(self._newest()))

    def verdict(self) -> Verdict:
        """What the ledger says of what ingest kept."""
        return self.ledger.check([entries.message(*row) for row in self._journal()])

    def judge_commands(self) -> None:
        """Each is told one end, and what was told is what passed the broker: once or not at all."""
        told = (f[b"p"] for _, f in self._journal() if f[b"t"].decode() == COMMANDED)
        sent = Counter(str(json.loads(payload)["command"]) for payload in told)
        assert set(sent.values()) == {1}, sent.most_common(5)
        with self.desk() as desk:
            for name in self.asked:
                stages = desk.stages(name)
                [end] = [stage for stage in stages if stage in FINAL_STAGES]
                assert sent[name] or end != Stage.EFFECT, (name, stages)
                assert not sent[name] or end not in (Stage.REFUSED, Stage.EXPIRED), (name, stages)

    def _journal(self) -> list[tuple[bytes, dict[bytes, bytes]]]:
        with self.desk() as desk:
            return list(desk.client.xrange(buffer_key(ENVIRONMENT, JOURNAL)))

    def _newest(self) -> set[int]:
        spoken = [f[b"p"] for _, f in self._journal()[-500:] if f[b"t"].decode() in SPOKEN]
        return {int(json.loads(payload)["n"]) for payload in spoken}

    def _secret(self, name: str) -> str:
        return (self._server.checkout / "secrets" / name).read_text("utf-8").strip()

    def _keep_asking(self, stop: threading.Event) -> None:
        """What is asked while the store is between two lives is kept or not: nobody was told."""
        for number in count():
            if stop.wait(ASKED_EVERY_S):
                return
            with suppress(RedisError, AssertionError), self.desk() as desk:
                self.asked.append(desk.order(f"c{number}", **_command(f"c{number}")))


def _command(name: str) -> dict[str, Any]:
    """A command that must not come twice; the broker's own echo proves its effect."""
    payload = json.dumps({"period": 60, "command": name})
    return {
        "kind": "free-message",
        "parameters": {"topic": COMMANDED, "payload": payload},
        "role": Role.ADMIN,
        "operator": f"o-{name}",
    }


def _end(stages: list[str]) -> str:
    return next((stage for stage in stages if stage in FINAL_STAGES), "open")
