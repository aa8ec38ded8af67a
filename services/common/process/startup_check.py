"""The first look at the store, before a process imports what takes seconds on a busy machine."""

import logging

from services.common.process.exit_codes import ExitCode
from services.common.store.bus import DriverError, infos, store
from services.common.store.requirements import UnfitStoreError, check_store

STORE_LOOK_S = 1.0
"""A store that takes longer is waited for later, when the health page can say so."""

_log = logging.getLogger(__name__)


def refuse_unfit(address: str) -> None:
    """End the process with code 78 if the store could forget; return if it is away."""
    try:
        with store(
            address, socket_timeout=STORE_LOOK_S, socket_connect_timeout=STORE_LOOK_S
        ) as client:
            for told in infos(client):
                check_store(told)
    except UnfitStoreError as error:
        _log.critical("%s", error)
        raise SystemExit(ExitCode.UNFIT_STORE) from None
    except DriverError:
        return
