"""The service that tells people, the store and a provider fail at random while alarms come and go.

`make chaos LONG=1` kills two hundred times instead of six. No notice is told twice; one that is not
told at all is counted as unknown: its process was killed between the writing and the answer.
"""

import re
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest
from redis.exceptions import RedisError

from omf.alarms.life import AlarmLife
from omf.notifications.decision import AlarmNotice, AlarmPhase
from services.common.store.bus import store as client_of
from services.common.store.keys import key
from services.notifications.outbox import AddressRecord
from services.supervisor.server import LocalServer
from tests.chaos.scene import LONG, ROUNDS, SEED
from tests.support.processes import Processes, wait_for
from tests.support.told_outside import ANNA, ENVIRONMENT, HttpReceiver, NotifiedHouse, OwnedAlarms

KILLS = 2 * ROUNDS
NAMED = re.compile(r"(over: )?(M\d+) has been silent")


class Night:
    """Alarms that rise, and end once somebody was told of them; each has a name of its own."""

    def __init__(self, alarms: OwnedAlarms) -> None:
        self.alarms = alarms
        self.raised: list[AlarmLife] = []
        self.over: set[str] = set()

    def goes_on(self) -> None:
        """One more rises, and one that was told of ends."""
        with suppress(RedisError):
            self.raised.append(self.alarms.raised(f"M{len(self.raised):03}"))
            for life in self.raised:
                if life.subject not in self.over and self._told(life):
                    self.alarms.over(life)
                    self.over.add(life.subject)
                    return

    def _told(self, life: AlarmLife) -> bool:
        name = key(ENVIRONMENT, "notifications:told")
        found = self.alarms.client.hget(name, f"anna|{life.id}")
        return bool(found) and AlarmNotice.model_validate_json(found).phase is AlarmPhase.RAISED


@pytest.mark.timeout(3600 if LONG else 300)
def test_whatever_is_killed_nothing_is_told_twice_and_nothing_missing_is_uncounted(
    processes: Processes, store: LocalServer, tmp_path: Path
) -> None:
    random = Random(SEED)  # noqa: S311 - to be repeated by its seed
    hook = HttpReceiver()
    hook.on_request = lambda: time.sleep(random.uniform(0.0, 0.5))
    house = NotifiedHouse(processes, store.url, tmp_path)
    house.write(ANNA, f"hook json://127.0.0.1:{hook.port}\n")
    with OwnedAlarms(store.url).running() as alarms:
        night = Night(alarms)
        _break(night, house, store, random)
        wait_for(lambda: alarms.waiting() == 0, 60)
        time.sleep(3)
    told = Counter(_told(hook))
    assert set(told.values()) <= {1}, [one for one, count in told.items() if count > 1]
    due = {(life.subject, "") for life in night.raised}
    due |= {(name, "over: ") for name in night.over}
    assert len(due - set(told)) <= _unknown(store.url)
    assert len(told) > KILLS
    hook.close()


def _break(night: Night, house: NotifiedHouse, store: LocalServer, random: Random) -> None:
    """Kill the service and the store in turn while alarms come and go."""
    service = house.start().wait_ready()
    for number in range(KILLS):
        for _ in range(random.randint(2, 5)):
            night.goes_on()
            time.sleep(random.uniform(0.1, 0.6))
        if number % 3 == 2:
            store.kill()
            time.sleep(random.uniform(0.0, 0.5))
            store.restart()
        else:
            service.kill()
            service = house.start()
            wait_for(service.ready)


def _told(hook: HttpReceiver) -> list[tuple[str, str]]:
    """Name and phase of each notice: of one alarm the title says it, of several the list."""
    said = []
    for one in hook.taken:
        several = "reports of alarms" in one.said["title"]
        source = one.said["message"] if several else one.said["title"]
        said += [(name, over) for over, name in NAMED.findall(source)]
    return said


def _unknown(url: str) -> int:
    with client_of(url) as client:
        found = client.hvals(key(ENVIRONMENT, "notifications:addresses"))
    return sum(AddressRecord.model_validate_json(one).unknown for one in found)
