"""Whether a command is taken on while more are asked for than can be done in time. Pure.

What waits is everything between the entrance of orders and the broker. How long it will wait is
told by how many wait and by how many got done a second while some waited; idle time says nothing.

Fair among people: nobody has more waiting than there are places left, and the last fifth of the
places is for those who had less than half of what others had. So one who asks now and then finds a
place free, however many ask all the time.
"""

import math
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable
from typing import NamedTuple

from services.common.store.keys import FINAL_STAGES, CommandEvent, Stage
from services.common.store.submission import MAX_RETRY_AFTER_S

MAX_WAIT_S = 2.0
"""Nobody looks at a page for longer before pressing again; the shortest life is five seconds."""
LIFE_SHARE = 0.5
"""The most of its life that may be expected to pass: the machine can become slower meanwhile."""
ALWAYS_TAKEN = 32
"""So many may wait however slow it was last: a broker that was away must find some to begin on."""
MAX_UNDECIDED = 256
"""More in hand would make the reader of the stream wait, and what holds back with it."""
RATE_HORIZON_S = 2.0
"""Busy seconds after which a rate has lost most of its weight."""
FIRST_RATE = 100.0
"""Commands a second that any machine does; taken for the rate until there is one."""
RESERVED_SHARE = 0.2
"""Of the places; only for those who had little lately."""
LITTLE = 0.5
"""Of what others had lately on an average."""
LATELY_S = 10.0
"""What is three times as old weighs a twentieth."""
MAX_AGES = 100.0
"""Of so many LATELY_S a weight is still far from the greatest number there is."""
MAX_PEOPLE = 1000
"""Remembered at a time; those who had nothing for longest are forgotten."""
FORGOTTEN_S = 60.0
"""Longer than any command lives before it is sent: what is still noted was lost with its entry."""

_LEAVES = FINAL_STAGES | {Stage.ACKNOWLEDGED}


class AskedCommand(NamedTuple):
    """What a command at the entrance wants."""

    command_id: str
    who: str
    life_s: float
    """From its entry in the stream to its expiry."""
    waited_s: float
    """Since that entry."""
    ahead: bool = False
    """It only holds something back, or goes on with what was begun: taken in any case."""


class ServiceRate:
    """How many commands a second get done while some wait."""

    def __init__(self) -> None:
        self._busy_s = RATE_HORIZON_S
        self._done = FIRST_RATE * RATE_HORIZON_S

    @property
    def per_s(self) -> float:
        """Over the last busy seconds, the newest weighing most."""
        return self._done / self._busy_s

    def busy(self, seconds: float) -> None:
        """So long some have waited; what was before weighs less."""
        kept = math.exp(-seconds / RATE_HORIZON_S)
        self._busy_s = self._busy_s * kept + seconds
        self._done *= kept

    def done(self) -> None:
        """One more got done."""
        self._done += 1


class RecentShares:
    """How much each person had lately, old commands weighing less.

    Kept as if nothing aged: what is new weighs more instead, so to compare two needs no clock.
    """

    def __init__(self) -> None:
        self._had: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._total = 0.0
        self._from: float | None = None

    def add(self, who: str, now: float) -> None:
        """One more was taken on for this person."""
        weight = self._weight(now)
        self._had[who] = self._had.get(who, (0.0, 0.0))[0] + weight, now
        self._total += weight
        self._had.move_to_end(who)
        while len(self._had) > MAX_PEOPLE or self._silent_for(now) > 3 * LATELY_S:
            self._total -= self._had.popitem(last=False)[1][0]

    def __len__(self) -> int:
        return len(self._had)

    def little(self, who: str) -> bool:
        """True for a person who had much less than others."""
        mine, _ = self._had.get(who, (0.0, 0.0))
        others = len(self._had) - (who in self._had)
        return others > 0 and mine < LITTLE * (self._total - mine) / others

    def _silent_for(self, now: float) -> float:
        """Seconds since the one who had nothing for longest had something."""
        return now - next(iter(self._had.values()))[1]

    def _weight(self, now: float) -> float:
        self._from = now if self._from is None else self._from
        ages = (now - self._from) / LATELY_S
        if ages > MAX_AGES:
            self._had = OrderedDict(
                (name, (had * math.exp(-ages), at)) for name, (had, at) in self._had.items()
            )
            self._total = sum(had for had, _ in self._had.values())
            self._from, ages = now, 0.0
        return math.exp(ages)


