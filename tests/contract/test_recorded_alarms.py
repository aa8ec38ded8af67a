"""The alarm rules against the real factory: what was wrong is found, and nothing else is."""

import pytest

from omf.alarms.kpis import figures
from omf.state import FactoryState
from tests.support.kept_alarms import KeptAlarms
from tests.support.shared import RECORDINGS, recording

FOUND: dict[str, set[str]] = {
    "orbis-fulltopics-baseline_20260409_082701": {
        "position-unknown:leJ4",
        "position-unknown:5iO4",
        "danger:gas/mq2-1",
        "quality-failed:71b6399b-49c4-406e-afcd-ddec5f238fc5",
    },
    "ml-wrb-red-nok_20260807_130729": {"quality-failed:ea62a9ff-6ff5-4b5e-b167-3009962806f3"},
    "white-storage-production-nok_20260807_114322": {
        "quality-failed:621db0f2-c564-4d79-94cc-a4c60206f027"
    },
    "production-wr-agv2-b-agv1-clean_20260513_135600": {
        "collision:5iO4",
        "quality-failed:fb8c7bff-2720-49ff-8ef6-22653fb62e92",
    },
    "startup-clean_20260512_102831": {"position-unknown:leJ4", "position-unknown:5iO4"},
    "synthetic-arduino-sensors_20260508_091000": {"danger:gas/mq2-1", "danger:flame/flame-1"},
}
"""By recording; the others ran without a fault (their errors are warnings that clear)."""


@pytest.mark.parametrize("name", RECORDINGS)
def test_a_recording_raises_exactly_the_alarms_of_what_happened_in_it(name: str) -> None:
    state = FactoryState()
    raised: set[str] = set()
    for message in recording(name):
        state.apply(message, message.received_at)
        raised |= {alarm.id for alarm in state.alarms(message.received_at)}
    assert raised == FOUND.get(name, set())


@pytest.mark.parametrize("name", RECORDINGS)
def test_after_the_end_of_a_recording_every_source_becomes_silent(name: str) -> None:
    state = FactoryState()
    for message in recording(name):
        state.apply(message, message.received_at)
    later = (state.last_received or 0.0) + 600
    silent = {alarm.subject for alarm in state.alarms(later) if alarm.rule == "device-silent"}
    online = {serial for serial, one in state.modules.items() if one.connection == "ONLINE"}
    assert silent == online | set(state.vehicles)


@pytest.mark.parametrize("name", RECORDINGS)
def test_a_healthy_production_day_asks_for_people_at_most_once_in_ten_minutes(name: str) -> None:
    state, kept = FactoryState(), KeptAlarms()
    began = judged = float("-inf")
    for message in recording(name):
        began = message.received_at if began == float("-inf") else began
        while judged < message.received_at - 1:
            judged = max(judged + 1, state.last_received or message.received_at - 1)
            kept.look(state, judged)
        state.apply(message, message.received_at)
        kept.look(state, message.received_at)
        judged = message.received_at
    real = FOUND.get(name, set())
    false = [entry for entry in kept.announced if entry.alarm not in real]
    found = figures(false, {}, since=began, until=judged + 1)
    assert found.most_in_ten_minutes <= 1, false
    assert found.floods == 0
    assert {entry.alarm for entry in kept.announced} >= real
