"""What a process owes its store at the start: a first look, and one line where it goes away."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from services.common.process.exit_codes import ExitCode
from services.common.store.clients import DriverError, check, store
from services.common.store.errors import StoreError
from services.common.store.requirements import Durability, UnfitStoreError
from services.common.store.sync_policy import check_policies

STORE_LOOK_S = 1.0
"""A store that takes longer is waited for later, when the health page can say so."""

_log = logging.getLogger(__name__)


def lived(
    life: Coroutine[Any, Any, int],
    run: Callable[[Coroutine[Any, Any, int]], int] = asyncio.run,
) -> int:
    """Run the life of a process to its end; the exit code.

    A store that goes away while a process takes up what it left ends it with code 1 and one line:
    whoever started it starts it again, and it waits for the store from the beginning.
    """
    try:
        return run(life)
    except StoreError as error:
        _log.critical("ends to be started again: %s", error)
        return ExitCode.BROKEN


def refuse_unfit(address: str, environment: str, durability: Durability = "everysec") -> None:
    """End the process with code 78 if the store could forget; return if it is away."""
    try:
        limits = {"socket_timeout": STORE_LOOK_S, "socket_connect_timeout": STORE_LOOK_S}
        with store(address, environment, **limits) as client:
            check(client)
            check_policies(client, durability)
    except UnfitStoreError as error:
        _log.critical("%s", error)
        raise SystemExit(ExitCode.UNFIT_STORE) from None
    except DriverError:
        return
