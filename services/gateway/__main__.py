"""`python -m services.gateway`: one gateway for one environment."""

import gc
import logging
import sys

import uvloop

from services.common.process import logs, tracing
from services.common.process.settings import ServiceSettings
from services.common.process.startup_check import lived, refuse_unfit


async def main() -> int:
    """Read the settings and live by them; the exit code."""
    settings = ServiceSettings.read()
    logs.start("gateway", settings.environment, settings.log_level)
    logging.getLogger(__name__).info("starting", extra=settings.shown())
    refuse_unfit(settings.store_address)
    from services.gateway.process import Gateway  # noqa: PLC0415 - takes long to import

    gc.freeze()  # what is loaded stays: not to be looked through again and again
    with tracing.to(settings.otel_endpoint, "gateway"):
        return await Gateway(settings).run()


if __name__ == "__main__":
    sys.exit(lived(main(), uvloop.run))
