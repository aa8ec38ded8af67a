"""What cannot be seen is written out, wherever text of the factory reaches a terminal or a page."""

import json
import logging

import pytest

from omf.messages.message import Message
from omf.messages.printable import escaped, escaped_lines, json_text
from services.cli import output, rows
from services.common.process.logs import JsonLines
from services.ui.views import message_rows
from services.ui.widgets import table

BELL = "x/\x1b]0;OWNED\x07\x1b[31mred"
UNSEEN = {
    "\x00": "\\x00",
    "\x07": "\\x07",
    "\x1b[31m": "\\x1b[31m",
    "\x7f": "\\x7f",
    "\x85": "\\x85",
    "\x9b2J": "\\x9b2J",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\u061c": "\\u061c",
    "\u200b": "\\u200b",
    "\u200f": "\\u200f",
    "\u2028": "\\u2028",
    "\u202e": "\\u202e",
    "\u2066": "\\u2066",
    "\ud800": "\\ud800",
    "\ufeff": "\\ufeff",
    "\U000e0041": "\\U000e0041",
}


@pytest.mark.parametrize(("raw", "shown"), UNSEEN.items())
def test_what_cannot_be_seen_is_written_out(raw: str, shown: str) -> None:
    assert escaped(f"a{raw}b") == f"a{shown}b"
    assert escaped(f"a{raw}b").isprintable()


@pytest.mark.parametrize("text", ["", "Ü–ß „x“ 漢字 🏭", "a\u00a0b", "a\u2007b", "C:\\x1b"])
def test_what_can_be_seen_stays(text: str) -> None:
    assert escaped(text) == escaped_lines(text) == text


def test_text_of_several_lines_keeps_them() -> None:
    assert escaped_lines("a\n\tb\r\x1bc") == "a\n\tb\\r\\x1bc"


@pytest.mark.parametrize("raw", [*UNSEEN, "ü", "a\u00a0b"])
def test_json_stays_exact(raw: str) -> None:
    text = json_text({raw: [raw]})
    assert json.loads(text) == {raw: [raw]}
    assert all(c.isprintable() or c == "\u00a0" for c in text)
    assert json.loads(json_text({"a": raw}, indent=2)) == {"a": raw}


def test_nothing_the_command_line_prints_steers_a_terminal_or_forges_a_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    message = Message(BELL, b"\x1b[2J\n12:00  forged\xff", "1790000000000-0")
    output.show(rows.message_line(message))
    output.table(("topic",), [(f"a\nb{BELL}",)])
    output.say(f"line 3: {BELL}\nforged")
    output.data(rows.message_row(message))
    told = capsys.readouterr()
    shown = told.out + told.err
    assert all(line.isprintable() for line in shown.split("\n"))
    assert (len(told.out.splitlines()), len(told.err.splitlines())) == (4, 1)
    assert json.loads(told.out.splitlines()[-1])["topic"] == BELL


def test_a_line_of_a_log_is_exact_json_without_them() -> None:
    record = logging.LogRecord("x", logging.INFO, "", 0, "topic %s", ("a\u009b\u202e",), None)
    line = JsonLines("ui", "mock").format(record)
    assert line.isprintable()
    assert json.loads(line)["text"] == "topic a\u009b\u202e"


def test_a_page_shows_them_as_escapes_and_knows_rows_by_their_exact_id() -> None:
    sent = table.as_sent({"id": BELL, "topic": BELL, "count": 3})
    assert sent == {"id": BELL, "topic": "x/\\x1b]0;OWNED\\x07\\x1b[31mred", "count": 3}
    assert message_rows.excerpt("a\u202eb\n\x9bc".encode()) == "a\\u202eb \\x9bc"
