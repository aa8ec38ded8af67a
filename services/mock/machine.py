"""What every simulated device is: a state machine that lives on messages and time, no socket in it.

Machines share nothing. They meet on MQTT only, so each can run alone beside real devices.
"""

import heapq
import itertools
import json
import random
import uuid
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, NamedTuple

from omf import catalogue
from services.mock import stamps

SKEW_S = -12 * 86_400.0
"""How far a wrong clock is off: the worst one recorded was 12 days behind (PROTOCOL F.22)."""

HALF = 0.5
MISREAD = (LookupError, TypeError, ValueError, AttributeError)
"""What reading a body of the wrong shape ends in."""
RESTART_AFTER_S = 10.0
"""In life: a program that died is started again so much later, as a container's restart policy
does. Long enough to see it dead, short enough to go on working with the simulation."""


class ProgramDiedError(Exception):
    """The real program ends here, by an exception nobody catches; the text says of what."""


class Moment(NamedTuple):
    """One moment on both clocks of a simulation, in seconds."""

    plant: float
    """Time as the factory feels it: runs `speed` times faster than life. Drives all durations."""
    wall: float
    """Unix time, as it is written into payloads: a fast factory does not date into the future."""


class Send(NamedTuple):
    """A message to publish, with the flags the real publisher uses (PROTOCOL B.1)."""

    topic: str
    payload: bytes
    qos: int
    retain: bool


class _Timer(NamedTuple):
    due: float
    order: int
    group: str
    call: Callable[..., None]
    args: tuple[Any, ...]


