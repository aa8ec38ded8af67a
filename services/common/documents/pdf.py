"""A PDF of a document: the only place where typst is called.

The fonts are those inside of typst and packages are never fetched, so the same document gives the
same pages on any machine.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib.resources import as_file, files
from typing import Any, Literal

from omf.messages.printable import escaped_lines
from omf.texts import Language
from services.common.sessions.csv_export import CSV_MEDIA_TYPE

PDF_MEDIA_TYPE = "application/pdf"
DocumentFormat = Literal["pdf", "csv", "json"]
DOCUMENT_FORMATS: Mapping[DocumentFormat, str] = {
    "pdf": PDF_MEDIA_TYPE,
    "csv": CSV_MEDIA_TYPE,
    "json": "application/json",
}
"""In which forms a report or a life is a file, and the media type of each."""
MAX_PREVIEW_PPI = 144
Tone = Literal["plain", "warn", "wrong"]


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in one place of a table."""

    text: str
    small: str = ""
    """Below it: where it comes from."""
    tone: Tone = "plain"
    share: float | None = None
    """Drawn as a bar, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and a table; without rows only its note."""

    heading: str
    widths: Sequence[float] = (1, 3)
    """Of the columns, as shares."""
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[Cell]] = ()
    note: str = ""

    def __post_init__(self) -> None:
        wrong = [len(row) for row in self.rows if len(row) != len(self.widths)]
        if wrong:
            raise ValueError(f"{self.heading}: rows have {wrong[0]} cells, not {len(self.widths)}")


@dataclass(frozen=True, slots=True)
class Document:
    """All that is printed, in the words of one language."""

    language: Language
    title: str
    subtitle: str = ""
    sections: Sequence[Section] = field(default=())
    footer: str = ""
    landscape: bool = False


def pdf(document: Document) -> bytes:
    """The document as PDF. Blocking: some tenths of a second."""
    return _compiled(document, "pdf")[0]


def pages(document: Document) -> list[bytes]:
    """Each page of it as PNG."""
    return _compiled(document, "png")


def _printable(told: Any) -> Any:
    """What cannot be seen, as a mark that turns the reading order round, is shown as an escape."""
    if isinstance(told, str):
        return escaped_lines(told)
    if isinstance(told, dict):
        return {key: _printable(one) for key, one in told.items()}
    return [_printable(one) for one in told] if isinstance(told, list | tuple) else told


def _compiled(document: Document, form: Literal["pdf", "png"]) -> list[bytes]:
    # Who asks for no document must not wait for its import.
    import typst  # noqa: PLC0415

    told = json.dumps(_printable(asdict(document)))
    with as_file(files(__package__).joinpath("templates")) as root:
        made = typst.Compiler(
            root / "document.typ",
            root=root,
            ignore_system_fonts=True,
            sys_inputs={"told": told},
        ).compile(format=form, ppi=MAX_PREVIEW_PPI)
    return [bytes(made)] if isinstance(made, bytes) else [bytes(one) for one in made or ()]
