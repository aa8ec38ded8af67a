"""`omf login --device` before pages that answer as a test tells them: each end is one line."""

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from services.cli import app, device_login
from services.cli.device_login import next_wait
from services.common.auth.device_sign_in import DEVICE_START, DeviceAnswer, DeviceState

BEGUN = DeviceAnswer(
    state="begun",
    attempt="sealed",
    user_code="ABCD-EFGH",
    address="https://login.example.org/device",
    lasts_s=600,
    every_s=5,
)
REFUSED = 3


@dataclass
class _Answers:
    """What the pages answer: to the beginning, then to each question, the last again and again."""

    first: DeviceAnswer = BEGUN
    then: list[DeviceState] = field(default_factory=list)
    status: int = 200
    body: str = ""
    url: str = ""
    origins: list[str] = field(default_factory=list)


def _handler(answers: _Answers) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            answers.origins.append(self.headers["origin"])
            said = answers.first if self.path == DEVICE_START else self._next()
            body = (answers.body or said.model_dump_json()).encode()
            self.send_response(answers.status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def _next(self) -> DeviceAnswer:
            states = answers.then
            return DeviceAnswer(state=states.pop(0) if len(states) > 1 else states[0])

        def log_message(self, *_: object) -> None:
            pass

    return Handler


@contextmanager
def _pages(answers: _Answers) -> Iterator[_Answers]:
    with HTTPServer(("127.0.0.1", 0), _handler(answers)) as server:
        answers.url = f"http://127.0.0.1:{server.server_port}"
        serving = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        serving.start()
        yield answers
        server.shutdown()
        serving.join(10)


@pytest.fixture
def waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Each time that was waited, on a clock that goes on by it alone."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("OMF_STORE_URL", "redis://127.0.0.1:1/0")
    monkeypatch.setattr("sys.stdin", io.StringIO())
    monkeypatch.chdir(tmp_path)
    waited: list[float] = []
    monkeypatch.setattr(device_login.time, "sleep", waited.append)
    monkeypatch.setattr(device_login.clock, "monotonic", lambda: sum(waited))
    return waited


def omf(*words: str) -> Result:
    return CliRunner().invoke(app, ("login", "--device", *words))


def _ended(answers: _Answers) -> Result:
    with _pages(answers):
        done = omf("--pages", answers.url)
    assert done.exit_code != 0
    assert "Traceback" not in done.stderr
    assert not Path("config/omf/sign-in.json").exists()
    return done


@pytest.mark.parametrize(
    ("state", "said", "code"),
    [
        ("denied", "refused at the provider", REFUSED),
        ("expired", "begin anew", 1),
        ("refused", "the log of the pages says why", REFUSED),
        ("no_right", "none of the person's groups has a role here", REFUSED),
        ("too_many", "end one on My sign-ins", 1),
        ("store_away", "the store does not answer", 1),
        ("not_begun_here", "begin anew", 1),
    ],
)
def test_each_end_of_the_waiting_is_one_line_that_says_what_to_do(
    waits: list[float], state: DeviceState, said: str, code: int
) -> None:
    done = _ended(_Answers(then=[state]))
    assert "ABCD-EFGH" in done.stderr
    assert "https://login.example.org/device" in done.stderr
    assert said in done.stderr.splitlines()[-1]
    assert done.exit_code == code
    assert waits == [5]


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("not_offered", "device_authorization_endpoint"),
        ("not_allowed", "allow the device flow"),
        ("no_tokens", "token_days is 0"),
        ("too_often", "wait a little"),
        ("away", "cannot be reached from the pages"),
    ],
)
def test_where_no_code_is_given_one_line_says_why(
    waits: list[float], state: DeviceState, said: str
) -> None:
    (line,) = _ended(_Answers(DeviceAnswer(state=state))).stderr.splitlines()
    assert said in line
    assert waits == []


def test_the_pages_are_asked_as_often_as_they_say_and_seldomer_while_they_are_away(
    waits: list[float],
) -> None:
    _ended(_Answers(then=["pending", "slow_down", "pending", "away", "away", "denied"]))
    assert waits == [5, 5, 10, 10, 20, 40]


def test_a_code_that_nobody_confirms_is_over_when_its_time_is(waits: list[float]) -> None:
    done = _ended(_Answers(then=["pending"]))
    assert "nobody has confirmed it" in done.stderr
    assert sum(waits) < 600


def test_the_interval_never_shrinks() -> None:
    assert next_wait(90, "away") == 90
    assert next_wait(40, "away") == 60
    assert next_wait(5, "pending") == 5


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (404, "", "OMF_UI_DIRECTORY_FILE has to name one under oidc"),
        (200, "<html>", "not as pages of this version do"),
        (500, "[]", "answers 500"),
    ],
)
def test_pages_that_know_no_such_sign_in_are_one_line(
    waits: list[float], status: int, body: str, said: str
) -> None:
    (line,) = _ended(_Answers(status=status, body=body)).stderr.splitlines()
    assert said in line
    assert waits == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--pages", "http://127.0.0.1:1"), "do not answer"),
        (("--pages", "login.example.org"), "is no address of the form"),
        (("--pages", "https://[::"), "is no address of the form"),
        ((), "--pages https://HOST"),
        (("--token",), "one of them"),
    ],
)
def test_an_address_or_a_word_that_does_not_fit_is_one_line(
    waits: list[float], words: tuple[str, ...], said: str
) -> None:
    done = omf(*words)
    assert done.exit_code != 0
    (line,) = done.stderr.splitlines()
    assert said in line
    assert waits == []
