"""Tables: plain and complete into a pipe, as wide as the window on a terminal."""

import io
import re
import sys

import pytest

from services.cli.output import table

HEAD = ("part", "detail")
ROWS = [("ingest", "no broker at mqtt://192.168.0.100:1883 answers"), ("orders", "[bold]x\x1b[31m")]
PLAIN_TABLE = (
    "part    detail\n"
    "ingest  no broker at mqtt://192.168.0.100:1883 answers\n"
    "orders  [bold]x\\x1b[31m\n"
)


class Window(io.StringIO):
    """A terminal that keeps what is written to it."""

    def isatty(self) -> bool:
        return True


def test_a_pipe_gets_whole_cells_in_plain_columns(capsys: pytest.CaptureFixture[str]) -> None:
    table(HEAD, ROWS)
    assert capsys.readouterr().out == PLAIN_TABLE


def test_a_table_without_rows_is_its_head(capsys: pytest.CaptureFixture[str]) -> None:
    table(HEAD, [])
    assert capsys.readouterr().out == "part  detail\n"


def test_on_a_terminal_cells_are_folded_within_their_column(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    window = Window()
    monkeypatch.setattr(sys, "stdout", window)
    monkeypatch.setenv("COLUMNS", "30")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    table(HEAD, ROWS)
    lines = re.sub(r"\x1b\[\d+m", "", window.getvalue()).splitlines()
    assert max(map(len, lines)) <= 30
    assert [line[:6].strip() for line in lines] == ["part", "ingest", "", "", "orders"]
    assert lines[-1].split() == ["orders", "[bold]x\\x1b[31m"]
