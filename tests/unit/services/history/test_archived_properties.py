"""Properties of MQTT 5 in the archive, beside files written before it had a column for them."""

from pathlib import Path

import pytest

from omf.messages.message import Message
from services.history import export, tables
from services.history.message_search import MessageQuestion, find_messages
from services.history.reader import History
from tests.support.archives import START_MS, filled, merged

TOLD = '{"content_type":"application/json","user":[["line","Süd"]]}'


def message(number: int, properties: str = "") -> Message:
    stamp = f"{START_MS + number * 60_000}-0"
    return Message("a/b", b'{"n":%d}' % number, stamp, properties=properties)


def check(root: Path, said: list[Message], told: list[Message]) -> None:
    """Everything is read back, and what is told in properties is found by its words."""
    history = History(root)
    assert [row.message for row in history.messages()] == said
    assert find_messages(history, MessageQuestion())[0] == said
    for asked in (MessageQuestion(text="Süd"), MessageQuestion(regex="application/.son")):
        assert find_messages(history, asked)[0] == told
    assert not history.faults


def test_properties_are_kept_found_and_exported(tmp_path: Path) -> None:
    said = [message(0), message(1, TOLD), message(120)]
    archive = filled(tmp_path, said, portion=1)
    check(tmp_path, said, said[1:2])
    assert merged(archive)
    check(tmp_path, said, said[1:2])
    asked = MessageQuestion()
    lines = b"".join(export.export_messages(History(tmp_path), asked, "jsonl")).decode()
    assert f'"properties":{TOLD}' in lines
    assert "Süd" in b"".join(export.export_messages(History(tmp_path), asked, "csv")).decode()


def test_files_of_before_are_read_merged_and_searched_beside_newer_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    columns = tables._MESSAGES
    old = [message(0), message(1)]
    with monkeypatch.context() as patch:
        patch.setattr(tables, "_MESSAGES", columns.remove(columns.get_field_index("properties")))
        filled(tmp_path, old, portion=1)
    check(tmp_path, old, [])
    new = [message(2, TOLD), message(3), message(120)]
    archive = filled(tmp_path, new, portion=1)
    check(tmp_path, old + new, new[:1])
    assert merged(archive)
    check(tmp_path, old + new, new[:1])
