"""A TCP relay between a service and a server, with the faults a network has.

The words are toxiproxy's: `delay_s`, `bytes_per_s`, `black_hole` (nothing passes), `down`.
"""

import socket
import threading
import time
from urllib.parse import urlsplit

BLOCK = 4096
WAIT_S = 0.05


class Proxy:
    """Relays one address; its faults may be changed at any moment."""

    def __init__(self, url: str) -> None:
        """`url` is where the real server listens; clients use `self.url`."""
        address = urlsplit(url)
        self._target = (address.hostname or "", address.port or 0)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"{address.scheme}://127.0.0.1:{self._listener.getsockname()[1]}"
        self.delay_s = 0.0
        self.bytes_per_s = 0
        self.black_hole = False
        self._open: list[socket.socket] = []
        self._spawn(self._accept)

    def down(self) -> None:
        """Reset every connection."""
        for link in self._open:
            link.close()
        self._open.clear()

    def close(self) -> None:
        """End."""
        self._listener.close()
        self.down()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(self._target)
            except OSError:  # the server is away, and may come back
                near.close()
                continue
            self._open += (near, far)
            self._spawn(self._relay, near, far)
            self._spawn(self._relay, far, near)

    def _relay(self, source: socket.socket, sink: socket.socket) -> None:
        try:
            while data := source.recv(BLOCK):
                self._hold(len(data))
                sink.sendall(data)
        except OSError:
            pass
        # What fell into the hole is gone with its connection, as it is in a network.
        source.close()
        sink.close()

    def _hold(self, size: int) -> None:
        time.sleep(self.delay_s + (size / self.bytes_per_s if self.bytes_per_s else 0))
        while self.black_hole:
            time.sleep(WAIT_S)

    def _spawn(self, work: object, *args: object) -> None:
        threading.Thread(target=work, args=args, daemon=True).start()  # type: ignore[arg-type]
