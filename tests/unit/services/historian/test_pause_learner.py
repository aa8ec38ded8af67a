"""What is usual on a topic, of the states of several days in a real archive."""

import json
from pathlib import Path

from omf.messages.message import Message
from services.historian.pause_learner import LEARN_DAYS, usual_pauses
from services.history.reader import History
from services.history.retention import DAY_MS
from tests.support.archives import HOUR_MS, START_MS, filled

OVEN, PRESS, DOOR, MODULE = "plant/oven", "plant/press", "plant/door", "module/v1/ff/X1/state"


def every(topic: str, pauses_s: list[float], begin_ms: int) -> list[Message]:
    messages, at_ms = [], begin_ms
    for number, pause_s in enumerate(pauses_s):
        payload = json.dumps({"x": number}).encode()
        messages.append(Message(topic, payload, f"{at_ms}-{len(topic)}", qos=1))
        at_ms += round(pause_s * 1000)
    return messages


def day(begin_ms: int, oven_s: float) -> list[Message]:
    """A state is kept with the first message of another hour."""
    found = [
        *every(OVEN, [oven_s] * 80, begin_ms),
        *every(PRESS, [20.0] * 80, begin_ms),
        *every(DOOR, [1.0 if n % 9 else 900.0 for n in range(80)], begin_ms),
        *every(MODULE, [20.0] * 80, begin_ms),
        *every(PRESS, [20.0], begin_ms + 6 * HOUR_MS),
    ]
    return sorted(found, key=lambda one: int(one.id.partition("-")[0]))


def learned(root: Path, messages: list[Message], now_ms: int) -> dict[str, float]:
    filled(root, messages)
    return usual_pauses(History(root), now_ms)


def test_the_longest_usual_pause_of_the_last_days_counts(tmp_path: Path) -> None:
    messages = [*day(START_MS, 60.0), *day(START_MS + DAY_MS, 30.0)]
    found = learned(tmp_path, messages, START_MS + DAY_MS + 8 * HOUR_MS)
    assert found.keys() == {OVEN, PRESS}, "irregular ones and those of the catalogue have none"
    assert round(found[OVEN]) == 60
    assert round(found[PRESS]) == 20


def test_what_is_older_than_the_days_looked_at_is_forgotten(tmp_path: Path) -> None:
    later = START_MS + (LEARN_DAYS + 1) * DAY_MS
    assert learned(tmp_path, day(START_MS, 60.0), later) == {}


def test_an_empty_archive_knows_nothing(tmp_path: Path) -> None:
    assert usual_pauses(History(tmp_path), START_MS) == {}
