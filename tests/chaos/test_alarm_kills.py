"""The owner of the alarms, orders and the store are killed at random while alarms come and go.

`make chaos LONG=1` kills two hundred times instead of six. No alarm is lost or doubled: the entries
of each follow one another without a gap. No acknowledgement is: each that ended with its effect
stands in the stream once, and none that did not.
"""

import json
import time
from collections import Counter
from random import Random

import pytest

from omf.alarms.life import AlarmEntry, AlarmLife
from omf.alarms.lifecycle import AlarmEvent, AlarmState
from omf.topics.catalogue import address
from services.common.process import clock
from services.common.store import entries
from services.common.store.keys import FINAL_STAGES, Command, CommandEvent, Role, Stage, key
from services.supervisor.server import LocalServer
from tests.chaos.scene import LONG, ROUNDS, SEED
from tests.chaos.store_writer import StoreWriter
from tests.support.factory import connection
from tests.support.processes import Processes, Service, wait_for

MODULES = [f"SVR{number}" for number in range(6)]
KILLS = 2 * ROUNDS
JOURNAL_KEY = key("mock", "buffer:#")


class Shift(StoreWriter):
    """Modules that come and go, and somebody who acknowledges; each word is in the store once."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.gone: dict[str, bool] = {}
        self.asked: list[str] = []
        self._random = Random(SEED)  # noqa: S311 - to be repeated by its seed

    def write(self) -> None:
        for serial in MODULES:
            self._say(serial, gone=False)
        while not self.stop.wait(0.1):
            serial = self._random.choice(MODULES)
            self._say(serial, gone=not self.gone[serial])
            self._acknowledge(self._random.choice(MODULES))

    def _say(self, serial: str, *, gone: bool) -> None:
        said = connection(serial, "OFFLINE" if gone else "ONLINE")
        topic = address("module_connection", serial=serial)
        fields = {"t": topic, "p": json.dumps(said), "q": 1}
        self.add(JOURNAL_KEY, fields, f"{self.next_ms()}-0")
        self.gone[serial] = gone

    def _acknowledge(self, serial: str) -> None:
        command = Command(
            command_id=f"ack-{len(self.asked)}",
            kind="alarm-acknowledge",
            parameters={"alarm": f"connection-lost:{serial}"},
            environment="mock",
            operator=self._random.choice(["anna", "bert"]),
            role=Role.OPERATOR,
            created_at=clock.now(),
        )
        self.add(key("mock", "commands"), entries.encode(command))
        self.asked.append(command.command_id)

    def ended(self, command_id: str) -> Stage | None:
        found = self.client.lrange(key("mock", f"command:{command_id}"), 1, -1)
        stages = [CommandEvent.model_validate_json(one).stage for one in found]
        return next((stage for stage in stages if stage in FINAL_STAGES), None)

    def told(self) -> list[AlarmEntry]:
        found = self.client.xrange(key("mock", "alarms"))
        return [entries.decode(AlarmEntry, fields) for _, fields in found]

    def states(self) -> dict[str, AlarmState]:
        found = self.client.hvals(key("mock", "alarms:now"))
        return {one.id: one.state for one in map(AlarmLife.model_validate_json, found)}

    def settled(self) -> bool:
        """Each alarm is what the factory said last."""
        found = self.client.hvals(key("mock", "alarms:now"))
        stand = {one.id for one in map(AlarmLife.model_validate_json, found) if one.stands}
        lost = {f"connection-lost:{serial}" for serial, gone in self.gone.items() if gone}
        return {name for name in stand if name.startswith("connection-lost")} == lost


@pytest.mark.timeout(3600 if LONG else 240)
def test_whatever_is_killed_no_alarm_and_no_acknowledgement_is_lost_or_doubled(
    processes: Processes, store: LocalServer
) -> None:
    random = Random(SEED)  # noqa: S311 - to be repeated by its seed

    def start(name: str) -> Service:
        return processes.service(name, store_url=store.url)

    running = {name: start(name).wait_ready() for name in ("alarms", "orders")}
    shift = Shift(store.url)
    with shift.running():
        for number in range(KILLS):
            time.sleep(random.uniform(0.5, 2.0))
            if number % 6 == 4:
                store.kill()
                time.sleep(random.uniform(0.0, 0.5))
                store.restart()
                continue
            name = "orders" if number % 3 == 2 else "alarms"
            running[name].kill()
            running[name] = start(name)
            wait_for(lambda name=name: running[name].ready())
    wait_for(shift.settled, 60)
    wait_for(lambda: all(map(shift.ended, shift.asked)), 90)
    _check(shift)


def _check(shift: Shift) -> None:
    told = shift.told()
    states: dict[str, AlarmState] = {}
    for entry in told:
        assert entry.before is states.get(entry.alarm, AlarmState.NORMAL), entry
        states[entry.alarm] = entry.after
    alive = {name: one for name, one in states.items() if one is not AlarmState.NORMAL}
    assert shift.states() == alive
    by_command = Counter(entry.command_id for entry in told if entry.command_id)
    assert set(by_command.values()) <= {1}
    refused = {one.command_id for one in told if one.event is AlarmEvent.REFUSED}
    done = set(by_command) - refused
    effect = {one for one in shift.asked if shift.ended(one) is Stage.EFFECT}
    assert done == effect
    assert len(effect) > 1
    assert any(entry.event is AlarmEvent.RETURNED for entry in told)
