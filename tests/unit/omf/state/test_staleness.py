"""One rule on silence: alarm, figure, `omf state` and pages say the same at the same second."""

from collections.abc import Callable
from uuid import uuid4

import pytest

from omf import constants
from omf.alarms.changes import carry_out, observe
from omf.alarms.life import AlarmAct
from omf.alarms.lifecycle import AlarmEvent
from omf.commands import prepare
from omf.state.device_names import device_name
from omf.state.staleness import oldest_word, stale
from services.orders.metrics import factory_metrics
from services.ui.live import connection_health
from services.ui.live.model import ViewModel
from services.ui.translator import Translator
from services.ui.views.device_status import module_rows, status_of, vehicle_rows
from tests.support.factory import DRILL, FTS, HBW, Factory, known_factory, paired
from tests.support.factory import NOW as KNOWN_AT

AROUND_S = 4
SAY = Translator("en")


def _module(told: Factory) -> None:
    told.online(DRILL)


def _module_by_its_state(told: Factory) -> None:
    told.online(DRILL)
    told.wait(30)
    told.say("module_state", {"serialNumber": DRILL, "loads": []}, serial=DRILL)


def _module_retained(told: Factory) -> None:
    told.online(DRILL, retain=True)


def _vehicle(told: Factory) -> None:
    told.online(FTS)
    told.vehicle("1")


def _model(told: Factory) -> ViewModel:
    return ViewModel("live", factory=told.state, now=told.now)


def _judged_by_owner(told: Factory) -> None:
    """As the owner of the alarms leaves it each second."""
    found = told.state.found_alarms(told.now)
    told.state.lives, _ = observe(told.state.lives or {}, found, told.now)


def _figure(told: Factory, name: str, serial: str) -> float:
    found = factory_metrics(told.state, told.now)
    (family,) = (one for one in found if one.name == f"omf_factory_{name}")
    (sample,) = (one for one in family.samples if one.labels["serial"] == serial)
    return float(sample.value)


@pytest.mark.parametrize(
    ("say", "serial", "limit_s"),
    [
        (_module, DRILL, constants.MODULE_SILENCE_S),
        (_module_by_its_state, DRILL, constants.MODULE_SILENCE_S),
        (_module_retained, DRILL, constants.MODULE_SILENCE_S),
        (_vehicle, FTS, constants.VEHICLE_SILENCE_S),
    ],
)
def test_all_doors_agree_in_every_second_around_the_limit(
    say: Callable[[Factory], None], serial: str, limit_s: float
) -> None:
    told = Factory()
    say(told)
    heard = told.now
    for second in range(int(limit_s) - AROUND_S, int(limit_s) + AROUND_S + 1):
        told.now = heard + second
        silent = second > limit_s
        device = told.state.vehicles.get(serial) or told.state.modules[serial]
        model, view = _model(told), told.state.view(told.now)
        rows = {row["id"]: row for row in (*module_rows(model, SAY), *vehicle_rows(model, SAY))}
        doors = {
            "rule": stale(device, told.now),
            "alarm": f"device-silent:{serial}" in told.alarms(),
            "state": (view["vehicles"] | view["modules"])[serial]["stale"],
            "figure": _figure(told, "device_silent", serial) == 1,
            "table": rows[serial]["old"],
            "word": rows[serial]["connection"] == "silent",
            "page": status_of(device, model, SAY).old,
        }
        assert set(doors.values()) == {silent}, (second, doors)


@pytest.mark.parametrize(
    ("say", "serial", "limit_s"),
    [
        (_module, DRILL, constants.MODULE_SILENCE_S),
        (_vehicle, FTS, constants.VEHICLE_SILENCE_S),
    ],
)
def test_they_agree_although_the_owner_of_the_alarms_looked_a_second_ago(
    say: Callable[[Factory], None], serial: str, limit_s: float
) -> None:
    told = Factory()
    say(told)
    heard, alarm = told.now, f"device-silent:{serial}"
    for second in range(int(limit_s) - 1, int(limit_s) + 3):
        told.now = heard + second
        view = told.state.view(told.now)
        doors = {
            "state": (view["vehicles"] | view["modules"])[serial]["stale"],
            "alarm": alarm in told.alarms(),
            "alarm of the state": alarm in {one["id"] for one in view["alarms"]},
            "figure": _figure(told, "device_silent", serial) == 1,
        }
        assert set(doors.values()) == {second > limit_s}, (second, doors)
        _judged_by_owner(told)
    say(told)
    assert told.state.view(told.now)["alarms"] == []


def test_what_a_person_hid_is_told_with_its_state_and_asks_for_nothing() -> None:
    told = Factory()
    _module(told)
    told.wait(41)
    _judged_by_owner(told)
    alarm, act = f"device-silent:{DRILL}", AlarmAct(told.now, "anna", "repair", told.now + 900)
    told.state.lives, _ = carry_out(told.state.lives or {}, alarm, AlarmEvent.SHELVED, act)
    told.wait(1)
    assert alarm not in told.alarms()
    (shown,) = told.state.view(told.now)["alarms"]
    assert (shown["id"], shown["state"]) == (alarm, "shelved")


