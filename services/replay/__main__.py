"""`python -m services.replay`: the session station of one environment."""

import logging
import sys

from services.common.process import logs
from services.common.process.startup_check import lived, refuse_unfit
from services.replay.settings import ReplaySettings


async def main() -> int:
    """Read the settings and live by them; the exit code."""
    settings = ReplaySettings.read()
    logs.start("replay", settings.environment, settings.log_level)
    logging.getLogger(__name__).info("starting", extra=settings.shown())
    refuse_unfit(settings.store_address, settings.environment)
    from services.replay.process import SessionStation  # noqa: PLC0415 - takes long to import

    return await SessionStation(settings).run()


if __name__ == "__main__":
    sys.exit(lived(main()))
