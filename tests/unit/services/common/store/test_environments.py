"""Which factories a process knows, and what it is told of a file that cannot be used."""

from pathlib import Path

import pytest
from pydantic import TypeAdapter, ValidationError
from typer.testing import CliRunner

from omf.factories import FactoryKind
from services.cli import app
from services.common.foresight import reader
from services.common.process.exit_codes import ExitCode
from services.common.process.settings import ServiceSettings
from services.common.store import environments, keys
from services.common.store.keys import Environment
from services.replay.settings import ReplaySettings
from services.ui.live import past_reader
from services.ui.settings import UiSettings

SITE = """\
factories:
  - {name: hall-2, kind: live, title: Hall 2, broker: "mqtt://127.0.0.1:1884"}
  - {name: training, kind: mock}
  - {name: archive, kind: replay}
"""
NAME = TypeAdapter(Environment)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of three factories that every process of this test is told."""
    path = tmp_path / "factories.yaml"
    path.write_text(SITE)
    monkeypatch.setenv("OMF_FACTORIES", str(path))
    for name in ("OMF_MQTT_URL", "OMF_ENVIRONMENT", "OMF_ENVIRONMENTS", "OMF_HALL_2_MQTT_URL"):
        monkeypatch.delenv(name, raising=False)
    return path


def test_without_a_file_the_three_names_are_what_they_were() -> None:
    assert environments.names() == ("live", "mock", "replay")
    assert [NAME.validate_python(name) for name in environments.names()] == [*FactoryKind]
    assert NAME.json_schema() == {"type": "string", "enum": ["live", "mock", "replay"]}
    with pytest.raises(ValidationError, match="'live', 'mock', 'replay'"):
        NAME.validate_python("hall-2")
    assert (ServiceSettings().environment, UiSettings().environments) == ("mock", ("mock",))
    assert environments.told_broker("live") == ""
    assert environments.mock_part("mock") == "mock"


@pytest.mark.usefixtures("site")
def test_a_file_gives_names_and_kinds_of_its_own() -> None:
    assert environments.is_live("hall-2")
    assert environments.is_mock("training")
    assert environments.is_replay("archive")
    assert NAME.validate_python("hall-2") == "hall-2"
    with pytest.raises(ValidationError, match="'hall-2', 'training', 'archive'"):
        NAME.validate_python("mock")
    with pytest.raises(environments.UnknownFactoryError, match="no factory is called 'mock'"):
        environments.kind_of("mock")


@pytest.mark.usefixtures("site")
def test_settings_take_the_usual_name_and_the_broker_of_the_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert ServiceSettings().environment == "training"
    assert UiSettings().environments == ("hall-2", "training", "archive")
    assert ReplaySettings().environment == "archive"
    monkeypatch.setenv("OMF_ENVIRONMENT", "hall-2")
    assert ServiceSettings().mqtt_url == "mqtt://127.0.0.1:1884"
    monkeypatch.setenv("OMF_HALL_2_MQTT_URL", "mqtt://127.0.0.1:1")
    assert environments.told_broker("hall-2") == "mqtt://127.0.0.1:1"
    monkeypatch.setenv("OMF_MQTT_URL", "mqtt://127.0.0.1:2")
    assert ServiceSettings().mqtt_url == "mqtt://127.0.0.1:2"
    with pytest.raises(ValidationError, match="'training', 'archive'"):
        ReplaySettings()


@pytest.mark.usefixtures("site")
def test_a_part_is_of_the_factory_that_its_name_ends_with() -> None:
    owners = [
        environments.owner_of(part) for part in ("ingest-hall-2", "mock-training", "ui", "x-y")
    ]
    assert owners == ["hall-2", "training", None, None]
    assert environments.mock_part("training") == "mock-training"


@pytest.mark.usefixtures("site")
def test_a_process_that_answers_a_question_knows_the_same_factories(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What it is not told of the environment it cannot know, and `hall-2` were none there."""
    monkeypatch.setenv("OMF_STORE_PASSWORD", "not for them")
    for told in (reader.process_environment(), past_reader.process_environment()):
        assert told["OMF_FACTORIES"].endswith("factories.yaml")
        assert "OMF_STORE_PASSWORD" not in told


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (SITE + "  - {name: training, kind: mock}\n", "line 5, factories.3.name: two factories"),
        (SITE.replace("mock}", "moon}"), "line 3, factories.1.kind: is none of the allowed"),
        ("factories: [\n", "line 1"),
        (None, "No such file or directory"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_line_and_nothing_starts(
    site: Path, capsys: pytest.CaptureFixture[str], content: str | None, told: str
) -> None:
    if content is None:
        site.unlink()
    else:
        site.write_text(content)
    with pytest.raises(SystemExit) as ended:
        UiSettings.read()
    assert ended.value.code == ExitCode.BAD_SETTINGS
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert said.startswith(f"OMF_FACTORIES: {site}: ")
    assert told in said


@pytest.mark.parametrize(
    "words",
    ["state", "status", "evidence --out x", "up --data x", "user list", "token a", "login --token"],
)
def test_no_command_begins_with_a_file_that_cannot_be_used(
    site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    site.write_text(SITE + "  - {name: training, kind: mock}\n")
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, words.split())
    assert (done.exit_code, done.output.count("\n")) == (2, 1)
    assert done.output.startswith(f"omf: OMF_FACTORIES: {site}: line 5, factories.3.name: two ")
    assert [path.name for path in tmp_path.iterdir()] == ["factories.yaml"]


@pytest.mark.usefixtures("site")
def test_a_command_for_a_factory_of_another_site_is_none() -> None:
    given = {"command_id": "c", "kind": "k", "operator": "anna", "role": "admin", "created_at": 0}
    assert keys.Command(**given, environment="hall-2").environment == "hall-2"
    with pytest.raises(ValidationError):
        keys.Command(**given, environment="mock")
