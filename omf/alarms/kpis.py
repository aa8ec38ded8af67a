"""How well the alarms serve the people who live by them: the figures of ISA-18.2 and EEMUA 191.

Pure: of the passages of a span of time and the alarms as they are at its end.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from omf.alarms.life import AlarmEntry, AlarmLife, AlarmLoad
from omf.alarms.lifecycle import HIDDEN, AlarmEvent, AlarmState
from omf.alarms.rule_data import SEVERITIES
from omf.constants import DAY_S, MINUTE_S

TEN_MINUTES_S = 10 * MINUTE_S
FLOOD_BEGINS = 10
"""More alarms than this in ten minutes are a flood, until fewer than `FLOOD_ENDS` came in ten."""
FLOOD_ENDS = 5
CHATTERING_RISES = 3
"""An alarm raised so often within a minute chatters."""
STALE_S = DAY_S
"""An alarm that stands longer is stale: nobody can do what it asks, or nobody does."""
TOP = 10
MAX_CHATTERING = 50
FLOOD_RULE = "alarm-flood"
"""The alarm that announces a flood is none of those it counts."""
TARGET_SHARES = (0.05, 0.15, 0.80)
"""Of the priorities 1, 2, and 3 and 4 together."""


@dataclass(frozen=True, slots=True)
class AlarmFigures:
    """The figures of one span."""

    span_s: float
    raised: int
    per_ten_minutes: float
    """On average, of one operator; one is good, two can be handled."""
    most_in_ten_minutes: int
    flood_share: float
    """Share of the span that lay in a flood, 0 to 1; less than 0.01 is the aim."""
    floods: int
    top: tuple[tuple[str, int], ...]
    """The alarms raised most often, and how often."""
    chattering: tuple[str, ...]
    stale: tuple[str, ...]
    standing: int
    """Alarms whose cause is there at the end, without those people hid."""
    waiting: int
    """Alarms that wait for somebody at the end."""
    hidden: int
    by_priority: tuple[int, ...]
    """How many were raised of each priority, 1 first."""
    acknowledged: int
    acknowledge_s: float | None
    """From the rise to the acknowledgement, in the middle; None where none was acknowledged."""


def figures(
    entries: Sequence[AlarmEntry],
    lives: Mapping[str, AlarmLife],
    *,
    since: float,
    until: float,
    operators: int = 1,
) -> AlarmFigures:
    """The figures from `since` to `until` (Unix s); `entries` are in order, others are left out.

    `lives` are the alarms as they are at `until`.
    """
    entries = [entry for entry in entries if since <= entry.at < until]
    raised = [entry for entry in entries if announced(entry)]
    times = [entry.at for entry in raised]
    span_s = max(until - since, MINUTE_S)
    floods = _floods(times, until)
    waited = [seconds for _, seconds in acknowledged(entries)]
    counts = Counter(entry.alarm for entry in raised)
    shown = [life for life in lives.values() if life.state not in HIDDEN]
    return AlarmFigures(
        span_s=span_s,
        raised=len(raised),
        per_ten_minutes=len(raised) / operators / (span_s / TEN_MINUTES_S),
        most_in_ten_minutes=max((n for n, _ in _windows(times)), default=0),
        flood_share=min(1.0, sum(end - begin for begin, end in floods) / span_s),
        floods=len(floods),
        top=tuple(counts.most_common(TOP)),
        chattering=tuple(sorted(_chattering(raised))),
        stale=tuple(sorted(one.id for one in shown if stale(one, until))),
        standing=sum(life.stands for life in shown),
        waiting=sum(life.asks for life in lives.values()),
        hidden=len(lives) - len(shown),
        by_priority=_by_priority(raised),
        acknowledged=len(waited),
        acknowledge_s=median(waited) if waited else None,
    )


def load(entries: Iterable[AlarmEntry], now: float) -> AlarmLoad:
    """How much the alarms ask of people at `now`, by the passages of the hour before."""
    raised = [entry for entry in entries if announced(entry) and entry.rule != FLOOD_RULE]
    times = [entry.at for entry in raised]
    floods = _floods(times, now)
    lasts = bool(floods) and floods[-1][1] >= now
    return AlarmLoad(
        flood_since=floods[-1][0] if lasts else None,
        flood_count=len(times) - bisect_left(times, now - TEN_MINUTES_S),
        chattering=tuple(sorted(_chattering(raised))[:MAX_CHATTERING]),
    )


def stale(life: AlarmLife, now: float) -> bool:
    """True if it stands so long that nobody can do what it asks, or nobody does."""
    return life.stands and now - life.raised_at > STALE_S


def announced(entry: AlarmEntry) -> bool:
    """True if it brought an alarm before people: it rose, or its cause left it standing."""
    came_out = entry.event is AlarmEvent.UNSUPPRESSED and entry.after is AlarmState.UNACKNOWLEDGED
    return came_out or entry.event is AlarmEvent.RAISED


def _by_priority(raised: Iterable[AlarmEntry]) -> tuple[int, ...]:
    found = Counter(entry.priority for entry in raised)
    return tuple(found[priority] for priority in range(1, len(SEVERITIES) + 1))


def _windows(times: Sequence[float]) -> Iterable[tuple[int, float]]:
    """At each rise how many there were in the ten minutes up to it, and when."""
    for place, at in enumerate(times):
        yield place + 1 - bisect_left(times, at - TEN_MINUTES_S), at


def _floods(times: Sequence[float], until: float) -> list[tuple[float, float]]:
    """When each flood began and ended; one that lasts ends at `until`."""
    found: list[tuple[float, float]] = []
    free_from = float("-inf")
    for count, at in _windows(times):
        if count <= FLOOD_BEGINS or at < free_from:
            continue
        end = _ebbs(times, at, until)
        found.append((at, end))
        free_from = end
    return found


def _ebbs(times: Sequence[float], begin: float, until: float) -> float:
    """When fewer than `FLOOD_ENDS` were raised within ten minutes, the first time after `begin`."""
    place = bisect_left(times, begin)
    for after in range(place, len(times)):
        # The earliest moment at which all but a few of those so far are ten minutes old.
        oldest = times[max(0, after - FLOOD_ENDS + 2)]
        quiet = max(oldest + TEN_MINUTES_S, begin)
        if after + 1 == len(times) or times[after + 1] > quiet:
            return min(quiet, until)
    return until


def _chattering(raised: Iterable[AlarmEntry]) -> Iterable[str]:
    times: dict[str, list[float]] = defaultdict(list)
    for entry in raised:
        times[entry.alarm].append(entry.at)
    for name, found in times.items():
        pairs = zip(found, found[CHATTERING_RISES - 1 :], strict=False)
        if any(last - first <= MINUTE_S for first, last in pairs):
            yield name


def acknowledged(entries: Iterable[AlarmEntry]) -> list[tuple[str, float]]:
    """Of each acknowledgement the alarm, and how many seconds after the rise it came."""
    risen: dict[str, float] = {}
    found: list[tuple[str, float]] = []
    for entry in entries:
        if announced(entry):
            risen[entry.alarm] = entry.at
        elif entry.event is AlarmEvent.ACKNOWLEDGED and entry.alarm in risen:
            found.append((entry.alarm, entry.at - risen.pop(entry.alarm)))
    return found
