"""`omf up` goes on when somebody empties its store: within ten seconds, without a restart."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.common.store.bus import store
from tests.support.processes import wait_for
from tests.support.system import System

pytestmark = [pytest.mark.servers, pytest.mark.xdist_group("up"), pytest.mark.timeout(180)]
WELL_AGAIN_S = 10.0


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    system = System(Path(tmp_path_factory.mktemp("emptied")) / "data")
    yield system.start()
    system.close()


def well(system: System) -> bool:
    return system.omf("status").returncode == 0


def test_all_is_well_again_and_the_loss_is_told(system: System) -> None:
    client = store(system.run.redis)
    before = system.pids()
    (stock,) = (state["stock"]["counts"] for state in system.json("state"))
    wait_for(lambda: well(system), 30)
    client.flushall()
    emptied = time.monotonic()
    wait_for(lambda: [s["stock"]["counts"] for s in system.json("state")] == [stock], 60)
    assert time.monotonic() - emptied < WELL_AGAIN_S + 5, "a look takes seconds on a busy machine"
    done = system.omf("send", "production-order", "colour=WHITE", "--wait", "30")
    assert done.returncode == 0, done.stdout + done.stderr
    assert system.pids() == before
    wait_for(lambda: well(system), 30)
    rows = {row["part"]: row for row in system.json("status")}
    assert "emptied" in " ".join(rows["link ingest"]["notes"])
    told = system.omf("doctor")
    assert "emptied" in told.stdout
    client.close()
