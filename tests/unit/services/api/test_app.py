"""The parts of the HTTP door that need no server: pace, seats, tokens, the document."""

from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.api.app import application
from services.api.door import AppContext
from services.api.limits import MAX_STREAMS_PER_CLIENT, StreamLimiter
from services.api.tokens import Tokens, TokensError, minted
from services.cli import app
from services.common.process.language import spoken
from services.common.process.loopback import names_this_machine
from services.common.store.keys import Role


def test_a_seat_is_given_back_whatever_ends_the_stream() -> None:
    seats = StreamLimiter()
    with suppress(ValueError), seats.seat("mes"):
        assert seats.taken == 1
        raise ValueError
    assert seats.taken == 0
    held = ExitStack()
    for _ in range(MAX_STREAMS_PER_CLIENT):
        held.enter_context(seats.seat("mes"))
    assert not seats.free("mes")
    assert seats.free("erp")


def written(folder: Path, *lines: str) -> Path:
    path = folder / "tokens.jsonl"
    path.write_text("\n".join(lines), "utf-8")
    return path


def test_a_client_is_found_by_its_token_and_by_no_other(tmp_path: Path) -> None:
    made = [minted(name, role) for name, role in (("a", Role.ADMIN), ("b", Role.VIEWER))]
    lines = [client.model_dump_json(exclude_none=True) for _, client in made]
    tokens = Tokens(written(tmp_path, "# two", "", *lines))
    assert [tokens.of(token) for token, _ in made] == [client for _, client in made]
    assert [tokens.of(text) for text in ("", "wrong", made[0][1].sha256, "x" * 600)] == [None] * 4
    assert made[0][0] not in "".join(lines)
    assert made[0][1].sha256 not in repr(made[0][1])


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "line 2: not JSON"),
        ("[]", "line 2: "),
        ('{"name": "a", "role": "king", "sha256": "%s"}' % ("0" * 64), "line 2: role"),
        ('{"name": "a b", "role": "admin", "sha256": "%s"}' % ("0" * 64), "line 2: name"),
        ('{"name": "a", "role": "admin", "sha256": "secret"}', "line 2: sha256"),
        ('{"name": "a", "role": "admin", "token": "secret"}', "line 2: sha256"),
        ('{"name": "x", "role": "admin", "sha256": "%s"}' % ("0" * 64), "twice"),
    ],
)
def test_a_tokens_file_that_is_wrong_is_named_by_line_and_never_quoted(
    tmp_path: Path, line: str, said: str
) -> None:
    first = '{"name": "x", "role": "viewer", "sha256": "%s"}' % ("1" * 64)
    with pytest.raises(TokensError, match=said) as raised:
        Tokens(written(tmp_path, first, line))
    assert "secret" not in str(raised.value)


def test_omf_token_makes_a_line_that_lets_the_token_in_and_shows_it_once(tmp_path: Path) -> None:
    path = tmp_path / "tokens.jsonl"
    words = ["token", "mes", "operator", "--environments", "mock", "--file", str(path)]
    made = CliRunner().invoke(app, words)
    token = made.stdout.strip()
    client = Tokens(path).of(token)
    assert client is not None
    assert (client.name, client.role, client.environments) == ("mes", Role.OPERATOR, ("mock",))
    assert token not in path.read_text("utf-8")
    assert CliRunner().invoke(app, ["token", "a b"]).exit_code == 2
    assert CliRunner().invoke(app, ["token", "a", "--environments", "moon"]).exit_code == 2


def test_the_document_is_openapi_3_1_and_every_refusal_in_it_is_a_problem() -> None:
    document = application(AppContext({}, None)).openapi()
    assert document["openapi"].startswith("3.1")
    assert "Problem" in document["components"]["schemas"]
    for path in document["paths"].values():
        for operation in path.values():
            assert operation["security"]
            refusals = {s: r for s, r in operation["responses"].items() if s >= "4"}
            assert {"401", "403", "404", "422", "429", "503"} <= set(refusals)
            for refusal in refusals.values():
                assert list(refusal["content"]) == ["application/problem+json"]


@pytest.mark.parametrize(
    ("header", "language"),
    [("", "en"), ("de", "de"), ("de-DE,en;q=0.5", "de"), ("fr, de;q=0.3", "de"), ("*", "en")],
)
def test_the_language_asked_for_is_spoken(header: str, language: str) -> None:
    assert spoken(header) == language


@pytest.mark.parametrize(
    ("header", "ours"),
    [
        ("localhost:8081", True),
        ("127.0.0.1", True),
        ("[::1]:8081", True),
        ("localhost.evil.example", False),
        ("", False),
        ("[", False),
    ],
)
def test_only_a_name_of_this_machine_counts_as_this_machine(header: str, *, ours: bool) -> None:
    assert names_this_machine(header) is ours
