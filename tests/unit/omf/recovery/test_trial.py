"""What may free orders that stand still, tried in a simulation and told the best first."""

import re
from pathlib import Path
from typing import get_args

import pytest

from omf.commands import KINDS
from omf.recovery.remedies import TRAFFIC_CAUSES, remedies
from omf.recovery.trial import standstills
from omf.state.waiting import Wait
from omf.state.waiting_texts import ORDINARY, WaitCause
from omf.texts import verbatim
from tests.support.factory import DRILL, FTS, Factory
from tests.support.watched_mock import WatchedMock
from tests.unit.omf.state.test_deadlock import two_that_want_each_others_module

IDS = {"a": "3f1c", "b": "9a07"}
"""Of the two orders, as the guide calls them."""


def test_orders_in_a_deadlock_are_one_standstill_with_the_reset_as_what_helps() -> None:
    told = two_that_want_each_others_module()
    (found,) = standstills(told.state, told.now)
    assert found.orders == ("a", "b")
    reset = found.tried[0]
    assert [one.kind for one in reset.commands][:2] == ["factory-reset", "fts-dock"]
    assert reset.helps
    assert set(reset.lost) == {"a", "b"}
    assert "lost: Production Red a" in reset.told.en
    drive = found.tried[1]
    assert (drive.commands[0].kind, drive.fate) == ("fts-navigate", "stands")


def test_what_loses_nothing_comes_first() -> None:
    watched = WatchedMock()
    for kind in ("lost", "found"):
        watched.world.fault(kind, FTS)
        watched.run(4)
    watched.order("WHITE")
    (found,) = standstills(watched.state, watched.now)
    assert [one.fate for one in found.tried] == ["goes-on", "begun-anew"]
    assert [(one.kind, one.parameters) for one in found.tried[0].commands] == [
        ("fts-dock", {"serial": FTS})
    ]
    assert "nothing is lost" in found.tried[0].told.en


def test_a_device_that_does_nothing_does_nothing_in_the_simulation_either() -> None:
    watched = WatchedMock()
    watched.world.fault("deaf", DRILL)
    order = watched.order("WHITE")
    assert watched.run(300, lambda: _stuck(watched))
    (found,) = standstills(watched.state, watched.now)
    assert found.orders == (order.id,)
    assert not any(one.helps for one in found.tried)
    assert "DRILL does not do what it was told" in " ".join(one.en for one in found.assumed)


def test_traffic_and_a_calm_factory_are_no_standstill() -> None:
    watched = WatchedMock()
    assert standstills(watched.state, watched.now) == []
    for colour in ("RED", "WHITE", "BLUE"):
        watched.order(colour)
    watched.run(40)
    assert standstills(watched.state, watched.now) == []


@pytest.mark.parametrize("cause", get_args(WaitCause))
def test_every_remedy_is_a_known_command_with_parameters_it_takes(cause: WaitCause) -> None:
    told, words = Factory.known(), verbatim("")
    if cause in ORDINARY and cause not in TRAFFIC_CAUSES:
        return
    wait = Wait(
        cause,
        0.0,
        FTS if "vehicle" in cause else DRILL,
        "DRILL",
        None,
        None,
        ordinary=False,
        text=words,
        action=words,
    )
    for commands in remedies(told.state, wait):
        for one in commands:
            kind = KINDS[one.kind]
            word = {"confirm": kind.typed_word.en} if kind.typed_word else {}
            assert kind.parameters.model_validate(one.parameters | word)


def _stuck(watched: WatchedMock) -> bool:
    orders = watched.state.orders.values()
    return any(wait and wait.cause == "module-idle" for wait in map(watched.wait_of, orders))


@pytest.mark.parametrize("language", ["de", "en", "fr"])
def test_the_guide_shows_the_texts_of_a_deadlock_as_they_are(language: str) -> None:
    told = two_that_want_each_others_module()
    told.wait(25)
    alarms = [one for one in told.state.alarms(told.now) if one.rule == "order-deadlock"]
    (found,) = standstills(told.state, told.now)
    best = re.sub(r"\d+ s\b", "213 s", found.tried[0].told.in_(language).rstrip("."))
    guide = Path(__file__).parents[4] / "docs" / f"operator-guide.{language}.md"
    words = " ".join(guide.read_text("utf-8").split())
    for said in (alarms[0].text.in_(language), best):
        named = re.sub(r"(Rot|Red|Rouge) ([ab])\b", lambda one: f"{one[1]} {IDS[one[2]]}", said)
        assert named.replace("\u00a0", " ").replace("\u202f", " ") in words
