"""`python -m services.notifications`: who is told of the alarms of one environment.

`--check` instead reads the files, says who would be told now, and ends: 0 if they can be used.
"""

import gc
import logging
import sys

from services.common.process import logs
from services.common.process.startup_check import lived, refuse_unfit
from services.notifications.settings import NotificationSettings


async def main() -> int:
    """Read the settings and live by them; the exit code."""
    settings = NotificationSettings.read()
    if "--check" in sys.argv[1:]:
        from services.notifications.check import check  # noqa: PLC0415 - only then

        return check(settings, sys.stdout)
    logs.start("notifications", settings.environment, settings.log_level)
    logging.getLogger(__name__).info("starting", extra=settings.shown())
    refuse_unfit(settings.store_address)
    from services.notifications.process import NotificationService  # noqa: PLC0415 - takes long

    gc.freeze()
    return await NotificationService(settings).run()


if __name__ == "__main__":
    sys.exit(lived(main()))
