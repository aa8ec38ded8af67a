"""What a simulated device lives on: its clock, timers and random source, and what it publishes.

The parts of a device get this, and nothing of the device itself.
"""

import heapq
import itertools
import json
import math
import random
import uuid
from collections.abc import Callable, Mapping
from functools import lru_cache
from statistics import NormalDist
from typing import Any, NamedTuple

from omf.simulation import payloads
from omf.simulation.learned import NOTHING_LEARNED
from omf.topics import catalogue

HALF = 0.5
NORMAL = NormalDist()
NEVER = 1e-6
TOGETHER = 0.5
"""Steps of one day are slow together: by how much the tempo of a future decides about each."""
REDRAWS, LEAST_REST_S = 8, 0.05
"""Of a step that takes longer than it usually does nobody knows the end: it is taken for near."""
LINK_WILL, LINK_ONLINE, LINK_OFFLINE = 1, 2, 3
"""The headerId of the connection message of a TXT or a vehicle tells which kind it is."""


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


class Timer(NamedTuple):
    """A call that waits for its plant time."""

    due: float
    order: int
    group: str
    call: Callable[..., None]
    args: tuple[Any, ...]


_ENCODER = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)


class SeededRandom(random.Random):
    """Chance that a seed fixes: the same seed gives the same factory."""

    def __init__(self, seed: str = "") -> None:
        super().__init__(seed)  # a text: else it depends on the hashes of this process


class DeviceRuntime:
    """Time, timers, randomness and outgoing messages of one device."""

    def __init__(self, *, speed: float = 1.0, seed: object = 0) -> None:
        self.speed = speed
        self.random = SeededRandom(f"{type(self).__name__} {seed}")
        self.now = Moment(0.0, 0.0)
        self.skew_s = 0.0
        """How far the device's own clock is off."""
        self.unheard: frozenset[str] = frozenset()
        """Names of the catalogue nobody would hear: what is published on them is not even made."""
        self.learned = NOTHING_LEARNED
        self.tempo = 0.0
        """How slow all of this future is, in standard deviations."""
        self._timers: list[Timer] = []
        self._numbers = itertools.count()
        self._sends: list[Send] = []

    def due(self) -> float | None:
        """Plant time of the next timer; None = only a message can wake this device."""
        return self._timers[0].due if self._timers else None

    def send(self, name: str, body: Any, *, qos: int | None = None, **levels: str) -> None:
        """Publish on the topic `name` of the catalogue, with its flags unless `qos` says other."""
        if name in self.unheard:
            return
        self._sends.append(message(name, body, levels, qos=qos))

    def clear(self, name: str, **levels: str) -> None:
        """Delete what the broker retains on a topic."""
        self._sends.append(message(name, b"", levels)._replace(retain=True))

    def after(self, delay_s: float, call: Callable[..., None], *args: Any, group: str = "") -> None:
        """Call in `delay_s` plant seconds, unless the group is cancelled before."""
        due = self.now.plant + delay_s
        heapq.heappush(self._timers, Timer(due, next(self._numbers), group, call, args))

    def after_real(
        self, delay_s: float, call: Callable[..., None], *args: Any, group: str = ""
    ) -> None:
        """Call in `delay_s` seconds of real life, whatever the speed: heartbeats, sensors."""
        self.after(delay_s * self.speed, call, *args, group=group)

    def cancel_timers(self, group: str) -> None:
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

    def lasting(
        self, name: str, span: tuple[float, float, float], serial: str = "", detail: str = ""
    ) -> float:
        """How long a step takes in this factory, else as recorded in `span`."""
        told = self.told(name, serial, detail)
        return self.draw(span) * self.learned.scale(name, serial, span[1]) if told is None else told

    def told(self, name: str, serial: str, detail: str = "") -> float | None:
        """One of the times that were learned, by chance; None before enough were."""
        share = self.random.random()
        if self.tempo:
            own = NORMAL.inv_cdf(min(max(share, NEVER), 1.0 - NEVER))
            share = NORMAL.cdf(TOGETHER * self.tempo + math.sqrt(1.0 - TOGETHER**2) * own)
        return self.learned.quantile(name, serial, share, detail)

    def rest(self, draw: Callable[[], float], waited_s: float) -> float:
        """What is left of a step that has taken so long already and is not done."""
        for _ in range(REDRAWS):
            if (whole_s := draw()) > waited_s:
                return max(LEAST_REST_S, whole_s - waited_s)
        return LEAST_REST_S

    def new_id(self) -> str:
        """A UUID v4 from the seeded source."""
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    @property
    def stamp(self) -> str:
        """This moment as CCU and bridge write it: UTC, milliseconds, Z."""
        return payloads.millis(self.now.wall + self.skew_s)

    @property
    def fine_stamp(self) -> str:
        """This moment as vehicles and TXT controllers write it: UTC, microseconds, Z."""
        return payloads.micros(self.now.wall + self.skew_s)

    def cancel_all_timers(self) -> None:
        """Cancel every timer."""
        self._timers = []

    def take_timer(self, until: float) -> Timer | None:
        """Take the earliest timer that is due by plant time `until` off the list; None if none."""
        if not self._timers or self._timers[0].due > until:
            return None
        return heapq.heappop(self._timers)

    def take_sends(self) -> list[Send]:
        """What was sent since the last call."""
        sends, self._sends = self._sends, []
        return sends


def message(
    name: str, body: Any, levels: Mapping[str, str] | None = None, *, qos: int | None = None
) -> Send:
    """Build a message of the catalogue entry; an unknown flag is taken as QoS 1, not retained."""
    entry = catalogue.find(name)
    flag = entry.qos if entry.qos is not None else 1
    payload = body if isinstance(body, bytes) else _json(body)
    topic = _address(name, tuple((levels or {}).items()))
    return Send(topic, payload, flag if qos is None else qos, bool(entry.retain))


@lru_cache(maxsize=catalogue.CACHED_TOPICS)
def _address(name: str, levels: tuple[tuple[str, str], ...]) -> str:
    return catalogue.address(name, **dict(levels))


def _json(body: Any) -> bytes:
    return _ENCODER.encode(body).encode()
