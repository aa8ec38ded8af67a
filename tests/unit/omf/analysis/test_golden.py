"""Golden sessions: the same messages give the same rows; what a change would make is said."""

import json
import os
import subprocess
import sys
from collections.abc import Callable

from omf.alarms.rule_data import BUILT_IN, with_site
from omf.analysis.golden import GoldenRow, golden_rows
from omf.analysis.golden_differences import GoldenDifference, differences
from omf.analysis.shifts import ShiftCalendar, default_shifts
from omf.messages.message import Message
from omf.texts import LANGUAGES
from tests.support.folds import every_recording
from tests.support.shared import recording

NOK = "white-storage-production-nok_20260807_114322"
ORDER = "621db0f2-c564-4d79-94cc-a4c60206f027"
SENSORS = "synthetic-arduino-sensors_20260508_091000"
TOLD = """
import json, sys
from omf.analysis.golden import golden_rows
from omf.analysis.shifts import default_shifts
from tests.support.shared import recording
rows = golden_rows(recording(sys.argv[1]), default_shifts())
print(json.dumps([one.model_dump() for one in rows]))
"""


def rows(
    name: str,
    change: Callable[[Message], Message | None] = lambda one: one,
    site: str = "",
    calendar: ShiftCalendar | None = None,
) -> tuple[GoldenRow, ...]:
    messages = (changed for one in recording(name) if (changed := change(one)) is not None)
    rules = with_site(site) if site else BUILT_IN
    return golden_rows(messages, calendar or default_shifts(), rules)


def kinds(found: tuple[GoldenDifference, ...]) -> set[tuple[str, str, str]]:
    return {(one.kind, one.change, one.id) for one in found if one.kind != "figure"}


@every_recording
def test_a_recording_gives_the_same_rows_twice_and_under_another_hash_seed(name: str) -> None:
    here = rows(name)
    assert differences(here, rows(name)) == ()
    other = subprocess.run(
        [sys.executable, "-c", TOLD, name],
        env={**os.environ, "PYTHONHASHSEED": "4711"},
        capture_output=True,
        check=True,
    )
    assert json.loads(other.stdout) == json.loads(json.dumps([one.model_dump() for one in here]))


def test_a_changed_rule_shows_exactly_the_alarms_that_would_be_different() -> None:
    site = "version: 1\nrules:\n  quality-failed: {enabled: false}\n"
    found = differences(rows(NOK), rows(NOK, site=site))
    assert kinds(found) == {("alarm", "missing", f"quality-failed:{ORDER}")}
    assert [one.kind for one in found] == ["alarm"]


def test_another_limit_of_a_site_shows_the_alarm_it_would_raise() -> None:
    site = """
version: 1
limits:
  hot: {topic: /j1/txt/1/i/bme680, path: t, above: 25.0, hysteresis: 0.1, priority: 3}
"""
    higher = site.replace("25.0", "30.0")
    found = differences(rows(NOK, site=higher), rows(NOK, site=site))
    assert [(one.kind, one.change) for one in found] == [("alarm", "new")]
    assert found[0].id.startswith("limit-hot:")
    assert differences(rows(NOK), rows(NOK, site=higher)) == ()


def test_a_delay_of_a_rule_moves_its_begin() -> None:
    name = "startup-clean_20260512_102831"
    site = "version: 1\nrules:\n  position-unknown: {on_delay_s: 2}\n"
    found = differences(rows(name), rows(name, site=site))
    [one] = [one for one in found if one.id == "position-unknown:5iO4"]
    assert one.change == "changed"
    assert "begin: was 2026-05-12 08:27:26.146 UTC, now 2026-05-12 08:27:28." in one.sentence.en


def test_a_changed_message_shows_the_order_the_piece_and_the_alarm() -> None:
    def passed(message: Message) -> Message:
        payload = message.payload.replace(b'"result":"FAILED"', b'"result":"PASSED"')
        return message._replace(payload=payload)

    found = differences(rows(NOK), rows(NOK, passed))
    assert ("life", "changed") in {(one.kind, one.change) for one in found}
    [life] = [one for one in found if one.kind == "life"]
    assert "no more:" in life.sentence.en
    assert "passed" in life.sentence.en

    def finished(message: Message) -> Message:
        if message.topic != "ccu/order/completed":
            return message
        return message._replace(payload=message.payload.replace(b'"ERROR"', b'"FINISHED"'))

    found = differences(rows(NOK), rows(NOK, finished))
    assert ("order", "changed", ORDER) in kinds(found)
    assert ("alarm", "missing", f"quality-failed:{ORDER}") in kinds(found)
    [order] = [one for one in found if one.id == ORDER]
    assert "state: was" in order.sentence.en


def test_an_order_that_is_not_listed_any_more_is_missing() -> None:
    def without(message: Message) -> Message | None:
        return None if message.topic.startswith("ccu/order/") else message

    found = differences(rows(NOK), rows(NOK, without))
    assert ("order", "missing", ORDER) in kinds(found)
    assert ("order", "new", ORDER) in kinds(differences(rows(NOK, without), rows(NOK)))


def test_another_calendar_shows_the_figures_that_would_be_different() -> None:
    pause = ShiftCalendar.parse(
        "zone: UTC\nshifts:\n"
        "- {name: early, begin: '06:00', breaks: [{begin: '09:40', end: '09:45'}]}\n"
    )
    found = differences(rows(NOK), rows(NOK, calendar=pause))
    assert found
    assert {one.kind for one in found} == {"figure"}


def test_each_difference_reads_in_every_language() -> None:
    site = "version: 1\nrules:\n  quality-failed: {enabled: false}\n"
    changed = [
        *differences(rows(NOK), rows(NOK, site=site)),
        *differences(rows(NOK), ()),
        *differences((), rows(NOK)),
    ]
    for one in changed:
        for language in LANGUAGES:
            assert one.sentence.in_(language)


def test_what_differs_after_a_trip_through_json_is_nothing() -> None:
    here = rows(NOK)
    back = [GoldenRow.model_validate_json(one.model_dump_json()) for one in here]
    assert differences(here, back) == ()


def test_a_gap_in_the_messages_is_no_error() -> None:
    begin = next(recording(NOK)).received_at

    def gap(message: Message) -> Message | None:
        return None if begin + 60 < message.received_at < begin + 200 else message

    assert {one.kind for one in rows(NOK, gap)} == {"order", "life", "alarm", "figure"}


def test_a_silence_of_a_day_is_judged_to_its_end() -> None:
    messages = list(recording(NOK))
    late = messages[-1]
    later = f"{int(late.id.split('-')[0]) + 30 * 3_600_000}-0"
    found = golden_rows([*messages, late._replace(id=later)], default_shifts())
    silent = [one.facts for one in found if one.facts.get("rule") == "device-silent"]
    assert silent
    assert all(20 < one["begin"] - late.received_at < 201 for one in silent)
