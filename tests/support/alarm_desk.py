"""A factory whose modules go and come back, and a desk where people act on the alarms of it."""

import itertools
import json
from typing import Any

from omf.alarms.life import AlarmEntry, AlarmLife
from omf.topics.catalogue import address
from services.common.store import entries
from services.common.store.keys import CommandEvent, Role, key
from tests.support.circle import ENVIRONMENT, World
from tests.support.factory import connection
from tests.support.processes import wait_for


class AlarmDesk:
    """Raises and ends `connection-lost` of modules, gives acts, reads what became of both."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._numbers = itertools.count(1)

    def lose(self, serial: str) -> str:
        """A module goes; the id of the alarm."""
        self._connection(serial, "ONLINE")
        self._connection(serial, "OFFLINE")
        return f"connection-lost:{serial}"

    def find(self, serial: str) -> None:
        """It comes back."""
        self._connection(serial, "ONLINE")

    def _connection(self, serial: str, state: str) -> None:
        topic = address("module_connection", serial=serial)
        self.world.factory.say(topic, json.dumps(connection(serial, state)).encode())

    def ask(self, who: str, kind: str, alarm: str, **given: Any) -> str:
        """Hand an act over; the id of the command."""
        name = f"{kind}-{next(self._numbers)}"
        changes: dict[str, Any] = {"kind": kind, "operator": who, "role": Role.SUPERVISOR}
        return self.world.desk.order(name, **changes, parameters={"alarm": alarm, **given})

    def act(self, who: str, kind: str, alarm: str, **given: Any) -> CommandEvent:
        """Give an act; how it ended."""
        return self.world.desk.final(self.ask(who, kind, alarm, **given))

    def lives(self) -> dict[str, AlarmLife]:
        """The alarms that are not normal."""
        found = self.world.desk.client.hvals(key(ENVIRONMENT, "alarms:now"))
        lives = [AlarmLife.model_validate_json(one) for one in found]
        return {life.id: life for life in lives}

    def told(self, alarm: str = "") -> list[AlarmEntry]:
        """The entries of the stream, of one alarm or of all."""
        found = self.world.desk.client.xrange(key(ENVIRONMENT, "alarms"))
        every = [entries.decode(AlarmEntry, fields) for _, fields in found]
        return [one for one in every if alarm in ("", one.alarm)]

    def state(self, alarm: str) -> str:
        """Where an alarm is; `normal` where nothing is kept of it."""
        life = self.lives().get(alarm)
        return life.state.value if life else "normal"

    def becomes(self, alarm: str, state: str, timeout_s: float = 15.0) -> None:
        """Return once the alarm is in that state."""
        wait_for(lambda: self.state(alarm) == state, timeout_s, lambda: self.state(alarm))
