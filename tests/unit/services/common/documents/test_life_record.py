"""The life record on paper: every event with its message, in each language."""

import socket
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC

import pytest

from omf.messages.message import Message
from omf.texts import LANGUAGES
from omf.workpieces.collect import collect
from omf.workpieces.life import Contradiction
from omf.workpieces.record import timeline
from omf.workpieces.surroundings import ReadingWindow
from services.common.documents.life_record import Reader, life_record
from services.common.documents.pdf import Cell, Document, Section, pages, pdf
from tests.support.folds import every_recording
from tests.support.shared import recording

RED = "be88d734ab51c7"
SESSION = "ml-wrb-red-nok_20260807_130729"


def silent(_: ReadingWindow) -> Iterable[Message]:
    return ()


def words(document: Document) -> str:
    cells = [cell for part in document.sections for row in part.rows for cell in row]
    said = [f"{cell.text} {cell.small}" for cell in cells]
    notes = [f"{part.heading} {part.note}" for part in document.sections]
    return "\n".join([document.title, document.subtitle, *notes, *said])


@every_recording
def test_each_event_of_each_life_is_told_with_its_message(name: str) -> None:
    found = collect(recording(name))
    for life in found.lives[:2]:
        document = life_record([life], found.state, silent, Reader("en", UTC))
        events = document.sections[-1].rows
        assert [row[0].small for row in events] == [one.message_id for one in timeline(life)]
        assert all(sum(bool(cell.text) for cell in row[1:4]) == 1 for row in events)
        assert pdf(document).startswith(b"%PDF-")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_its_words_and_nobody_is_asked(
    language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("no network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    found = collect(recording(SESSION))
    [life] = [one for one in found.lives if one.tag == RED]
    document = life_record([life], found.state, silent, Reader(language, UTC))  # type: ignore[arg-type]
    told = {"de": "aussortiert", "en": "rejected", "fr": "rejetée"}
    assert told[language] in words(document)
    assert len(pages(document)) > 1
    assert pdf(document) == pdf(document)


def test_a_contradiction_stands_with_both_messages_and_several_lives_each_with_its_number() -> None:
    found = collect(recording(SESSION))
    one, other = found.lives[:2]
    two_places = Contradiction("place", one.begun_at, ("5iO4/1", "SVR3QA0022/A1"), ("17-0", "18-0"))
    doubtful = replace(one, contradictions=[two_places])
    told = words(life_record([doubtful, other], found.state, silent, Reader("en", UTC)))
    assert "message 17-0 · message 18-0" in told
    assert "Life 1 of 2" in told
    assert "Life 2 of 2" in told


@pytest.mark.parametrize(
    "odd", ["#panic()", "$x$ *a* _b_ `c` \\ @d <e>", "\x00\u202e\ud800", "x" * 5000, '{"a": 1}']
)
def test_what_the_factory_said_is_never_read_as_markup(odd: str) -> None:
    rows = [(Cell(odd, odd), Cell(odd, share=7.0))]
    assert pdf(Document("en", odd, odd, [Section(odd, rows=rows, note=odd)], odd)).startswith(
        b"%PDF-"
    )


def test_a_row_of_the_wrong_length_is_refused() -> None:
    with pytest.raises(ValueError, match="Orders: rows have 1 cells, not 2"):
        Section("Orders", rows=[(Cell("a"),)])
