"""How processes answer on their health pages, and what the System page makes of it."""

import logging
import sys
from collections.abc import Iterator

import pytest

from services.common.process import logs
from services.common.process.health import Health
from services.supervisor.ports import free_port
from services.ui.live.health_poller import HealthPoller, belongs


@pytest.fixture
def health() -> Iterator[Health]:
    kept = logging.getLogger().handlers[:], logging.getLogger().level
    logs.start("orders", "mock")
    yield Health(lambda: "the store is away")
    logging.getLogger().handlers[:], level = kept
    logging.getLogger().setLevel(level)
    assert sys.stderr


async def test_a_process_tells_its_state_version_memory_and_last_lines(health: Health) -> None:
    port = free_port()
    health.serve("127.0.0.1", port)
    logging.getLogger("test").warning("odd: %s", "<b>", extra={"command_id": "c1"})
    picture = await HealthPoller({"orders-mock": f"http://127.0.0.1:{port}"}).poll()
    (one,) = picture.statuses
    assert (one.part, one.state, one.wrong) == ("orders-mock", "not_ready", "the store is away")
    assert one.version
    assert one.memory
    assert one.memory > 1e6
    assert one.since
    line = picture.lines[-1]
    assert (line.part, line.level, line.text) == ("orders-mock", "warning", "odd: <b>")
    assert '"command_id": "c1"' in line.more


async def test_who_does_not_answer_is_away_and_the_others_are_still_told(health: Health) -> None:
    port = free_port()
    health.serve("127.0.0.1", port)
    parts = {"dead": f"http://127.0.0.1:{free_port()}", "orders": f"http://127.0.0.1:{port}"}
    found = {c.part: c for c in (await HealthPoller(parts).poll()).statuses}
    assert found["dead"].state == "away"
    assert found["dead"].wrong
    assert found["dead"].memory is None
    assert found["orders"].state == "not_ready"


@pytest.mark.parametrize(
    ("part", "mock"),
    [("ingest-mock", True), ("mock", True), ("ui", True), ("api", True), ("orders-live", False)],
)
def test_a_part_stands_on_the_pages_of_the_factory_it_serves(part: str, mock: object) -> None:
    assert belongs(part, "mock") is mock


def test_what_is_kept_of_the_log_is_bounded(health: Health) -> None:
    assert health.missing()
    for number in range(logs.KEPT_LINES * 2):
        logging.getLogger("test").info("line %s", number)
    logging.getLogger("test").info("x" * (logs.MAX_LINE + 1))
    kept = logs.recent()
    assert len(kept) == logs.KEPT_LINES
    assert f"line {logs.KEPT_LINES * 2 - 1}" in kept[-1]