def test_the_doors_agree_on_the_ccu_in_every_second_around_the_limit() -> None:
    told = Factory().say("ccu_pairing_state", {"modules": [], "transports": []})
    heard = told.now
    for second in range(50, 71):
        told.now = heard + second
        doors = {"ccu-silent:ccu" in told.alarms(), connection_health.unheard(_model(told))}
        assert doors == {second > constants.CCU_SILENCE_S}


def test_a_silent_module_is_not_called_connected_and_ready() -> None:
    told = Factory()
    _module(told)
    told.say("ccu_pairing_state", {"modules": [paired(DRILL, "DRILL")]})
    told.wait(41)
    (row,) = module_rows(_model(told), SAY)
    assert (row["connection"], row["link"], row["old"]) == ("silent", "silent", True)
    condition = status_of(told.state.modules[DRILL], _model(told), SAY)
    assert (condition.word, condition.down) == ("silent", True)


def test_with_node_red_gone_every_door_calls_the_modules_silent_at_once() -> None:
    told = Factory()
    _module(told)
    told.say("nodered_status", {"connectionState": "OFFLINE"})
    (row,) = module_rows(_model(told), SAY)
    assert (row["old"], row["link"]) == (True, "silent")
    assert told.state.view(told.now)["modules"][DRILL]["stale"] is True
    assert _figure(told, "device_silent", DRILL) == 1
    assert list(told.alarms()) == ["bridge-down:nodered"]


def test_a_clock_that_is_set_back_hides_nobody_who_is_silent() -> None:
    told = Factory()
    _module(told)
    told.online(HBW)
    for _ in range(6):
        told.wait(9)
        told.online(HBW)
    told.now -= 3600
    view = told.state.view(told.now)["modules"]
    assert (view[DRILL]["stale"], view[HBW]["stale"]) == (True, False)
    assert view[DRILL]["age_s"] == pytest.approx(61, abs=1)
    assert list(told.alarms()) == [f"device-silent:{DRILL}"]
    assert _figure(told, "device_silent", DRILL) == 1
    assert _figure(told, "device_age_seconds", DRILL) == pytest.approx(61, abs=1)
    rows = {row["id"]: row for row in module_rows(_model(told), SAY)}
    assert (rows[DRILL]["old"], rows[HBW]["old"]) == (True, False)
    assert rows[DRILL]["age"] == "61 s"


def test_a_module_that_signed_off_is_gone_and_not_silent() -> None:
    told = Factory().online(DRILL, "OFFLINE")
    told.wait(500)
    assert list(told.alarms()) == [f"connection-lost:{DRILL}"]
    assert told.state.view(told.now)["modules"][DRILL]["stale"] is False


def test_without_node_red_only_vehicles_make_the_ccu_speak() -> None:
    told = Factory().say("ccu_pairing_state", {"modules": [], "transports": []})
    told.say("nodered_status", {"connectionState": "OFFLINE"})
    told.wait(150)
    assert list(told.alarms()) == ["bridge-down:nodered"]
    told.wait(60)
    assert "ccu-silent:ccu" in told.alarms()


@pytest.mark.parametrize(
    ("kind", "given", "serial", "limit_s"),
    [
        ("module-step", {"serial": DRILL, "command": "PICK", "colour": "RED"}, DRILL, 40),
        ("fts-navigate", {"serial": FTS, "target": "HBW"}, FTS, 200),
    ],
)
def test_no_command_goes_to_a_device_that_is_silent_while_others_speak(
    kind: str, given: dict[str, str], serial: str, limit_s: int
) -> None:
    told = Factory.known()
    for second in range(0, limit_s + 4, 2):
        now = KNOWN_AT + second
        told.orders(ago=-second)
        plan = prepare(kind, given, told.state, now=now, new_id=lambda: str(uuid4()))
        refused = {check.id: check for check in plan.refusals}
        assert ("device-heard" in refused) is (second > limit_s)
    check = refused["device-heard"]
    assert (check.basis, device_name(told.state, serial).en in check.en) == ("prudence", True)


def test_a_reset_may_go_to_the_silent_and_a_replay_that_stands_still_silences_nobody() -> None:
    state = known_factory()
    later, new_id = KNOWN_AT + 3600, lambda: str(uuid4())
    reset = prepare("fts-reset", {"serial": FTS}, state, now=later, new_id=new_id)
    assert "device-heard" not in {check.id for check in reset.refusals}
    given = {"serial": FTS, "target": "HBW"}
    plan = prepare("fts-navigate", given, state, now=later, new_id=new_id, judged_at=KNOWN_AT)
    assert "device-heard" not in {check.id for check in plan.refusals}


def test_of_who_is_late_the_oldest_word_is_told_before_that_of_an_idle_vehicle() -> None:
    told = Factory()
    assert oldest_word(told.state, told.now) is None
    told.vehicle(DRILL)
    told.wait(100)
    told.online(HBW)
    told.online(DRILL)
    found = oldest_word(told.state, told.now)
    assert found is not None
    assert (found.subject, found.silent) == (FTS, False)
    told.wait(50)
    told.online(HBW)
    found = oldest_word(told.state, told.now)
    assert found is not None
    assert (found.subject, found.silent) == (DRILL, True)
    told.online(DRILL, "OFFLINE")
    found = oldest_word(told.state, told.now)
    assert found is not None
    assert (found.subject, found.silent) == (FTS, False)
