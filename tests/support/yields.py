"""What became of the commands of a flood, read afterwards from the events orders wrote."""

import json
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import quantiles
from typing import Any

from omf.messages.stream_id import StreamId
from services.common.store.busy import TOO_BUSY
from services.common.store.entries import DATA, decode
from services.common.store.keys import FINAL_STAGES, CommandEvent, Stage, key
from tests.support.command_flood import ENVIRONMENT, QUIET

PAGE = 2000
QUIET_FOR_S = 1.0


@dataclass
class Yields:
    """Counts and times of one flood."""

    acknowledged: int = 0
    ends: Counter[str] = field(default_factory=Counter)
    """By stage; those that were turned away for want of time as `too-busy`."""
    quiet: Counter[str] = field(default_factory=Counter)
    """The same of the person who asked now and then."""
    asked: int = 0
    """That have an entry."""
    turned_away: int = 0
    """By the script that submits: there is nothing of them."""
    refused_ms: list[float] = field(default_factory=list)
    acknowledged_ms: list[float] = field(default_factory=list)
    twice: int = 0
    """Commands that have two ends, or two acknowledgements."""
    without_end: int = 0

    @property
    def refused_p99_ms(self) -> float:
        """From the asking to the refusal."""
        return quantiles(self.refused_ms, n=100)[98] if len(self.refused_ms) > 1 else 0.0

    @property
    def acknowledged_p99_ms(self) -> float:
        """From the asking to the broker's acknowledgement."""
        return quantiles(self.acknowledged_ms, n=100)[98] if len(self.acknowledged_ms) > 1 else 0.0


def newest(client: Any) -> bytes:
    """Where the events end now."""
    found = client.xrevrange(key(ENVIRONMENT, "events"), count=1)
    return found[0][0] if found else b"0-0"


def settled(client: Any, within_s: float) -> None:
    """Return once no event has come for a second, or after so long."""
    deadline, last, since = time.monotonic() + within_s, newest(client), time.monotonic()
    while time.monotonic() < min(deadline, since + QUIET_FOR_S):
        time.sleep(0.1)
        if (now := newest(client)) != last:
            last, since = now, time.monotonic()


def events(client: Any, after: bytes) -> Iterator[CommandEvent]:
    """Every event behind an id."""
    name = key(ENVIRONMENT, "events")
    while page := client.xrange(name, b"(" + after, "+", PAGE):
        yield from (decode(CommandEvent, fields) for _, fields in page)
        after = page[-1][0]


def asked_at(client: Any, after: bytes) -> dict[str, float]:
    """When the store took each command, by its id."""
    name, found = key(ENVIRONMENT, "commands"), {}
    while page := client.xrange(name, b"(" + after, "+", PAGE):
        for entry_id, fields in page:
            command_id = json.loads(fields[DATA])["command_id"]
            found[command_id] = StreamId.parse(entry_id.decode()).seconds
        after = page[-1][0]
    return found


def yields(client: Any, after: bytes, until: float, turned_away: int = 0) -> Yields:
    """What became of what was asked since the event `after`; acknowledged by `until`, Unix s."""
    since, ended = asked_at(client, after), Counter[tuple[str, str]]()
    found = Yields(asked=len(since), turned_away=turned_away)
    for event in events(client, after):
        if event.command_id not in since:
            continue  # asked before: a machine that had not done with it in time
        if event.stage is Stage.ACKNOWLEDGED:
            found.acknowledged += event.at <= until
            found.acknowledged_ms.append((event.at - since[event.command_id]) * 1e3)
            ended[event.command_id, "acknowledged"] += 1
        if event.stage in FINAL_STAGES:
            ended[event.command_id, "end"] += 1
            _end(found, event, since[event.command_id])
    found.twice = sum(count > 1 for count in ended.values())
    found.without_end = len(since) - sum(what == "end" for _, what in ended)
    return found


def _end(found: Yields, event: CommandEvent, since: float) -> None:
    why = event.reasons[0].id.partition(":")[0] if event.reasons else ""
    how = why if event.stage is Stage.REFUSED else event.stage.value
    (found.quiet if event.operator == QUIET else found.ends)[how] += 1
    if how == TOO_BUSY:
        found.refused_ms.append((event.at - since) * 1e3)
