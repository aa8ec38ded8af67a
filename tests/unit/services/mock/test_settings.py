"""What a simulation is told from outside is read, checked and explained."""

import pytest
from pydantic import ValidationError

from services.mock.fault_injection import FAULT_KINDS, InjectedFault
from services.mock.process import build
from services.mock.settings import MockSettings


def settings(monkeypatch, **env):
    for name, value in env.items():
        monkeypatch.setenv(f"OMF_MOCK_{name}", value)
    return MockSettings()


def test_the_environment_is_read(monkeypatch):
    told = settings(
        monkeypatch,
        SPEED="2.5",
        PARTS="ccu,modules",
        VEHICLES="2",
        STOCK="red=3,BLUE=1",
        SEED="7",
        FAULTS="fatal:MILL@30,nok@5",
    )
    assert (told.mock_speed, told.mock_parts, told.mock_vehicles) == (2.5, ("ccu", "modules"), 2)
    assert (told.mock_stock, told.mock_seed) == ({"RED": 3, "BLUE": 1}, 7)
    assert told.mock_faults == ("fatal:MILL@30", "nok@5")


@pytest.mark.parametrize(
    ("name", "value", "mend"),
    [
        ("PARTS", "ccu,robots", "use any of ccu, modules, vehicles, sensors"),
        ("STOCK", "GREEN=1", "COLOUR=COUNT"),
        ("STOCK", "RED=10", "9 bays"),
        ("STOCK", "RED", "mock_stock"),
        ("SPEED", "0", "greater than or equal to 0.1"),
        ("SPEED", "1000", "less than or equal to 100"),
        ("VEHICLES", "21", "less than or equal to 20"),
        ("FAULTS", "explode@3", "use one of fatal"),
        ("FAULTS", "nok@soon", "KIND[:TARGET]@SECONDS"),
    ],
)
def test_a_wrong_setting_is_refused_with_the_mend(monkeypatch, name, value, mend):
    with pytest.raises(ValidationError) as refused:
        settings(monkeypatch, **{name: value})
    assert mend in str(refused.value)


def test_a_process_with_a_wrong_setting_names_it_and_ends(monkeypatch, capsys):
    monkeypatch.setenv("OMF_MOCK_SPEED", "1000")
    with pytest.raises(SystemExit) as ended:
        MockSettings.read()
    assert ended.value.code == 2
    told = capsys.readouterr().err
    assert told == (
        "OMF_MOCK_SPEED: must be 100.0 at most (from 0.1 to 100.0); "
        "mend it or leave it out, then it is 10.0\n"
    )


def test_parts_are_built_alone_or_together(monkeypatch):
    told = settings(monkeypatch, VEHICLES="3")
    names = {machine.name for machine in build(told)}
    assert names == {
        *("ccu", "nodered", "txt-dps", "txt-aiqs", "txt-sensors", "arduino"),
        *("fts-5iO4", "fts-leJ4", "fts-mk03"),
    }
    alone = told.model_copy(update={"mock_parts": ("vehicles",)})
    assert len(build(alone)) == 3


@pytest.mark.parametrize("kind", FAULT_KINDS)
def test_every_fault_is_read(kind):
    assert InjectedFault.parse(f"{kind}:DPS@2.5") == InjectedFault(kind, "DPS", 2.5)
    assert InjectedFault.parse(kind) == InjectedFault(kind, "", 0.0)
