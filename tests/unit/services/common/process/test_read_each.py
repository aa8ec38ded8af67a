"""Which factories a process is told to serve, and the settings that are each one's own."""

from pathlib import Path

import pytest

from services.common.process.exit_codes import ExitCode
from services.common.process.settings import ServiceSettings, shared_broker

SITE = """\
factories:
- {name: hall-1, kind: mock, broker: "mqtt://127.0.0.1:1001"}
- {name: hall-2, kind: mock, broker: "mqtt://127.0.0.1:1002"}
- {name: hall-3, kind: mock}
"""


@pytest.fixture(autouse=True)
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "factories.yaml"
    path.write_text(SITE)
    monkeypatch.setenv("OMF_FACTORIES", str(path))


def read(monkeypatch: pytest.MonkeyPatch, **told: str) -> list[ServiceSettings]:
    for name, value in told.items():
        monkeypatch.setenv(f"OMF_{name}", value)
    return ServiceSettings.read_each()


@pytest.mark.parametrize(
    ("told", "wanted"),
    [
        ("hall-2", ["hall-2"]),
        ("hall-2,hall-1", ["hall-2", "hall-1"]),
        ("hall-1, hall-1 ,hall-2,", ["hall-1", "hall-2"]),
        ("*", ["hall-1", "hall-2", "hall-3"]),
    ],
)
def test_one_several_or_all(monkeypatch: pytest.MonkeyPatch, told: str, wanted: list[str]) -> None:
    assert [one.environment for one in read(monkeypatch, ENVIRONMENT=told)] == wanted


def test_what_is_named_for_a_factory_goes_before_what_is_named_for_all(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "hall-2").mkdir()
    (tmp_path / "omf_store_password").write_text("of-all-of-them-0123456789")
    (tmp_path / "hall-2" / "omf_store_password").write_text("of-hall-2-alone-0123456789")
    one, two = read(
        monkeypatch,
        ENVIRONMENT="hall-1,hall-2",
        STORE_URL="redis://all@127.0.0.1/0",
        HALL_2_STORE_URL="redis://two@127.0.0.1/0",
        SECRETS=str(tmp_path),
    )
    assert one.store_address == "redis://all:of-all-of-them-0123456789@127.0.0.1/0"
    assert two.store_address == "redis://two:of-hall-2-alone-0123456789@127.0.0.1/0"
    assert (one.mqtt_url, two.mqtt_url) == ("mqtt://127.0.0.1:1001", "mqtt://127.0.0.1:1002")


def test_two_factories_with_one_broker_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    assert shared_broker(read(monkeypatch, ENVIRONMENT="*")) == ""
    each = read(monkeypatch, ENVIRONMENT="*", MQTT_URL="mqtt://127.0.0.1:9")
    told = shared_broker(each)
    assert told.startswith("hall-1 and hall-2 have one broker")
    assert "OMF_HALL_2_MQTT_URL" in told


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"ENVIRONMENT": "hall-1,moon"}, "moon: OMF_ENVIRONMENT"),
        ({"ENVIRONMENT": "hall-1,hall-2", "HALL_2_METRICS_PORT": "x"}, "hall-2: OMF_METRICS_PORT"),
    ],
)
def test_a_fault_names_the_factory(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    told: dict[str, str],
    said: str,
) -> None:
    with pytest.raises(SystemExit) as ended:
        read(monkeypatch, **told)
    assert ended.value.code == ExitCode.BAD_SETTINGS
    assert said in capsys.readouterr().err
