"""What was ever sent to the factory, our builders write field by field."""

import json
import uuid
from collections import Counter

import pytest

from omf.commands import prepare
from tests.support.recorded_commands import (
    NOW,
    RECORDINGS,
    Wish,
    recorded_wishes,
    sampled_wishes,
    without_fresh,
)


def _assert_rebuilt(wish: Wish) -> None:
    plan = prepare(
        wish.kind, wish.parameters, wish.state, now=NOW, new_id=lambda: str(uuid.uuid4())
    )
    step = plan.steps[0]
    body = json.loads(step.payload)
    assert step.topic == wish.topic
    assert without_fresh(body) == without_fresh(wish.body)
    assert len(plan.steps) == 1
    if isinstance(body, dict) and "requestId" not in body:
        assert set(body) == set(wish.body)


@pytest.mark.parametrize("name", RECORDINGS)
def test_every_recorded_command_is_rebuilt_field_by_field(name: str) -> None:
    seen = set()
    for wish in recorded_wishes(name):
        key = json.dumps([wish.kind, wish.topic, without_fresh(wish.body)], sort_keys=True)
        if key not in seen:
            seen.add(key)
            _assert_rebuilt(wish)


def test_every_sampled_command_is_rebuilt_field_by_field() -> None:
    kinds = Counter()
    for wish in sampled_wishes():
        _assert_rebuilt(wish)
        kinds[wish.kind] += 1
    assert {"calibration", "stop-charging", "charge", "camera-stream", "cloud-order"} <= set(kinds)


def test_the_recordings_hold_commands_of_sixteen_kinds() -> None:
    kinds = {wish.kind for name in RECORDINGS for wish in recorded_wishes(name)}
    if RECORDINGS:
        assert kinds == {
            "production-order",
            "storage-order",
            "factory-reset",
            "charge",
            "fts-navigate",
            "clear-load-handler",
            "fts-dock",
            "fts-reset",
            "fts-factsheet",
            "module-step",
            "storage-drop",
            "storage-pick",
            "delivery-drop",
            "delivery-pick",
            "module-reset",
            "status-led",
        }
