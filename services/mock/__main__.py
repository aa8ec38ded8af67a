"""`python -m services.mock`: the behaving factory, or the parts of it that OMF_MOCK_PARTS names."""

import logging
import sys

from services.common.process import logs
from services.mock.process import run
from services.mock.settings import MockSettings


def main() -> int:
    """Read the settings and live by them; the exit code."""
    settings = MockSettings.read()
    logs.start("mock", settings.environment, settings.log_level)
    logging.getLogger(__name__).info("starting", extra=settings.shown())
    return run(settings)


if __name__ == "__main__":
    sys.exit(main())
