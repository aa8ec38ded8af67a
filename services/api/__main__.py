"""`python -m services.api`: the HTTP door over all environments it serves."""

import asyncio
import logging
import sys

from services.api.process import Api
from services.api.settings import ApiSettings
from services.common.auth.api_tokens import TokensError
from services.common.process import logs, tracing
from services.common.process.exit_codes import ExitCode


async def main() -> int:
    """Read the settings and live by them; the exit code."""
    settings = ApiSettings.read()
    logs.start("api", ",".join(settings.environments), settings.log_level)
    logging.getLogger(__name__).info("starting", extra=settings.shown())
    try:
        api = Api(settings)
    except TokensError as error:
        logging.getLogger(__name__).critical("cannot start: %s", error)
        return ExitCode.BAD_SETTINGS
    with tracing.to(settings.otel_endpoint, "api"):
        return await api.run()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
