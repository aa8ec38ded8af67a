"""The command line without a system: words, times, lists, and what it refuses at sight."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from omf.commands import CONTROLS, KINDS
from omf.messages.message import Message
from services.cli import app, rows, status, submission
from services.cli.app import COMMAND_HELP, loaded
from services.cli.connection import connect
from services.common.process import clock, time_parsing
from services.common.store.keys import LinkHealth, Role
from services.common.store.lease import Lease
from services.orders.decision import Decision, View, decide
from services.supervisor import runfile
from services.supervisor.runfile import NotRunningError, RunFile
from services.supervisor.up_options import UnfitError, UpOptions, parse_environments
from tests.support.command_examples import EXAMPLES, command_of
from tests.support.factory import NOW, known_factory

RUN = RunFile(
    ui="http://127.0.0.1:8080",
    redis="redis://127.0.0.1:1/0",
    mqtt={"mock": "mqtt://127.0.0.1:2"},
    metrics={"ui": "http://127.0.0.1:3/metrics"},
    pids={"ui": 4},
)
LINK = LinkHealth(connected=True, broker="b", since=0, at=NOW)
NOBODY = Lease()
PROMISED = (
    *("up", "status", "tail", "buffers", "state", "send"),
    *("commands", "record", "replay", "mock", "doctor", "schema"),
)


def judged(
    kind: str, *, link: LinkHealth | None = LINK, lease: Lease = NOBODY, **changes: Any
) -> Decision:
    asked = command_of(kind, parameters=EXAMPLES[kind])
    view = View("mock", known_factory(), NOW, "0-0", link, NOW, lease)
    return decide(asked.model_copy(update=changes), NOW, view, lambda: "id")


def omf(*words: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, words)
    return done.exit_code, done.stdout, done.stderr


def test_help_names_every_command() -> None:
    code, text, _ = omf("--help")
    assert code == 0
    assert all(f"  {name} " in text for name in (*PROMISED, *COMMAND_HELP))


@pytest.mark.parametrize("name", COMMAND_HELP)
def test_every_command_explains_itself_and_each_of_its_options(name: str) -> None:
    code, text, _ = omf(name, "--help")
    assert code == 0
    command = loaded(name)
    said = " ".join(text.split())
    assert " ".join(command.help.split("\n\n")[0].split()) in said
    options = [opt for one in command.params for opt in one.opts if opt.startswith("--")]
    assert all(option in said for option in options)
    assert all(sub in said for sub in getattr(command, "commands", ()))


def test_a_typo_is_answered_with_the_nearest_command() -> None:
    code, _, error = omf("stats")
    assert code == 2
    assert "'status'" in error


def imported_by(*words: str) -> set[str]:
    """Every module in memory after a command, and that the command printed something."""
    script = (
        "import sys; from services.cli import app\n"
        f"try: app({list(words)})\n"
        "except SystemExit: print('IMPORTED', *sorted(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    printed, _, modules = run.stdout.rpartition("IMPORTED")
    assert len(printed.splitlines()) > 10
    return set(modules.split())


def test_the_list_of_commands_is_shown_without_drivers_models_and_plots() -> None:
    """They take a second to import, and `omf --help` needs none of them."""
    slow = {"redis", "plotly", "pydantic", "paho", "yaml", "omf", "pyarrow", "duckdb"}
    assert not imported_by("--help") & slow


def test_the_list_of_kinds_is_shown_without_store_and_rules() -> None:
    slow = {"redis", "paho", "pydantic_settings", "services.orders", "services.ui"}
    assert not imported_by("send", "--list") & slow


def test_printable_text_is_had_without_the_models_of_the_factory() -> None:
    """Every process prints or logs; only some read what the factory says."""
    script = (
        "import sys, omf.messages.printable, omf.messages.message\n"
        "print(*(name for name in sys.modules if name.startswith(('omf.', 'pydantic'))))"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "pydantic" not in run.stdout
    assert "omf.messages.reading" not in run.stdout


@pytest.mark.parametrize(
    "words",
    [
        ("tail", "a/#/b"),
        ("tail", "$SYS/#"),
        ("tail", "a", "--class", "7"),
        ("tail", "a", "--since", "yesterday"),
        ("state", "--at", "later"),
        ("send", "make-coffee"),
        ("send", "production-order", "type=GREEN"),
        ("send", "production-order", "WHITE"),
        ("replay", "missing.jsonl"),
        ("replay", __file__, "--speed", "0"),
        ("mock", "--broker", "http://127.0.0.1"),
        ("up", "--environments", "mock,test"),
        ("status", "--environment", "test"),
        ("nonsense",),
    ],
)
def test_wrong_usage_ends_in_two_with_nothing_on_stdout(words: tuple[str, ...]) -> None:
    code, out, err = omf(*words)
    assert (code, out) == (2, "")
    assert err


def test_every_kind_is_listed_with_its_parameters() -> None:
    _, text, _ = omf("send", "--list", "--json")
    listed = {row["kind"]: row for row in map(json.loads, text.splitlines())}
    assert set(listed) == {*KINDS, *CONTROLS}
    assert "colour" in listed["production-order"]["parameters"]["properties"]


def test_a_preview_says_what_the_factory_will_show_and_how_long_that_may_take(
    capsys: pytest.CaptureFixture[str],
) -> None:
    submission.show_decision(judged("module-step"), as_json=False)
    shown = capsys.readouterr().out
    assert "1. " in shown
    assert "then within 90 s: " in shown
    assert "would be accepted" in shown


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"role": Role.VIEWER}, "role"),
        ({"link": None}, "no-link"),
        ({"lease": Lease(required=True, holder="bert", until=NOW + 60)}, "control"),
        ({"parameters": {"colour": "WHITE", "serial": "x"}}, "parameter:command"),
    ],
)
def test_a_preview_asks_what_orders_would_ask(
    changes: dict[str, Any], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    decision = judged("module-step", **changes)
    submission.show_decision(decision, as_json=False)
    shown = capsys.readouterr().out
    assert f"no  {reason}: " in shown
    assert shown.endswith("would be refused\n")
    submission.show_decision(decision, as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert (told["allowed"], told["reasons"][0]["id"]) == (False, reason)


def test_an_address_comes_from_run_json_then_the_environment_then_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OMF_STORE_URL", raising=False)
    assert connect("mock", None).store_url == "redis://127.0.0.1:6379/0"
    (tmp_path / "data").mkdir()
    runfile.write(tmp_path / "data", RUN)
    assert connect("mock", None).store_url == RUN.redis
    monkeypatch.setenv("OMF_STORE_URL", "redis://127.0.0.1:1/0")
    assert connect("mock", None).store_url == "redis://127.0.0.1:1/0"
    assert connect("mock", tmp_path / "data").mqtt_url == RUN.mqtt["mock"]
    with pytest.raises(NotRunningError, match="live"):
        _ = connect("live", tmp_path / "data").mqtt_url


def test_on_a_factory_server_all_that_is_served_is_looked_at_and_no_broker_is_guessed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OMF_STORE_URL", "redis://127.0.0.1:1/0")
    monkeypatch.setenv("OMF_ENVIRONMENTS", "live,mock")
    monkeypatch.setenv("OMF_UI_PARTS", json.dumps({"ingest-live": "http://a", "ui": "http://b"}))
    monkeypatch.delenv("OMF_MQTT_URL", raising=False)
    place = connect("mock", None)
    assert (place.environments, dict(place.mqtt)) == (("live", "mock"), {})
    assert set(place.parts) == {"ingest-live", "ui"}
    with pytest.raises(NotRunningError, match="--broker"):
        _ = place.mqtt_url
    monkeypatch.setenv("OMF_MQTT_URL", "mqtt://127.0.0.1:2")
    assert connect("mock", None).mqtt_url == "mqtt://127.0.0.1:2"


def test_the_broker_is_what_ingest_knows_of_it() -> None:
    link = LinkHealth(connected=True, broker="b:1", since=0, at=99)
    told = [
        status._broker("mock", known, 100)
        for known in (link, link.model_copy(update={"connected": False}), None)
    ]
    silent = status._broker("mock", link, 200)
    assert [row.state for row in (*told, silent)] == ["ok", "away", "away", "away"]
    assert told[0].detail == "b:1"
    assert "has not written for 101 s" in silent.detail


def test_a_folder_without_a_system_says_how_to_start_one(tmp_path: Path) -> None:
    with pytest.raises(NotRunningError, match="omf up"):
        runfile.read(tmp_path)
    (tmp_path / "run.json").write_text("{", "utf-8")
    with pytest.raises(NotRunningError, match="cannot be read"):
        runfile.read(tmp_path)


def test_times_are_read_as_people_type_them() -> None:
    now = clock.now()
    assert abs(time_parsing.moment("10m") - (now - 600)) < 5
    assert time_parsing.moment("2026-08-07T09:11:27.016Z") == 1786093887.016
    assert time_parsing.moment("1786093887.5") == 1786093887.5
    assert now - 86_400 <= time_parsing.moment("14:05") <= now + 1
    for wrong in ("", "10", "25:61", "soon"):
        with pytest.raises(ValueError, match="is no time"):
            time_parsing.moment(wrong)


def test_a_payload_cannot_steer_the_terminal() -> None:
    line = rows.message_line(Message("a", b"\x1b[2Jgone\r\n", id="1786093887016-0"))
    assert "\x1b" not in line
    assert "\n" not in line


def test_a_payload_that_is_no_text_is_exact_in_base64() -> None:
    row = rows.message_row(Message("a", b"\xff\x00", id="1786093887016-3", qos=1))
    assert row["payload_base64"] == "/wA="
    assert row["ts"] == "2026-08-07T09:11:27.016Z"
    assert (row["id"], row["qos"], row["retain"], row["dup"]) == (
        "1786093887016-3",
        1,
        False,
        False,
    )


def test_up_takes_its_environments_by_the_option_every_command_has() -> None:
    code, _, said = omf("up", "--environment", "moon")
    assert code == 2
    assert "'moon' is not" in said


def test_a_misspelt_parameter_is_named_before_the_one_it_leaves_open() -> None:
    code, _, said = omf("send", "production-order", "typ=RED")
    assert code == 2
    assert said.startswith("omf: typ:")


def test_environments_are_a_list_of_known_names() -> None:
    assert parse_environments("replay, mock,replay") == ("replay", "mock")
    for wrong in ("", "mock;live", "test"):
        with pytest.raises(UnfitError):
            parse_environments(wrong)


def test_an_external_or_live_broker_has_to_be_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OMF_STORE_URL", "OMF_MQTT_URL", "OMF_LIVE_MQTT_URL"):
        monkeypatch.delenv(name, raising=False)
    wish = UpOptions(tmp_path, ("live", "mock"))
    assert wish.broker_of("mock") is None
    assert wish.store() is None
    with pytest.raises(UnfitError, match="OMF_LIVE_MQTT_URL"):
        wish.broker_of("live")
    monkeypatch.setenv("OMF_LIVE_MQTT_URL", "mqtt://factory")
    assert wish.broker_of("live") == "mqtt://factory"
    with pytest.raises(UnfitError, match="OMF_STORE_URL"):
        UpOptions(tmp_path, external=True).store()
