"""What the journal holds of numbered messages, read as it grows: lost, doubled, out of order."""

import json
import threading
import time
from collections import Counter
from collections.abc import Iterable
from typing import Any

from redis.exceptions import RedisError

from services.common.store import entries
from services.common.store.bus import store
from services.common.store.keys import JOURNAL, buffer_key
from tests.support.circle import ENVIRONMENT

READ_COUNT, READ_MS = 1000, 1000
MAX_STRAYS = 50
AWAY_S = 0.2


class JournalAccount(threading.Thread):
    """Follows the journal from where it ends now; a day of it need not be kept for that."""

    def __init__(self, store_url: str, topics: Iterable[str]) -> None:
        """Payloads on these topics are objects with a number `n`, rising on each topic."""
        super().__init__(name="journal account", daemon=True)
        self.seen: Counter[int] = Counter()
        self.disordered = 0
        self.strays: list[str] = []
        """The first messages that came behind a later one of their topic, each with its entry."""
        self._topics = frozenset(topics)
        self._newest: dict[str, int] = {}
        self._client: Any = store(store_url)
        self._leave = threading.Event()

    def run(self) -> None:
        """Read until asked to leave; a store that is away is asked again."""
        after = b"0-0"
        while not self._leave.is_set():
            try:
                name = buffer_key(ENVIRONMENT, JOURNAL)
                found = self._client.xread({name: after}, READ_COUNT, READ_MS)
            except RedisError:
                time.sleep(AWAY_S)
                continue
            for entry_id, fields in entries.only_stream(found):
                after = entry_id
                self._note(entry_id, fields)

    def leave(self) -> None:
        """Read no more."""
        self._leave.set()
        self.join()

    def lost(self, promised: Iterable[int]) -> int:
        """Of the messages the broker has acknowledged, those that are not there."""
        return sum(not self.seen[number] for number in promised)

    @property
    def doubled(self) -> int:
        """Messages that are there more than once."""
        return sum(times > 1 for times in self.seen.values())

    def _note(self, entry_id: bytes, fields: Any) -> None:
        topic = fields[b"t"].decode(errors="replace")
        if topic not in self._topics:
            return
        number, newest = json.loads(fields[b"p"])["n"], self._newest.get(topic, -1)
        self.seen[number] += 1
        self._newest[topic] = max(number, newest)
        if number >= newest:
            return
        self.disordered += 1
        if len(self.strays) < MAX_STRAYS:
            again = " (DUP)" if fields.get(b"d") == b"1" else ""
            self.strays.append(f"{entry_id.decode()}: {number} behind {newest} of {topic}{again}")
