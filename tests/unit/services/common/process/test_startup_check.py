"""A store that goes away while a process opens ends it in one line, not in a traceback."""

import logging

import pytest

from services.common.process.exit_codes import ExitCode
from services.common.process.startup_check import lived
from services.common.store.errors import StoreError


async def _opens_and_loses_its_store() -> int:
    raise StoreError("the store did not answer as it should (gone); is it running?")


async def _lives() -> int:
    return 0


def test_a_store_that_goes_away_at_the_start_is_one_line(caplog: pytest.LogCaptureFixture) -> None:
    assert lived(_opens_and_loses_its_store()) == ExitCode.BROKEN
    (line,) = [one for one in caplog.records if one.levelno == logging.CRITICAL]
    assert line.exc_info is None
    assert "is it running?" in line.getMessage()


def test_else_the_code_is_that_of_the_life() -> None:
    assert lived(_lives()) == 0
