"""`python -m services.notifications`: who is told of the alarms of a factory, or of several.

`--check` instead reads the files, says who would be told now, and ends: 0 if they can be used.
"""

import sys
from collections.abc import Callable

from services.common.process.factory_lives import FactoryLife
from services.common.process.service_main import serve_factories
from services.common.process.startup_check import lived
from services.notifications.settings import NotificationSettings


async def main() -> int:
    """Read the settings and live by them; the exit code."""
    if "--check" in sys.argv[1:]:
        from services.notifications.check import check  # noqa: PLC0415 - only then

        return check(NotificationSettings.read(), sys.stdout)
    return await serve_factories("notifications", NotificationSettings.read_each(), _load)


def _load() -> Callable[[NotificationSettings], FactoryLife]:
    from services.notifications.process import NotificationService  # noqa: PLC0415 - takes long

    return NotificationService


if __name__ == "__main__":
    sys.exit(lived(main()))
