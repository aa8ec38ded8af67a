"""Ten people act on alarms while their owner and orders are killed: what all of them saw is judged.

Each alarm has one life: some order of all acts, looks and passages of the factory, each within the
times at which it was asked and answered, is one that a single alarm could have. The stream of the
passages is a list that only grows. `make chaos LONG=1` asks and kills longer.
"""

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from random import Random

import pytest

from omf.alarms.life import AlarmEntry, AlarmLife
from omf.alarms.lifecycle import AlarmEvent
from omf.commands import ALARM_ACTS
from omf.topics.catalogue import address
from services.common.store import entries
from services.common.store.keys import FINAL_STAGES, Stage, key
from services.supervisor.server import LocalServer
from tests.chaos.people import AskingPerson, ended_well, joined_histories
from tests.chaos.scene import ROUNDS, SEED
from tests.chaos.store_writer import StoreWriter
from tests.support.alarm_model import ALARM, LATCHING_ALARM, act_outcome, seen_alarm
from tests.support.alarm_mutants import ALARM_MUTATIONS
from tests.support.circle import ENVIRONMENT
from tests.support.factory import connection
from tests.support.linearizability import (
    UNKNOWN,
    Append,
    Listing,
    ObjectModel,
    Operation,
    append_faults,
    linearizable,
    seen_between,
)
from tests.support.mutants import mutants
from tests.support.processes import Processes, Service, wait_for

OPERATORS = [f"operator-{number}" for number in range(10)]
KILLS = 3 * ROUNDS
PASSAGES_KEY = key(ENVIRONMENT, "alarms")
LIVES_KEY = key(ENVIRONMENT, "alarms:now")
SENSORS = {"gas/mq2-1": "gasDetected", "flame/flame-1": "flameDetected"}
CAUSES = {f"connection-lost:SVR{number}" for number in range(6)} | {f"danger:{s}" for s in SENSORS}
NAMES = sorted(CAUSES)
"""Of the alarms: modules that go, and fire and gas, whose alarms latch."""
DOUBTFUL = (Stage.NO_EFFECT, Stage.UNKNOWN)
EVERY_ACT = sorted(ALARM_ACTS)
USUAL_ACTS = {
    "unacknowledged": ["alarm-acknowledge", "alarm-shelve", "alarm-out-of-service"],
    "acknowledged": ["alarm-comment", "alarm-shelve"],
    "returned_unacknowledged": ["alarm-acknowledge"],
    "latched": ["alarm-reset"],
    "shelved": ["alarm-unshelve"],
    "out_of_service": ["alarm-return-to-service"],
}
"""What somebody who sees an alarm in that state is likely to do."""
REASONED = ("alarm-comment", "alarm-shelve", "alarm-out-of-service")


