"""The log of FastStream where ours is wanted: a store that is away is foreseen."""

import logging

import pytest
from redis.exceptions import ConnectionError as StoreGoneError

from services.common.process.settings import ServiceSettings
from services.common.store import faststream_adapter


@pytest.fixture
def logger() -> logging.Logger:
    faststream_adapter.broker(ServiceSettings(environment="mock"))
    return logging.getLogger("faststream")


def test_a_store_that_is_away_is_one_line_and_no_error(
    logger: logging.Logger, caplog: pytest.LogCaptureFixture
) -> None:
    logger.error("Message fetch error", exc_info=StoreGoneError("Connection closed by server."))
    (told,) = caplog.records
    assert (told.levelname, told.exc_info) == ("WARNING", None)
    assert told.getMessage() == "a reader waits for the store: Connection closed by server."


def test_what_nobody_foresaw_keeps_its_trace(
    logger: logging.Logger, caplog: pytest.LogCaptureFixture
) -> None:
    logger.error("Message fetch error", exc_info=ValueError("a fault of ours"))
    (told,) = caplog.records
    assert told.levelname == "ERROR"
    assert told.exc_info
