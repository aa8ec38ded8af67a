"""Plays a session: at its own pace or a multiple of it, with pause, step, seek, jump and loop.

The broker is left as it would have been: who seeks finds the retained values of that moment, and
nothing retained that came later.
"""

import queue
from collections.abc import Callable, Sequence

from omf.topics.filters import TopicError, check_filter, matches
from services.common.process import clock
from services.common.sessions.files import Recorded
from services.replay.playback_report import PlaybackReport
from services.replay.publisher import ReplayPublisher
from services.replay.realtime_priority import set_realtime_priority
from services.replay.retained_state import RetainedState
from services.replay.timeline import NoTimeline, Timeline

PLAYER_IDLE_S = 0.5
LEAD_S = 0.002
"""Awake so long before a message is due: a sleeper is woken late on a busy machine."""
MAX_SAMPLES = 200_000
TOLD_EVERY_S = 1.0
"""At maximum speed time does not run, it is told anew after so many recorded seconds."""
MAX_SPEED, MIN_SPEED = 10_000.0, 0.01


class ControlError(ValueError):
    """A control that cannot be obeyed; the text says why."""


class Player:
    """One session before one broker. One thread runs it; others `tell` it what to do."""

    def __init__(
        self,
        items: Sequence[Recorded],
        publisher: ReplayPublisher,
        *,
        speed: float | None = 1.0,
        progress: Callable[["Player"], None] = lambda _: None,
        timeline: Timeline = NoTimeline(),  # noqa: B008 - it has no state
    ) -> None:
        """`speed` None is as fast as the broker takes it; `progress` is called at every message.

        `timeline` is told the recorded time whenever it begins to run otherwise.
        """
        self.report = PlaybackReport()
        self.paused = False
        self.loop = False
        self.loop_range: tuple[float, float] | None = None
        """Seconds of the session that are repeated; None with `loop` is the whole of it."""
        self.speed = speed
        self.index = 0
        """The next message."""
        self._items = items
        self._publisher = publisher
        self._progress = progress
        self._begin = items[0].at if items else 0.0
        self._controls: queue.SimpleQueue[Callable[[Player], None]] = queue.SimpleQueue()
        self._stopped = False
        self._retained = RetainedState(publisher)
        self._timeline, self._begun = timeline, False
        self._place = self._begin
        self._since = clock.monotonic()

    @property
    def begin_at(self) -> float:
        """When the first message was recorded, Unix seconds."""
        return self._begin

    @property
    def length_s(self) -> float:
        """Seconds from the first message to the last."""
        return self._items[-1].at - self._begin if self._items else 0.0

    @property
    def total(self) -> int:
        """Messages of the session."""
        return len(self._items)

    @property
    def ended(self) -> bool:
        """Every message was sent."""
        return self.index >= len(self._items)

    @property
    def position_s(self) -> float:
        """Where we are in the session, in its seconds."""
        return min(max(0.0, self._now() - self._begin), self.length_s)

    def tell(self, control: Callable[["Player"], None]) -> None:
        """Have the playing thread do something with this player soon; from any thread."""
        self._controls.put(control)
        self._publisher.wake()

    def run(self, *, stay: bool = False) -> PlaybackReport:
        """Play to the end; with `stay` then wait for controls, until `stop`.

        BrokerAwayError when the broker stays away; what was sent is in the report.
        """
        began = clock.monotonic()
        set_realtime_priority(paced=self.speed is not None)
        self._go(self.index, self._place) if not self._begun else self._mark(self._place)
        try:
            while not self._stopped:
                self._obey()
                self._retained.remind()
                if not self.paused and self._repeat():
                    continue
                if self.ended or self.paused:
                    if self._rest(stay=stay):
                        break
                else:
                    self._next()
            self._publisher.settle()
        finally:
            self._timeline.mark(self._now(), 0.0)
            set_realtime_priority(paced=False)
            self.report.resent = self._publisher.resent
            self.report.duration_s += clock.monotonic() - began
        return self.report

    def stop(self) -> None:
        """End after the message at hand."""
        self._stopped = True

    def pause(self) -> None:
        """Stand still."""
        self._mark(self._now())
        self.paused = True

    def resume(self) -> None:
        """Go on."""
        self.paused = False
        self._mark(self._place)

    def set_speed(self, speed: float | None) -> None:
        """Go on at another pace; ControlError outside 0.01 to 10 000."""
        self._mark(self._now())
        self.speed = speed if speed is None else fit_speed(speed)
        set_realtime_priority(paced=speed is not None)

    def step(self) -> None:
        """Send one message and stand still."""
        self.pause()
        if not self.ended:
            self._mark(self._items[self.index].at)
            self._send(self._items[self.index])

    def seek(self, at_s: float) -> None:
        """Go to a time of the session, in its seconds; ControlError before its begin."""
        if not 0 <= at_s < float("inf"):
            raise ControlError(f"seek {at_s:g}: seconds from the begin of the session")
        at = self._begin + at_s
        items = self._items
        index = next((i for i, item in enumerate(items) if item.at >= at), len(items))
        self._go(index, min(at, self._begin + self.length_s))

    def seek_order(self, order_id: str) -> None:
        """Go to the first message that names an order; ControlError when none does."""
        if not order_id:
            raise ControlError("name the order to go to")
        wanted = order_id.encode()
        self._find(lambda item: wanted in item.payload, 0, f"no message names order {order_id}")

    def jump(self, topic_filter: str) -> None:
        """Go to the next message of a filter and send it; ControlError when none follows."""
        try:
            check_filter(topic_filter)
        except TopicError as error:
            raise ControlError(str(error)) from error
        missing = f"no message of {topic_filter} follows"
        self._find(lambda item: matches(topic_filter, item.topic), self.index, missing)
        self._send(self._items[self.index])

    def _find(self, fits: Callable[[Recorded], bool], start: int, missing: str) -> None:
        for index in range(start, len(self._items)):
            if fits(self._items[index]):
                self._go(index, self._items[index].at)
                return
        raise ControlError(missing)

    def _go(self, index: int, place: float) -> None:
        """Begin at a place of the session: nothing of before is there any more."""
        before = self._items[:index]
        if not self._begun:
            self._begun = True
            self._retained.left_over(self._timeline.left_over())
        cleared = self._retained.clear(before)
        self.index = index
        self._mark(place, begin=True)
        self.report.restored += cleared + self._retained.restore(before)

    def _obey(self) -> None:
        while not self._controls.empty():
            self._controls.get()(self)

    def repeat(self, begin_s: float, end_s: float) -> None:
        """Play these seconds again and again; ControlError where the session has none of them."""
        if not 0 <= begin_s < end_s or begin_s >= self.length_s:
            raise ControlError(f"{begin_s:g}-{end_s:g}: two seconds of the session, begin first")
        self.loop, self.loop_range = True, (begin_s, min(end_s, self.length_s))
        self.seek(begin_s)

    def _repeat(self) -> bool:
        """True while the end of the range is awaited, or when its begin was gone back to."""
        if not self.loop or self.loop_range is None or not self._items:
            return False
        begin_s, end_s = self.loop_range
        if not self.ended and self._items[self.index].at <= self._begin + end_s:
            return False
        if self.speed is not None and self._now() < self._begin + end_s:
            left = (self._begin + end_s - self._now()) / self.speed
            if not self.ended and left > 0:
                self._publisher.pump(min(left, PLAYER_IDLE_S))
                return True
        self._publisher.settle()
        self.report.rounds += 1
        self.seek(begin_s)
        return True

    def _rest(self, *, stay: bool) -> bool:
        """Nothing is due; True when that is the end."""
        if self.ended and not self.paused and self._items:
            self._publisher.settle()
            if self.loop:
                self.report.rounds += 1
                self.seek(0.0)
                return False
        if not stay and not self.paused:
            return True
        self._publisher.pump(PLAYER_IDLE_S)
        return False

    def _next(self) -> None:
        item = self._items[self.index]
        if self.speed is None:
            if item.at - self._place >= TOLD_EVERY_S:
                self._mark(item.at)
            self._send(item, now=False)
            self._stand_at_end()
            return
        due = self._since + (item.at - self._place) / self.speed
        left = due - clock.monotonic()
        if left > 0:
            self._publisher.pump(min(max(0.0, left - LEAD_S), PLAYER_IDLE_S))
            return
        self._send(item)
        if len(self.report.errors_s) < MAX_SAMPLES:
            self.report.errors_s.append(abs(clock.monotonic() - due))
        self._stand_at_end()

    def _send(self, item: Recorded, *, now: bool = True) -> None:
        self.index += 1
        self._retained.publish(item, now=now)
        self.report.sent += 1
        self._progress(self)

    def _stand_at_end(self) -> None:
        """Behind the last message no time passes."""
        if self.ended:
            self._mark(self._items[-1].at)

    def _mark(self, place: float, *, begin: bool = False) -> None:
        """From now on time runs from this place of the session."""
        runs = not (self.paused or self.ended or self.speed is None)
        tell = self._timeline.begin if begin else self._timeline.mark
        tell(place, (self.speed or 0.0) if runs else 0.0)
        self._place, self._since = place, clock.monotonic()

    def _now(self) -> float:
        """The time of the session, as its clock would show it."""
        if self.paused:
            return self._place
        if self.ended or self.speed is None:
            return self._items[min(self.index, len(self._items) - 1)].at if self._items else 0.0
        run = self._place + (clock.monotonic() - self._since) * self.speed
        return min(run, self._items[self.index].at)


def fit_speed(speed: float) -> float:
    """The speed itself; ControlError outside 0.01 to 10 000."""
    if not MIN_SPEED <= speed <= MAX_SPEED:
        raise ControlError(f"speed {speed:g}: {MIN_SPEED:g} to {MAX_SPEED:g}, or max")
    return speed
