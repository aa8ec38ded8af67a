"""How the code of one ingest waits: in a thread of its own, or in turn with others (turns.py)."""

import threading
from collections.abc import Callable
from typing import Any, Protocol

from services.common.store.clients import store


class WaitEvent(Protocol):
    """What is used of `threading.Event`."""

    def is_set(self) -> bool:
        """True after `set`."""
        ...

    def set(self) -> None:
        """Wake whoever waits."""
        ...

    def clear(self) -> None:
        """Not set any more."""
        ...

    def wait(self, timeout: float | None = None) -> bool:
        """True once it is set."""
        ...


class Waits(Protocol):
    """Whatever of ingest waits does so by these."""

    def event(self) -> WaitEvent:
        """A new one, not set."""
        ...

    def store(self, url: str, environment: str) -> Any:
        """A client of the store that blocks whoever asks, and nobody else."""
        ...

    def aside(self, call: Callable[[], object]) -> None:
        """Return when it is done; it may block."""
        ...


class OwnThread:
    """All that waits blocks the thread."""

    def event(self) -> WaitEvent:
        """One of threading."""
        return threading.Event()

    def store(self, url: str, environment: str) -> Any:
        """With connections of its own."""
        return store(url, environment)

    def aside(self, call: Callable[[], object]) -> None:
        """Do it here."""
        call()