class Floor(StoreWriter):
    """Modules and sensors whose alarms come and go; the next time only once this one is known."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.there = dict.fromkeys(NAMES, False)
        self.ended: Counter[str] = Counter()
        self._dice = Random(SEED)  # noqa: S311 - to be repeated by its seed

    def write(self) -> None:
        """Of all alarms one after the other, at random."""
        for name in NAMES:
            self._say(name, there=False)
        while not self.stop.wait(self._dice.uniform(0.1, 0.3)):
            name = self._dice.choice(NAMES)
            if self.known(name):
                self.ended[name] += self.there[name]
                self._say(name, there=not self.there[name])

    def known(self, name: str) -> bool:
        """The owner has taken into account what was said last."""
        life = self.life(name)
        return (life is not None and life.stands) is self.there[name]

    def life(self, name: str) -> AlarmLife | None:
        found = self.client.hget(LIVES_KEY, name)
        return AlarmLife.model_validate_json(found) if found else None

    def passages(self) -> dict[str, AlarmEntry]:
        """What the stream holds, by the id of the entry."""
        found = self.client.xrange(PASSAGES_KEY)
        return {one.decode(): entries.decode(AlarmEntry, fields) for one, fields in found}

    def _say(self, name: str, *, there: bool) -> None:
        rule, _, subject = name.partition(":")
        if rule == "danger":
            topic, said = f"osf/arduino/{subject}/state", {SENSORS[subject]: there}
        else:
            topic = address("module_connection", serial=subject)
            said = connection(subject, "OFFLINE" if there else "ONLINE")
        fields = {"t": topic, "p": json.dumps(said), "q": 1}
        self.add(key(ENVIRONMENT, "buffer:#"), fields, f"{self.next_ms()}-0")
        self.there[name] = there


class Reader(AskingPerson):
    """Reads the whole stream of passages again and again."""

    def things_to_do(self) -> Sequence[Callable[[], None]]:
        return (self._list,)

    def _list(self) -> None:
        self._list_stream(PASSAGES_KEY)


class Operator(Reader):
    """Does whatever can be done to an alarm, and looks."""

    def __init__(self, name: str, store_url: str, stop: threading.Event, seed: int) -> None:
        super().__init__(name, store_url, stop, seed)
        self.ended: dict[str, tuple[Stage, float, float]] = {}
        """How each command ended, when it was given, and when that was known."""

    def things_to_do(self) -> Sequence[Callable[[], None]]:
        return (*[self._act] * 8, self._look, self._look, self._list)

    def _look(self) -> None:
        self._see(self._dice.choice(NAMES))

    def _see(self, name: str) -> str:
        called = time.monotonic()
        found = self._tried(lambda: self._client.hget(LIVES_KEY, name))
        life = AlarmLife.model_validate_json(found) if found else None
        seen = seen_alarm(life)
        self._note(name, "read", (), seen, called)
        return seen.state

    def _act(self) -> None:
        name = self._dice.choice(NAMES)
        usual = USUAL_ACTS.get(self._see(name), EVERY_ACT)
        kind = self._dice.choice(self._dice.choice((EVERY_ACT, usual, usual)))
        reason = {"reason": self._next_command()} if kind in REASONED else {}
        command, called = self._ask(kind, {"alarm": name, **reason})
        ended = self._wait(command, FINAL_STAGES)
        self.ended[command] = (ended.stage, called, time.monotonic())
        if ended.stage in DOUBTFUL:
            self._note(name, kind, (command,), UNKNOWN, called)
            return
        found = {one.id: one.en for one in ended.reasons}
        words = found.get("alarm-act" if ended.stage is Stage.REFUSED else "proof")
        # Else it says nothing of the alarm: too old, another one was faster, the owner is silent.
        if words is None or "alarm-owner" in found:
            self.unjudged.append(f"{ended.stage} {[*found]}")
        else:
            self._note(name, kind, (command,), act_outcome(ended.stage.value, words), called)


@pytest.mark.timeout(900)
def test_what_ten_people_saw_of_each_alarm_is_what_one_alarm_could_show(
    processes: Processes, store: LocalServer, record_property: Callable[[str, str], None]
) -> None:
    floor = Floor(store.url)
    people, reader = _worked_on(processes, store.url, floor)
    final = floor.passages()
    listings = [seen for person in (*people, reader) for seen in person.listings]
    listings.append(Listing(tuple(final), time.monotonic(), time.monotonic()))
    _check_passages(final, floor, people, listings)
    objects = _histories(people, final, listings, floor)
    stages = Counter(ended[0].value for person in people for ended in person.ended.values())
    record_property("acts", f"{dict(stages)}")
    unjudged = Counter(one for person in people for one in person.unjudged)
    record_property("of these not about the alarm", f"{dict(unjudged)}")
    record_property("operations", str({name: len(one) for name, one in objects.items()}))
    for name, history in objects.items():
        assert linearizable(history, _model(name)), _told(name, history)
    assert stages[Stage.EFFECT.value] > 1
    changed = [
        not linearizable(one, _model(name))
        for name, history in objects.items()
        for one in mutants(history, 15, SEED, ALARM_MUTATIONS)
    ]
    record_property("changed histories", f"{len(changed)}, {sum(changed)} caught")
    assert sum(changed) > len(changed) / 2


def _told(name: str, history: list[Operation]) -> str:
    """All that was judged of one alarm, to be read by who looks for the fault."""
    lines = (str(tuple(one)) for one in sorted(history, key=lambda one: one.called))
    return "\n".join((f"no single alarm {name} could show this:", *lines))


def _worked_on(processes: Processes, url: str, floor: Floor) -> tuple[list[Operator], Reader]:
    """Everybody acts, and what decides and what keeps the alarms is killed at random."""
    dice = Random(SEED)  # noqa: S311 - to be repeated by its seed

    def start(name: str) -> Service:
        return processes.service(name, store_url=url)

    running = {name: start(name).wait_ready() for name in ("alarms", "orders")}
    stop = threading.Event()
    people = [Operator(name, url, stop, SEED + n) for n, name in enumerate(OPERATORS)]
    reader = Reader("reader", url, threading.Event(), SEED)
    for person in (*people, reader):
        person.start()
    with floor.running():
        for _ in range(KILLS):
            time.sleep(dice.uniform(0.3, 1.5))
            name = dice.choice(("alarms", "orders"))
            running[name].kill()
            running[name] = start(name).wait_ready()
        time.sleep(2.0)
        stop.set()
    ended_well(people)
    wait_for(lambda: all(map(floor.known, NAMES)), 60)
    reader.leave()
    ended_well([reader])
    return people, reader


def _check_passages(
    final: dict[str, AlarmEntry], floor: Floor, people: list[Operator], listings: list[Listing]
) -> None:
    """The stream lost, doubled and moved nothing, and holds each act that had an effect once."""
    entry_of = {one.command_id: entry for entry, one in final.items() if one.command_id}
    assert len(entry_of) == sum(bool(one.command_id) for one in final.values())
    appended = []
    for command, (stage, called, returned) in _ended(people):
        entry = entry_of.get(command)
        if stage in (Stage.EFFECT, Stage.FAILED):
            appended.append(Append(entry or command, called, returned))
            refused = entry is not None and final[entry].event is AlarmEvent.REFUSED
            assert refused is (stage is Stage.FAILED), command
        elif stage not in DOUBTFUL:
            assert entry is None, (command, stage)
    assert append_faults(list(final), appended, listings) == []
    returned_once = Counter(e.alarm for e in final.values() if e.event is AlarmEvent.RETURNED)
    assert returned_once == +floor.ended


def _ended(people: list[Operator]) -> list[tuple[str, tuple[Stage, float, float]]]:
    return [one for person in people for one in person.ended.items()]


def _histories(
    people: list[Operator], final: dict[str, AlarmEntry], listings: list[Listing], floor: Floor
) -> dict[str, list[Operation]]:
    """What happened to each alarm: by people, by nobody, and what it is at the end."""
    objects = joined_histories(people)
    places = {one.command_id: number for number, one in enumerate(final.values())}
    for name, history in objects.items():
        objects[name] = [_as_known_at_last(one, places, listings) for one in history]
    for number, one in enumerate(final.values()):
        if one.command_id or one.alarm not in objects:
            continue
        told = (one.before.value, one.after.value)
        times = seen_between(number, listings)
        objects[one.alarm].append(Operation("owner", one.event.value, (), told, *times))
    for name, history in objects.items():
        called = time.monotonic()
        seen = seen_alarm(floor.life(name))
        history.append(Operation("test", "read", (), seen, called, time.monotonic()))
    return objects


def _as_known_at_last(one: Operation, places: dict[str, int], listings: list[Listing]) -> Operation:
    """What nobody was told of may happen later, until somebody sees it in the stream."""
    if one.outcome != UNKNOWN or one.given[0] not in places:
        return one
    _, seen_by = seen_between(places[one.given[0]], listings)
    return one._replace(returned=max(one.returned, seen_by))


def _model(name: str) -> ObjectModel:
    return LATCHING_ALARM if name.startswith("danger:") else ALARM
