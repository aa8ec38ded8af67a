"""One supervisor a folder, and a stop that can be asked for at any moment."""

import contextlib
import fcntl
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from services.supervisor.up_options import UnfitError

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class StopRequested(BaseException):
    """SIGINT or SIGTERM came; unwinds whatever the supervisor is doing to its stop."""


@contextlib.contextmanager
def instance_lock(folder: Path) -> Iterator[None]:
    """Holds the folder for this supervisor; UnfitError while another one has it."""
    with (folder / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.seek(0)
            raise UnfitError(
                f"`omf up` already runs with the data in {folder} (pid {lock.read().strip()}); "
                "stop it or choose another --data."
            ) from None
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield


@contextlib.contextmanager
def stoppable() -> Iterator[None]:
    """Leaves the block in silence when a stop is asked for."""
    before = {name: signal.signal(name, _request_stop) for name in STOP_SIGNALS}
    try:
        yield
    except StopRequested:
        pass
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)


def ignore_stop_signals() -> None:
    """A second Ctrl-C no longer interrupts the stop that the first one began."""
    for name in STOP_SIGNALS:
        signal.signal(name, _stop_has_begun)


def _request_stop(_signum: int, _frame: FrameType | None) -> None:
    # Two may come at once, of a terminal and of systemd: the second would unwind the stop itself.
    ignore_stop_signals()
    raise StopRequested


def _stop_has_begun(_signum: int, _frame: FrameType | None) -> None:
    """A handler and not SIG_IGN: one that is already on its way would be told as a race."""
