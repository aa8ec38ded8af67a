"""Saved and brought back at any moment, the state goes on as if nothing had happened."""

import json
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omf.messages.message import Message
from omf.state import FactoryState
from tests.support.factory import DRILL, Factory, order
from tests.support.mutation import mutate
from tests.support.shared import RECORDINGS, recording, shared_path


def fold(state: FactoryState, rest: list[Message]) -> FactoryState:
    for message in rest:
        state.apply(message, message.received_at)
    return state


def through_json(state: FactoryState) -> FactoryState:
    return FactoryState.restore(json.loads(json.dumps(state.snapshot(), allow_nan=False)))


def test_an_empty_state_comes_back_empty() -> None:
    assert through_json(FactoryState()) == FactoryState()


def test_a_topic_no_broker_would_deliver_survives_a_snapshot_or_is_only_counted() -> None:
    state = FactoryState()
    for topic in ("", "/", "#", "\0", "\ud800", "$SYS/x", "🏭", "a/" * 30_000):
        state.apply(Message(topic, b"{}", "1-0"), 1.0)
    assert through_json(state) == state
    assert (state.total, state.traffic.overflow) == (8, 2)


def test_a_snapshot_of_another_version_or_shape_is_refused() -> None:
    saved = FactoryState().snapshot()
    for wrong in ({}, saved | {"version": 0}, saved | {"modules": 5}):
        with pytest.raises(ValueError, match=r"version|modules"):
            FactoryState.restore(wrong)


def test_a_restored_state_shares_nothing_with_its_origin() -> None:
    told = Factory().online(DRILL)
    copy = FactoryState.restore(told.state.snapshot())
    told.module(DRILL, "DRILL")
    told.orders(order("a"))
    assert copy.modules[DRILL].action is None
    assert copy.orders == {}


@pytest.mark.parametrize("name", RECORDINGS)
@settings(max_examples=3, deadline=None)
@given(cut=st.floats(0, 1), again=st.floats(0, 1))
def test_cut_anywhere_and_restored_the_rest_leads_to_the_same_end(
    name: str, cut: float, again: float
) -> None:
    messages = list(recording(name))
    first, second = sorted((int(cut * len(messages)), int(again * len(messages))))
    state = through_json(fold(FactoryState(), messages[:first]))
    state = through_json(fold(state, messages[first:second]))
    state = fold(state, messages[second:])
    whole = fold(FactoryState(), messages)
    assert state == whole
    assert state.snapshot() == whole.snapshot()
    assert state.view(2e9) == whole.view(2e9)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(), cut=st.integers(0, 400))
def test_it_holds_for_damaged_messages_too(seed: int, cut: int) -> None:
    shared_path("recordings")
    random = Random(seed)  # noqa: S311 - seeded, so that a failure can be repeated
    messages = list(recording("orbis-fulltopics-baseline_20260409_082701"))[:400]
    damaged = [m._replace(payload=mutate(random, m.payload)) for m in messages]
    state = fold(through_json(fold(FactoryState(), damaged[:cut])), damaged[cut:])
    assert state.snapshot() == fold(FactoryState(), damaged).snapshot()


def test_the_same_messages_in_the_same_order_give_the_same_state() -> None:
    for name in RECORDINGS[:2]:
        one, other = (fold(FactoryState(), list(recording(name))) for _ in range(2))
        assert json.dumps(one.snapshot()) == json.dumps(other.snapshot())
