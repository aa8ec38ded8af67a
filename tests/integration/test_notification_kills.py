"""The process is killed at each place where it could lose a notice or send it twice."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.processes import Processes, wait_for
from tests.support.told_outside import ANNA, HttpReceiver, NotifiedHouse, OwnedAlarms

pytestmark = pytest.mark.alike


@pytest.fixture
def alarms(store_url: str) -> Iterator[OwnedAlarms]:
    with OwnedAlarms(store_url).running() as owned:
        yield owned


@pytest.fixture
def hook() -> Iterator[HttpReceiver]:
    receiver = HttpReceiver()
    yield receiver
    receiver.close()


@pytest.fixture
def house(
    processes: Processes, store_url: str, tmp_path: Path, hook: HttpReceiver
) -> NotifiedHouse:
    made = NotifiedHouse(processes, store_url, tmp_path)
    made.write(ANNA, f"hook json://127.0.0.1:{hook.port}\n")
    return made


@pytest.mark.parametrize(
    ("failpoint", "received", "unknown"),
    [
        ("notifications.before_write", 1, 0),
        ("notifications.before_send", 0, 1),
        ("notifications.after_send", 1, 1),
    ],
)
def test_a_kill_loses_nothing_unseen_and_doubles_nothing(
    house: NotifiedHouse,
    alarms: OwnedAlarms,
    hook: HttpReceiver,
    failpoint: str,
    received: int,
    unknown: int,
) -> None:
    # It rises first: the first write has it, however fast the process is there.
    life = alarms.raised("HBW")
    killed = house.start(failpoint=failpoint)
    wait_for(lambda: not killed.alive, 60, killed.tail)
    house.start().wait_ready()
    wait_for(lambda: len(hook.taken) == received)
    wait_for(lambda: alarms.waiting() == 0)
    wait_for(lambda: _unknown(alarms) == unknown)
    alarms.over(life)
    wait_for(lambda: len(hook.taken) == received + 1)
    assert ["over" in title for title in hook.titles] == [False] * received + [True]


def _unknown(alarms: OwnedAlarms) -> int:
    status = alarms.status()
    return status.receivers[0].addresses[0].unknown if status and status.receivers else -1


def test_of_two_processes_one_tells_and_the_other_stands_by(
    house: NotifiedHouse, alarms: OwnedAlarms, hook: HttpReceiver
) -> None:
    first = house.start().wait_ready()
    second = house.start().wait_ready()
    wait_for(lambda: not first.ready())
    for number in range(3):
        alarms.raised(f"M{number}")
        wait_for(lambda number=number: any(f"M{number}" in one for one in _said(hook)))
    second.kill()
    wait_for(first.ready)
    alarms.raised("HBW")
    wait_for(lambda: any("HBW" in one for one in _said(hook)))
    said = "\n".join(_said(hook))
    assert [said.count(f"{name} has been silent") for name in ("M0", "M1", "M2", "HBW")] == [1] * 4


def _said(hook: HttpReceiver) -> list[str]:
    """Of one alarm its title says it, of several the list."""
    found = [one.said for one in hook.taken]
    return [one["message"] if "reports" in one["title"] else one["title"] for one in found]