class Machine:
    """A device: `connect`, `receive` and `tick` take what happened and return what to publish."""

    client: ClassVar[str] = "mock"
    """Begins the MQTT client id."""

    def __init__(self, *, speed: float = 1.0, seed: object = 0) -> None:
        self.speed = speed
        self.random = random.Random(f"{type(self).__name__} {seed}")  # noqa: S311 - a simulation
        self.now = Moment(0.0, 0.0)
        self.unreadable = 0
        """Messages that made no sense: dropped, as devices do."""
        self.died = ""
        """Of what its program ended, until it is started again; empty while it runs."""
        self.starts = 1
        """How often its program was started; each start subscribes anew."""
        self.retained = False
        """The message at hand is what the broker kept, told at the subscribing: no news."""
        self._skew_s = 0.0
        self._timers: list[_Timer] = []
        self._numbers = itertools.count()
        self._sends: list[Send] = []

    @property
    def name(self) -> str:
        """Tells this device from its like, in client ids and logs."""
        return self.client

    def filters(self) -> tuple[str, ...]:
        """The topic filters this device subscribes."""
        return ()

    def will(self) -> Send | None:
        """The last will, asked for once before the first connect."""
        return None

    def connect(self, now: Moment) -> list[Send]:
        """The broker link is up, for the first time or again."""
        self.now = now
        if not self.died:
            self._try(self.on_connect)
        return self._drain()

    def receive(
        self, topic: str, payload: bytes, now: Moment, *, retained: bool = False
    ) -> list[Send]:
        """A message arrived; what cannot be read changes nothing, an empty one is a deletion."""
        self.now, self.retained = now, retained
        entry = catalogue.of(topic)
        if self.died or (entry is None and not payload):
            return []
        if entry is None:
            self.unreadable += 1
            return []
        try:
            self._take(entry.name, catalogue.levels(entry.name, topic), payload)
        except ProgramDiedError as end:
            self._die(str(end))
        return self._drain()

    def _take(self, name: str, levels: dict[str, str], payload: bytes) -> None:
        if not payload:
            self.on_empty(name)
            return
        try:
            body = json.loads(payload)
        except (ValueError, RecursionError):
            body = None
        if isinstance(body, dict | list):
            self._try(self.on_message, name, levels, body)
            return
        self.unreadable += 1
        self.on_unreadable(name)

    def _die(self, why: str) -> None:
        """Nothing is heard, said or remembered any more; what was retained stays."""
        self.died, self._timers = why, []
        self.after_life(RESTART_AFTER_S, self.start_again)

    def start_again(self) -> None:
        """The program begins anew, with nothing but what it had saved."""
        self.died, self._timers = "", []
        self.starts += 1
        self.on_start_again()
        self.on_connect()

    def due(self) -> float | None:
        """Plant time of the next timer; None = only a message can wake this device."""
        return self._timers[0].due if self._timers else None

    def tick(self, now: Moment) -> list[Send]:
        """Run every timer that is due, each at its own plant time, so that delays do not add up."""
        while self._timers and self._timers[0].due <= now.plant:
            timer = heapq.heappop(self._timers)
            self.now = Moment(timer.due, now.wall)
            self._try(timer.call, *timer.args)
        return self._drain()

    def fault(self, kind: str, target: str, now: Moment) -> list[Send] | None:
        """Misbehave on demand; None for a fault that does not concern this device."""
        self.now = now
        skewed = kind == "skew" and target in ("", self.name)
        if skewed:
            self._skew_s = SKEW_S
        return self._drain() if self.on_fault(kind, target) or skewed else None

    def leave(self, now: Moment) -> list[Send]:
        """Say goodbye: the program ends in order, so no last will tells it."""
        self.now = now
        self.on_leave()
        return self._drain()

    # --- for the devices themselves ---------------------------------------------------------

    def on_connect(self) -> None:
        """Publish what is retained; on a second connect too, for the broker may have lost it."""

    def on_leave(self) -> None:
        """Publish what the device says when it is switched off in order."""

    def on_message(self, name: str, levels: dict[str, str], body: Any) -> None:
        """Handle a message of the catalogue entry `name`; `body` is its JSON."""

    def on_empty(self, name: str) -> None:
        """A retained message was deleted; programs that read it as JSON die of it."""

    def on_unreadable(self, name: str) -> None:
        """A payload that is no JSON object or list; most programs log it and go on."""

    def on_start_again(self) -> None:
        """Forget what a new start of the program does not know."""

    def on_fault(self, kind: str, target: str) -> bool:
        """Begin the fault `kind`; False if it does not concern this device."""
        del kind, target
        return False

    def send(self, name: str, body: Any, *, qos: int | None = None, **levels: str) -> None:
        """Publish on the topic `name` of the catalogue, with its flags unless `qos` says other."""
        self._sends.append(message(name, body, levels, qos=qos))

    def clear(self, name: str, **levels: str) -> None:
        """Delete what the broker retains on a topic."""
        self._sends.append(message(name, b"", levels)._replace(retain=True))

    def after(self, delay_s: float, call: Callable[..., None], *args: Any, group: str = "") -> None:
        """Call in `delay_s` plant seconds, unless the group is forgotten before."""
        due = self.now.plant + delay_s
        heapq.heappush(self._timers, _Timer(due, next(self._numbers), group, call, args))

    def after_life(
        self, delay_s: float, call: Callable[..., None], *args: Any, group: str = ""
    ) -> None:
        """Call in `delay_s` seconds of real life, whatever the speed: heartbeats, sensors."""
        self.after(delay_s * self.speed, call, *args, group=group)

    def forget(self, group: str) -> None:
        """Cancel every timer of the group."""
        self._timers = [timer for timer in self._timers if timer.group != group]
        heapq.heapify(self._timers)

    def draw(self, span: tuple[float, float, float]) -> float:
        """A duration from (least, usual, most) in plant seconds; long ones are rare.

        Half of them are shorter than the usual one, as of the recorded ones.
        """
        least, usual, most = span
        if self.random.random() < HALF:
            return self.random.triangular(least, usual, usual)
        return usual + (most - usual) * self.random.random() ** 3

    def new_id(self) -> str:
        """A UUID v4 from the seeded source."""
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    @property
    def stamp(self) -> str:
        """This moment as CCU and bridge write it: UTC, milliseconds, Z."""
        return stamps.millis(self.now.wall + self._skew_s)

    @property
    def fine_stamp(self) -> str:
        """This moment as vehicles and TXT controllers write it: UTC, microseconds, Z."""
        return stamps.micros(self.now.wall + self._skew_s)

    def _try(self, call: Callable[..., None], *args: Any) -> None:
        """JSON of a shape no program expects must not end it: the real ones log it and go on."""
        try:
            call(*args)
        except MISREAD:
            self.unreadable += 1

    def _drain(self) -> list[Send]:
        sends, self._sends = self._sends, []
        return sends


def message(
    name: str, body: Any, levels: Mapping[str, str] | None = None, *, qos: int | None = None
) -> Send:
    """Build a message of the catalogue entry; an unknown flag is taken as QoS 1, not retained."""
    entry = catalogue.find(name)
    flag = entry.qos if entry.qos is not None else 1
    payload = body if isinstance(body, bytes) else _json(body)
    topic = catalogue.address(name, **(levels or {}))
    return Send(topic, payload, flag if qos is None else qos, bool(entry.retain))


def _json(body: Any) -> bytes:
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()
