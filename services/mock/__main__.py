"""`python -m services.mock`: behaving factories, or the parts of one that OMF_MOCK_PARTS names."""

import logging
import sys

from services.common.process.exit_codes import ExitCode
from services.common.process.service_main import begin_log
from services.common.process.settings import shared_broker
from services.mock.process import run, run_all
from services.mock.settings import MockSettings


def main() -> int:
    """Read the settings and live by them; the exit code."""
    each = MockSettings.read_each()
    begin_log("mock", each)
    if flaw := shared_broker(each):
        logging.getLogger(__name__).critical("%s", flaw)
        return ExitCode.BAD_SETTINGS
    return run(each[0]) if len(each) == 1 else run_all(each)


if __name__ == "__main__":
    sys.exit(main())
