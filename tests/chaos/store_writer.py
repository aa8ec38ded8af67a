"""Somebody who writes into the store while it is killed: each entry lies there once."""

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from redis.exceptions import RedisError

from services.common.store.bus import store


class StoreWriter(ABC):
    """Writes from a thread of its own while the context is open."""

    def __init__(self, url: str) -> None:
        self.client: Any = store(url)
        self.stop = threading.Event()
        self._at_ms = int(time.time() * 1000)

    @abstractmethod
    def write(self) -> None:
        """Write until `stop` is set."""

    def add(self, name: str, fields: Any, entry_id: str = "*") -> None:
        """Again until the store has said that it lies there; under an id of its own only once."""
        while True:
            try:
                self.client.xadd(name, fields, entry_id)
            except RedisError as error:
                if "equal or smaller" in str(error):
                    return  # it lay there already
                time.sleep(0.05)
            else:
                return

    def next_ms(self) -> int:
        """For an id behind all before; the store never sees an older one."""
        self._at_ms = max(self._at_ms + 1, int(time.time() * 1000))
        return self._at_ms

    @contextmanager
    def running(self) -> Iterator[None]:
        thread = threading.Thread(target=self.write)
        thread.start()
        try:
            yield
        finally:
            self.stop.set()
            thread.join()
