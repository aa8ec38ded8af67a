"""Why is it as it is: facts only, each with messages that are there, in every language."""

from functools import cache

import pytest

from omf.analysis.account import FactAccount, account_of
from omf.messages.message import Message
from omf.payload_shapes.shape import DriftKind, ShapeDrift
from omf.state import FactoryState
from omf.texts import LANGUAGES
from omf.workpieces.collect import collect
from tests.support.factory import DRILL, FTS, Factory
from tests.support.folds import every_recording
from tests.support.shared import recording

SESSION, RED = "ml-wrb-red-nok_20260807_130729", "be88d734ab51c7"


@cache
def folded(name: str) -> tuple[FactoryState, list[Message]]:
    state, messages = FactoryState(), list(recording(name))
    for message in messages:
        state.apply(message, message.received_at)
    return state, messages


def english(found: FactAccount | None) -> list[str]:
    assert found is not None
    return [one.text.en for one in found.clauses]


def about(name: str, wanted: str, later_s: float = 0.0) -> FactAccount | None:
    state, messages = folded(name)
    return account_of(state, wanted, messages[-1].received_at + later_s)


@every_recording
def test_every_clause_rests_on_messages_that_were_said(name: str) -> None:
    state, messages = folded(name)
    now = messages[-1].received_at
    ids = {message.id for message in messages}
    alarms = [alarm.id for alarm in state.found_alarms(now)]
    lives = collect(messages).lives
    named = (life.id for life in lives)
    for wanted in (*state.orders, *state.modules, *state.vehicles, *alarms, *named):
        found = account_of(state, wanted, now, lives)
        assert found is not None
        assert found.clauses
        for one in found.clauses:
            assert set(one.evidence) <= ids
            assert one.evidence or one.subject
            assert all(one.text.in_(language) for language in LANGUAGES)


def test_a_piece_that_failed_its_check_and_was_not_ordered_again() -> None:
    said = english(about(SESSION, RED))
    assert said[0] == "came in at the DPS"
    assert "vehicle drives HBW → MILL: took 121 s, usual are 14 s" in said
    assert "AIQS checked it: not passed" in said
    assert said[-1] == "as far as is known nobody ordered Red again"


def test_a_piece_that_was_ordered_again() -> None:
    state, messages = folded(SESSION)
    again = FactoryState.restore(state.snapshot())
    [life] = [one for one in again.workpieces.ended if one.tag == RED]
    order = next(one for one in again.orders.values() if one.id == life.orders[1].order_id)
    order.first_seen = (life.ended_at or 0.0) + 1
    said = english(account_of(again, RED, messages[-1].received_at))
    assert said[-1] == "it was ordered again, order ea62a9ff"


def test_an_order_says_what_it_waits_for_now() -> None:
    found = about(SESSION, "6c672ec4-413e-4501-a21a-a68facfe791a")
    assert found is not None
    assert found.name.en == "Production Blue 6c672ec4"
    assert english(found)[-1] == "Production Blue 6c672ec4 waits for FTS 5iO4: it is on its way"
    assert found.clauses[-1].subject == "5iO4"


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ("CHRG0", "never said anything; how it is is unknown"),
        ("SVR3QA2098", "holds Blue 08148f9f8c5d47"),
        (FTS, "stands at DPS"),
    ],
)
def test_devices(wanted: str, said: str) -> None:
    assert said in english(about(SESSION, wanted))


def test_a_silence_is_said_and_what_was_since_is_unknown() -> None:
    said = english(about(SESSION, "SVR3QA2098", 600))
    assert said[0].startswith("has been silent for 6")
    assert said[0].endswith("what was since is unknown")


def test_a_device_that_failed_says_so() -> None:
    factory = Factory().module(DRILL, "DRILL", "FAILED")
    said = english(account_of(factory.state, DRILL, factory.now))
    assert any("could not drill" in one for one in said)


def test_what_nobody_knows_has_no_account() -> None:
    assert account_of(FactoryState(), "nobody", 0.0) is None
    assert about(SESSION, "") is None


def test_a_drift_is_told_field_by_field_with_its_message() -> None:
    state = Factory().state
    where = "fts/v1/ff/+/state", "fts_state", DriftKind.TYPE, "batteryState.percentage"
    drift = ShapeDrift(*where, "number", "text", "fts/v1/ff/5iO4/state", "17-0", 5.0)
    state.payload_drifts = (drift,)
    found = account_of(state, f"payload-drift:{where[0]}", 10.0)
    assert found is not None
    [told] = [one for one in found.clauses if one.evidence]
    assert told.text.en == "batteryState.percentage: another type, number → text"
    assert (told.evidence, told.at) == (("17-0",), 5.0)
