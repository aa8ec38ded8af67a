"""Publishes that wait for their PUBACK: each ends exactly once: done, refused or unknown."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress

from services.common.mqtt.link import (
    LinkError,
    NotConnected,
    PublishRefused,
    Unacknowledged,
    WindowFull,
)

# Publishes a caller may have open; past it something downstream is stuck and memory is at stake.
MAX_PENDING = 1000


class InFlight:
    """The window of one link. `connection` 0 means: the link is down.

    A publish counts until its PUBACK or the end of the connection, whether anybody waits or not.
    """

    def __init__(self, limit: int = MAX_PENDING) -> None:
        self._most = self._limit = limit
        self._lock = threading.Lock()
        self._connection = 0
        self._pending: dict[int, Future[None]] = {}
        self._sending = 0
        self._early: dict[int, PublishRefused | None] = {}

    def open(self, connection: int, at_once: int = MAX_PENDING) -> None:
        """The link is up; from now on publishes belong to this connection, so many at once."""
        with self._lock:
            self._connection = connection
            self._limit = min(self._most, at_once)

    def close(self, why: str) -> None:
        """The link is down; whatever waits ends as Unacknowledged."""
        with self._lock:
            self._connection = 0
            lost, self._pending = self._pending, {}
        for future in lost.values():
            _fail(future, why)

    def send(self, write: Callable[[], int]) -> "Future[None]":
        """Call `write`, which sends and returns the packet id; the future of its PUBACK.

        The PUBACK may arrive, and the link may break, before `write` has returned.
        """
        with self._lock:
            connection = self._connection
            if not connection:
                raise NotConnected("nothing was sent: the broker is not connected")
            if len(self._pending) + self._sending >= self._limit:
                raise WindowFull(f"nothing was sent: {self._limit} publishes wait for their PUBACK")
            self._sending += 1
        try:
            mid = write()
        except BaseException:
            self._sent()
            raise
        return self._promise(mid, connection)

    def done(self, mid: int, refused: PublishRefused | None = None) -> None:
        """The broker answered for this packet id: it has the message, or it refused it."""
        with self._lock:
            future = self._pending.pop(mid, None)
            if future is None and self._sending:
                self._early[mid] = refused
        if future is not None:
            _end(future, refused)

    def _promise(self, mid: int, connection: int) -> "Future[None]":
        future: Future[None] = Future()
        with self._lock:
            early, broken = mid in self._early, connection != self._connection
            refused = self._early.pop(mid, None)
            if not early and not broken:
                self._pending[mid] = future
        self._sent()
        if early:
            _end(future, refused)
        elif broken:
            _fail(future, "the link broke before the PUBACK")
        return future

    def _sent(self) -> None:
        with self._lock:
            self._sending -= 1
            if not self._sending:
                self._early.clear()


def _fail(future: "Future[None]", why: str) -> None:
    _end(future, Unacknowledged(f"outcome unknown: {why}"))


def _end(future: "Future[None]", error: LinkError | None) -> None:
    with suppress(InvalidStateError):  # the caller cancelled it
        if error is None:
            future.set_result(None)
        else:
            future.set_exception(error)
