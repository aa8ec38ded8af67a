"""One thread that serves the connections of all links, in a process that has many.

A link of its own has a thread that waits for its socket; of hundreds of such threads most of the
processor time is their waking up. Here one thread asks the system once which sockets have something
and serves them in turn. It pauses between two rounds, the longer the more links there are, so a
round finds the messages of many. Each link keeps its thread for connecting, which may take long.
"""

import logging
import selectors
import socket
import threading
from collections import deque
from collections.abc import Callable
from contextvars import copy_context

from services.common.mqtt.paho_client import MQTT_OK, NO_ROOM_PAUSE_S, PahoClient
from services.common.process import clock

LOOK_AFTER_S = 0.5
"""How often a link is looked after that has nothing to read: pings, its beat, its stop."""
GATHER_PER_LINK_S, LONGEST_GATHER_S = 50e-6, 0.01

_log = logging.getLogger(__name__)


class _Conversation:
    """One connection while it is served."""

    def __init__(self, client: PahoClient, look_after: Callable[[], None]) -> None:
        self.client = client
        self.look_after = look_after
        self.context = copy_context()
        self.over = threading.Event()
        self.failure: Exception | None = None
        self.fd = -1
        self.watched = 0
        self.full = False
        self.writes = False
        """It is written to before this round ends: no free buffer has to be waited for."""


class NetworkLoop:
    """Serves connections from `converse` to their end; one of them cannot end it.

    What a client calls runs in the thread of the loop and in the context of whoever called
    `converse`. Everything of paho that reads or writes a served socket happens in that thread.
    """

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._woken, self._waker = socket.socketpair()
        for end in (self._woken, self._waker):
            end.settimeout(0)
        self._selector.register(self._woken, selectors.EVENT_READ)
        self._asked: deque[Callable[[], None]] = deque()
        self._told = False
        self._served: dict[PahoClient, _Conversation] = {}
        self._full: set[_Conversation] = set()
        self._pause = threading.Event()
        self._thread = threading.Thread(target=self._run, name="mqtt", daemon=True)
        self._thread.start()

    def converse(self, client: PahoClient, look_after: Callable[[], None]) -> None:
        """Serve a client that was opened; returns once its connection is gone.

        `look_after` is called about twice a second in the thread of the loop.
        """
        one = _Conversation(client, look_after)
        client.written_by(self._wants_to_write)
        self._soon(lambda: self._begin(one))
        one.over.wait()
        if one.failure:
            raise one.failure

    def _wants_to_write(self, client: PahoClient) -> None:
        one = self._served.get(client)
        if one is not None and not one.writes:
            one.writes = True
            self._soon(lambda: self._write(one))

    def _soon(self, call: Callable[[], None]) -> None:
        """Any thread: have it done in the thread of the loop, within this round if it asks itself.

        Only the first who asks wakes it.
        """
        self._asked.append(call)
        if not self._told and threading.current_thread() is not self._thread:
            self._told = True
            self._waker.send(b"\0")

    def _run(self) -> None:
        look_at = clock.monotonic() + LOOK_AFTER_S
        while True:
            wait_s = NO_ROOM_PAUSE_S if self._full else max(0.0, look_at - clock.monotonic())
            for key, mask in self._selector.select(wait_s):
                if key.data is None:
                    self._told = False
                    self._woken.recv(4096)
                else:
                    self._turn(key.data, mask)
            for one in list(self._full):
                self._served_by(one, self._read)
            if clock.monotonic() >= look_at:
                look_at = clock.monotonic() + LOOK_AFTER_S
                for one in list(self._served.values()):
                    self._served_by(one, self._look_after)
            while self._asked:
                self._asked.popleft()()
            self._pause.wait(min(len(self._served) * GATHER_PER_LINK_S, LONGEST_GATHER_S))

    def _begin(self, one: _Conversation) -> None:
        sock = one.client.socket()
        if sock is None:
            one.over.set()
            return
        one.fd = sock.fileno()
        self._served[one.client] = one
        # What came behind the broker's first word may be decrypted already and wake nobody.
        self._served_by(one, self._read)
        self._write(one)

    def _turn(self, one: _Conversation, mask: int) -> None:
        if mask & selectors.EVENT_READ:
            self._served_by(one, self._read)
        if mask & selectors.EVENT_WRITE:
            self._write(one)

    def _write(self, one: _Conversation) -> None:
        # What is queued from here on asks anew.
        one.writes = False
        self._served_by(one, _written)

    def _served_by(self, one: _Conversation, serve: Callable[[_Conversation], bool]) -> None:
        """Do one thing for a connection; end it where that fails or the socket is gone."""
        if one.client not in self._served:
            return
        try:
            goes_on = one.context.run(serve, one) and one.client.socket() is not None
            if goes_on:
                self._watch(one)
        except Exception as error:  # noqa: BLE001 - told in the thread of the link
            one.failure, goes_on = error, False
        if not goes_on:
            self._end(one)

    def _read(self, one: _Conversation) -> bool:
        client = one.client
        one.full = not client.has_room()
        if one.full:
            client.last_read = clock.monotonic()
            return True
        while (rc := client.loop_read()) == MQTT_OK and client.holds_bytes():
            pass
        return rc == MQTT_OK

    def _look_after(self, one: _Conversation) -> bool:
        one.look_after()
        return one.client.loop_misc() == MQTT_OK

    def _watch(self, one: _Conversation) -> None:
        """Wait for what it needs next: room first, then bytes; a free buffer if it has to write."""
        (self._full.add if one.full else self._full.discard)(one)
        wanted = 0 if one.full else selectors.EVENT_READ
        wanted |= selectors.EVENT_WRITE if not one.writes and one.client.want_write() else 0
        if wanted == one.watched:
            return
        if not one.watched:
            self._selector.register(one.fd, wanted, one)
        elif wanted:
            self._selector.modify(one.fd, wanted, one)
        else:
            self._selector.unregister(one.fd)
        one.watched = wanted

    def _end(self, one: _Conversation) -> None:
        del self._served[one.client]
        self._full.discard(one)
        if one.watched:
            self._selector.unregister(one.fd)
        one.over.set()


def _written(one: _Conversation) -> bool:
    return one.client.loop_write() == MQTT_OK


_shared: list[NetworkLoop] = []


def share() -> None:
    """From now on all links of this process are served by one thread."""
    if not _shared:
        _shared.append(NetworkLoop())


def serve(client: PahoClient, look_after: Callable[[], None]) -> None:
    """Serve a client that was opened until its connection is gone, and look after it meanwhile.

    Here, or by the one thread of a process that shares it.
    """
    if _shared:
        _shared[0].converse(client, look_after)
        return
    while client.loop(1.0) == MQTT_OK:
        look_after()
