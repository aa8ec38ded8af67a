"""What a reset and a start of the CCU bring with them is no alarm of its own (PROTOCOL D.5, H)."""

import pytest

from tests.support import mock_world
from tests.support.factory import DRILL, FTS, MILL, Factory, paired
from tests.support.kept_alarms import KeptAlarms
from tests.support.watched_mock import WatchedMock

STEP_S = 0.2


def looked(one: WatchedMock, kept: KeptAlarms, seconds: float) -> None:
    """As closely as the owner of the alarms looks."""
    for _ in range(round(seconds / STEP_S)):
        one.run(STEP_S)
        kept.look(one.state, one.now)


def reset(one: WatchedMock) -> None:
    told = {"timestamp": mock_world.STAMP, "withStorage": False}
    mock_world.say(one.world, "ccu_set_reset", told, STEP_S)


def pairing(factory: Factory, serial: str = MILL, **told: object) -> None:
    factory.say("ccu_pairing_state", {"modules": [paired(serial, "MILL", **told)]})


@pytest.mark.parametrize("serial", [MILL, DRILL])
def test_what_the_ccu_says_of_a_connection_counts_from_when_it_said_so(serial: str) -> None:
    told = Factory().online(serial)
    pairing(told, serial, connected=True)
    told.wait(30)
    pairing(told, serial, connected=False)
    said = told.now
    told.wait(4.9)
    assert told.alarms() == {}
    told.wait(0.3)
    assert told.alarms() == {f"connection-lost:{serial}": said}
    pairing(told, serial, connected=False)
    assert told.alarms() == {f"connection-lost:{serial}": said}
    pairing(told, serial, connected=True)
    assert told.alarms() == {}


def test_the_same_of_a_vehicle() -> None:
    told = Factory().online(FTS).vehicle("1")
    told.say("ccu_pairing_state", {"transports": [{"serialNumber": FTS, "connected": True}]})
    told.wait(30)
    told.say("ccu_pairing_state", {"transports": [{"serialNumber": FTS, "connected": False}]})
    said = told.now
    told.wait(4.9)
    assert told.alarms() == {}
    told.wait(0.3)
    assert told.alarms() == {f"connection-lost:{FTS}": said}


def test_a_ccu_that_starts_is_one_alarm_however_closely_one_looks() -> None:
    one, kept = WatchedMock(1), KeptAlarms()
    looked(one, kept, 20)
    one.order("WHITE")
    looked(one, kept, 20)
    one.world.fault("ccu-restart", "")
    looked(one, kept, 100)
    assert {entry.alarm for entry in kept.announced} == {"ccu-restarted:ccu"}


def test_a_reset_leaves_nothing_to_be_seen_but_the_vehicle_that_has_to_dock() -> None:
    one, kept = WatchedMock(1), KeptAlarms()
    looked(one, kept, 20)
    reset(one)
    looked(one, kept, 60)
    assert {entry.alarm for entry in kept.announced} == {f"position-unknown:{FTS}"}


def test_node_red_that_stays_away_after_a_reset_is_an_alarm() -> None:
    told = Factory().say("nodered_status", {"connectionState": "ONLINE"})
    told.say("ccu_set_reset", {"timestamp": "2026-08-07T09:00:00.000Z"}).wait(5)
    told.say("nodered_status", {"connectionState": "OFFLINE"})
    gone = told.now
    told.wait(14 - 5)
    assert told.alarms() == {}
    told.wait(3)
    assert told.alarms() == {"bridge-down:nodered": gone}


def test_node_red_that_was_away_before_a_reset_stays_an_alarm() -> None:
    told = Factory().say("nodered_status", {"connectionState": "ONLINE"})
    told.say("nodered_status", {"connectionState": "OFFLINE"}).wait(5)
    told.say("ccu_set_reset", {"timestamp": "2026-08-07T09:00:00.000Z"}).wait(1)
    assert list(told.alarms()) == ["bridge-down:nodered"]


def test_a_module_is_blocked_only_once_nothing_has_explained_it_for_a_while() -> None:
    """1. A fatal error blocks it for minutes, 2. the reset clears it, 3. the CCU frees it."""
    told, kept = Factory().online(DRILL), KeptAlarms()
    fatal = {"errorType": "PICK_failed", "errorLevel": "FATAL"}
    told.module(DRILL, errors=[fatal])
    for _ in range(10):
        pairing(told, DRILL, available="BLOCKED")
        told.module(DRILL, errors=[fatal]).online(DRILL).wait(10)
        kept.look(told.state, told.now)
    told.module(DRILL)
    for _ in range(5):
        told.wait(10)
        kept.look(told.state, told.now)
        pairing(told, DRILL, available="BLOCKED")
        told.online(DRILL)
    assert {entry.alarm for entry in kept.announced} == {f"device-fatal:{DRILL}"}
    told.wait(12)
    kept.look(told.state, told.now)
    assert kept.first(f"device-blocked:{DRILL}") is not None
