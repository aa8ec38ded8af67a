"""A setting that does not fit is told by its variable: what is wrong, and how to mend it."""

from contextlib import suppress

import pytest

from services.api.settings import ApiSettings
from services.common.process.settings import ServiceSettings
from services.historian.settings import HistorianSettings
from services.ingest.settings import IngestSettings
from services.mock.settings import MockSettings
from services.orders.settings import OrdersSettings
from services.replay.settings import ReplaySettings
from services.ui.settings import UiSettings

EVERY = (
    ApiSettings,
    ServiceSettings,
    HistorianSettings,
    IngestSettings,
    MockSettings,
    OrdersSettings,
    ReplaySettings,
    UiSettings,
)
WRONG = {
    "METRICS_PORT": "abc",
    "ENVIRONMENT": "moon",
    "ENVIRONMENTS": "mock,moon",
    "STORE_CA_FILE": "/is/not/there",
    "SECRETS": "/is/not/there",
    "UNPROTECTED": "perhaps",
    "STORE_URL": "store",
    "MQTT_URL": "mqtt://broker.example:1883",
    "STORE_PASSWORD": "short",
}
FOREIGN = ("Input should", "Value error", "validation error", "pydantic", "valid integer", "Path ")


@pytest.mark.parametrize("model", EVERY)
@pytest.mark.parametrize("variable", WRONG)
def test_no_word_of_the_validator_reaches_who_sets_a_variable(
    model: type[ServiceSettings],
    variable: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(f"OMF_{variable}", WRONG[variable])
    with suppress(SystemExit):
        model.read()
    told = capsys.readouterr().err
    assert not [word for word in FOREIGN if word in told], told


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        (
            "METRICS_PORT",
            "abc",
            "must be a whole number (from 0 to 65535); mend it or leave it out",
        ),
        (
            "METRICS_PORT",
            "70000",
            "must be 65535 at most (from 0 to 65535); mend it or leave it out",
        ),
        ("ENVIRONMENT", "moon", "is none of the allowed values: 'live', 'mock', 'replay'"),
        ("STORE_CA_FILE", "/is/not/there", "is no file that is there; mend it or leave it out"),
        ("UNPROTECTED", "perhaps", "must be true or false; mend it or leave it out, then it is f"),
    ],
)
def test_it_names_the_variable_what_is_wrong_and_the_mend(
    variable: str,
    value: str,
    told: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(f"OMF_{variable}", value)
    with pytest.raises(SystemExit):
        ServiceSettings.read()
    assert capsys.readouterr().err.startswith(f"OMF_{variable}: {told}")


def test_a_value_is_never_repeated_for_it_may_be_secret(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OMF_METRICS_PORT", "hunter2")
    with pytest.raises(SystemExit):
        ServiceSettings.read()
    assert "hunter2" not in capsys.readouterr().err
