"""The tokens of other systems, as the tokens file keeps them."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.cli import app
from services.common.auth.api_tokens import Tokens, TokensError, minted
from services.common.store.keys import Role


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