class Admission:
    """Counts what waits, by person, and judges who is taken on.

    Called in the event loop of orders: `retry_s` at the entrance, `on_events` and `left` when a
    command goes on. `now` is a clock that never steps back. What is counted lives with the process:
    a new one learns in two busy seconds.
    """

    def __init__(self) -> None:
        self.rate = ServiceRate()
        self._waiting: dict[str, tuple[str, float]] = {}
        self._undecided: set[str] = set()
        self._shares: Counter[str] = Counter()
        self._recent = RecentShares()
        self._at: float | None = None
        self.on_refused: Callable[[], None] = lambda: None
        """Told of each command that is refused for want of time."""

    @property
    def full(self) -> float:
        """The share of places taken, by an ordinary command's measure."""
        places = max(float(ALWAYS_TAKEN), self.rate.per_s * MAX_WAIT_S)
        return max(len(self._waiting) / places, len(self._undecided) / MAX_UNDECIDED)

    @property
    def people(self) -> int:
        """How many people had something lately."""
        return len(self._recent)

    def __len__(self) -> int:
        return len(self._waiting)

    def __contains__(self, command_id: str) -> bool:
        return command_id in self._waiting

    def retry_s(self, asked: AskedCommand, now: float) -> int:
        """0: it is taken on and counted; else it would be too late: when to ask again, seconds."""
        self._follow(now)
        if asked.command_id in self._waiting:
            return 0
        if not (asked.ahead or self._has_place(asked)):
            self.on_refused()
            return self._relief_s()
        self._waiting[asked.command_id] = asked.who, now
        self._undecided.add(asked.command_id)
        self._shares[asked.who] += 1
        self._recent.add(asked.who, now)
        return 0

    def decided(self, command_id: str) -> None:
        """Orders has decided on it; it waits for the gateway, if for anybody."""
        self._undecided.discard(command_id)

    def on_events(self, events: Iterable[CommandEvent], now: float) -> None:
        """Stages that were just written: what the broker has, or what ended, waits no more."""
        for event in events:
            if event.stage in _LEAVES:
                self.left(event.command_id, now, done=event.stage is not Stage.EXPIRED)

    def left(self, command_id: str, now: float, *, done: bool) -> None:
        """It waits no more; `done` if that was work, and not the end of its life."""
        self._follow(now)
        self._undecided.discard(command_id)
        who, _ = self._waiting.pop(command_id, ("", 0.0))
        if not who:
            return
        self._shares[who] -= 1
        if not self._shares[who]:
            del self._shares[who]
        if done:
            self.rate.done()

    def clean(self, now: float) -> None:
        """Call every few seconds: forget what left without a word."""
        for command_id, (_, since) in tuple(self._waiting.items()):
            if now - since < FORGOTTEN_S:
                return
            self.left(command_id, now, done=False)

    def clear(self) -> None:
        """The store was emptied: nothing of what waited is left."""
        self._waiting.clear()
        self._undecided.clear()
        self._shares.clear()

    def _follow(self, now: float) -> None:
        if self._waiting and self._at is not None:
            self.rate.busy(max(0.0, now - self._at))
        self._at = now

    def _has_place(self, asked: AskedCommand) -> bool:
        if len(self._undecided) >= MAX_UNDECIDED:
            return False
        places = self._places(asked)
        free = places - len(self._waiting)
        if self._shares[asked.who] >= max(1.0, free):
            return False
        reserved = places * RESERVED_SHARE
        return free > reserved or (free > 0 and self._recent.little(asked.who))

    def _places(self, asked: AskedCommand) -> float:
        """How many can wait so that the last of them is still in time."""
        wait_s = min(MAX_WAIT_S, asked.life_s * LIFE_SHARE - asked.waited_s)
        return max(float(ALWAYS_TAKEN), self.rate.per_s * wait_s)

    def _relief_s(self) -> int:
        """Until half of what waits now is done."""
        wait_s = len(self._waiting) / 2 / max(self.rate.per_s, 1.0)
        return min(MAX_RETRY_AFTER_S, max(1, math.ceil(wait_s)))
