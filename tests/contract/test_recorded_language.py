"""The models against the real factory: every sample and every recorded message."""

import json
from collections import Counter
from typing import Any

import pytest

from omf.messages.drift import report as drift_report
from omf.messages.reading import Reading, parse
from omf.messages.writing import dump
from omf.topics import catalogue
from tests.support.damage import NOT_A_NUMBER, damaged, places, without
from tests.support.shared import RECORDINGS, recording, samples

RECORDED_MESSAGES = 14_753


def canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def test_every_sample_comes_back_as_it_was() -> None:
    for name, sample in samples().items():
        result = parse(sample["topic"], json.dumps(sample["payload"]).encode())
        assert isinstance(result, Reading), name
        assert canonical(json.loads(dump(result.payload))) == canonical(sample["payload"]), name


def test_the_catalogue_agrees_with_the_flags_of_the_samples() -> None:
    for name, sample in samples().items():
        entry = catalogue.of(sample["topic"])
        assert entry is not None, name
        if sample["retain"] is not None and entry.retain is not None:
            assert entry.retain is sample["retain"], name
        # A command is sent at QoS 0, 1 or 2 depending on who sends it (PROTOCOL B.1, F.21).
        if sample["qos"] is not None and not entry.command and entry.qos is not None:
            assert entry.qos == sample["qos"], name


@pytest.mark.parametrize("name", RECORDINGS)
def test_every_recorded_message_is_understood_to_the_last_field(name: str) -> None:
    found = drift_report(recording(name))
    assert not found.fields
    assert not found.topics
    assert not found.rejected


def test_no_recording_is_left_out() -> None:
    samples()
    assert sum(1 for name in RECORDINGS for _ in recording(name)) == RECORDED_MESSAGES


@pytest.mark.parametrize("name", RECORDINGS)
def test_each_rejection_is_listed_with_its_topic_and_its_reason(name: str) -> None:
    """As many of the recorded messages cut short as there are of each topic, and no other."""
    said = [m for m in recording(name) if isinstance(parse(m.topic, m.payload), Reading)]
    cut = [m._replace(payload=m.payload[:-1]) for m in said[::7]]
    found = drift_report([*said, *cut])
    listed: Counter[str] = Counter()
    for one in found.rejected:
        assert one.what.startswith("not_json: ")
        listed[one.topic] += one.count
    assert listed == Counter(m.topic for m in cut)


def test_any_one_damaged_value_of_a_sample_costs_nothing_else() -> None:
    for name, sample in samples().items():
        whole, topic = sample["payload"], sample["topic"]
        for place in places(whole):
            rest = parse(topic, without(whole, place))
            given = parse(topic, damaged(whole, place, NOT_A_NUMBER))
            if isinstance(rest, Reading) and isinstance(given, Reading):
                assert given.payload.model_dump() == rest.payload.model_dump(), (name, place)
                assert [one.where for one in given.misfits] == [".".join(map(str, place))]
            else:
                assert isinstance(whole, bool) or len(whole) == 1, (name, place)
