"""`python -m services.historian`: the historian of one environment."""

import gc
import logging
import os
import sys

from services.common.process import logs
from services.common.process.exit_codes import ExitCode
from services.common.process.startup_check import lived, refuse_unfit
from services.historian.settings import HistorianSettings
from services.history.manifest import ArchiveError


async def main() -> int:
    """Read the settings and live by them; the exit code."""
    settings = HistorianSettings.read()
    logs.start("historian", settings.environment, settings.log_level)
    log = logging.getLogger(__name__)
    log.info("starting", extra=settings.shown())
    refuse_unfit(settings.store_address)
    # Rows go through Python anyway; a pool of its own would only keep what it once needed.
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    from services.historian.process import Historian  # noqa: PLC0415 - takes long to import

    gc.freeze()
    try:
        historian = Historian(settings)
    except ArchiveError as error:
        log.critical("%s", error)
        return ExitCode.BAD_SETTINGS
    return await historian.run()


if __name__ == "__main__":
    sys.exit(lived(main()))
