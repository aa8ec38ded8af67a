"""`python -m services.alarms`: the owner of the alarms of one environment."""

import gc
import logging
import sys

from services.alarms.rules_file import AlarmSettings
from services.common.process import logs
from services.common.process.startup_check import lived, refuse_unfit


async def main() -> int:
    """Read the settings and live by them; the exit code."""
    settings = AlarmSettings.read()
    logs.start("alarms", settings.environment, settings.log_level)
    logging.getLogger(__name__).info("starting", extra=settings.shown())
    refuse_unfit(settings.store_address)
    from services.alarms.process import AlarmService  # noqa: PLC0415 - takes long to import

    gc.freeze()
    return await AlarmService(settings).run()


if __name__ == "__main__":
    sys.exit(lived(main()))
