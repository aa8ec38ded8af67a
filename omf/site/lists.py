"""The lists of a site as people keep them: tags as CSV, links as lines of name and address."""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import StringIO
from string import whitespace
from typing import NamedTuple, TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from omf.constants import COLOURS
from omf.faults import fault_text
from omf.site.settings import MAX_SITE_LINKS, MAX_SITE_TAGS, ModuleOrder, SiteLink, SiteTag
from omf.terms import term
from omf.texts import Text, joined, text

ItemT = TypeVar("ItemT")
TAG_COLUMNS = ("tag", "colour", "number", "note")
_HEADS: Mapping[str, str] = {
    **dict.fromkeys(("tag", "nfc", "uid", "id", "nfc-tag", "nfc tag", "workpieceid"), "tag"),
    **dict.fromkeys(("colour", "color", "farbe", "couleur", "type"), "colour"),
    **dict.fromkeys(("number", "nummer", "nr", "nr.", "no", "no.", "numéro", "numero"), "number"),
    **dict.fromkeys(("note", "notiz", "bemerkung", "remark", "remarque", "comment"), "note"),
}
"""What heads a column, in the languages of the pages."""
_HEADLESS = {1: ("tag",), 2: ("tag", "colour"), 3: ("tag", "colour", "note"), 4: TAG_COLUMNS}
_BETWEEN_DIGITS = str.maketrans("", "", ":- ")
"""How readers write a tag: `04:A1:89:CA:34:12:90`."""
_HEX_TAG = re.compile(r"[0-9a-f]{14}")
_LINK_SIGNS = ",;"
"""What may stand between the name of a link and its address, beside blanks."""
_MOST_LIST_FAULTS = 3
_BETWEEN = re.compile(r"[\s,;]+")
_ORDER: TypeAdapter[tuple[str, ...]] = TypeAdapter(ModuleOrder)


class ListLine(NamedTuple):
    """One line of a list that says something."""

    number: int
    """From 1."""
    cells: Sequence[str]


def tags_of(source: str) -> dict[str, SiteTag]:
    """The tags of a CSV with comma, semicolon or tab, by tag; empty lines say nothing.

    A head names the columns; without one they are tag, colour, note, or tag, colour, number, note.
    The colour is said in any of our languages. PydanticCustomError names the lines that are wrong.
    """
    lines = list(_lines(source))
    columns = _head(lines[0].cells) if lines else None
    found: dict[str, SiteTag] = {}
    faults: list[Text] = []
    for line in lines[columns is not None :]:
        try:
            tag, entry = _tag(line.cells, columns or _columns(line.cells))
        except PydanticCustomError as error:
            faults.append(_in_line(line.number, error))
            continue
        if tag in found:
            faults.append(text("site.line", line=line.number, what=text("site.twice", name=tag)))
        found[tag] = entry
    return _whole(found, faults, MAX_SITE_TAGS)


def tags_text(tags: Mapping[str, SiteTag]) -> str:
    """The CSV of a list of tags, with a head; "" for none. `tags_of` reads it."""
    if not tags:
        return ""
    rows = ((tag, one.colour, one.number, one.note) for tag, one in sorted(tags.items()))
    return _csv([TAG_COLUMNS, *rows])


def links_of(source: str) -> tuple[SiteLink, ...]:
    """Links of lines `name, address`; PydanticCustomError names the lines that are wrong."""
    found: dict[str, SiteLink] = {}
    faults: list[Text] = []
    for number, line in enumerate(source.splitlines(), 1):
        if not line.strip():
            continue
        try:
            link = _link(line.strip())
        except PydanticCustomError as error:
            faults.append(_in_line(number, error))
            continue
        if link.name.casefold() in found:
            said = text("site.twice", name=link.name)
            faults.append(text("site.line", line=number, what=said))
        found[link.name.casefold()] = link
    return tuple(_whole(found, faults, MAX_SITE_LINKS).values())


def order_of(source: str) -> tuple[str, ...]:
    """Serials with comma, semicolon, blank or a new line between; PydanticCustomError if wrong."""
    try:
        found: tuple[str, ...] = _ORDER.validate_python(tuple(filter(None, _BETWEEN.split(source))))
    except ValidationError as error:
        raise _fault(_first_fault(error)) from None
    return found


def order_text(order: Iterable[str]) -> str:
    """The serials on one line, which `order_of` reads."""
    return ", ".join(order)


def links_text(links: Iterable[SiteLink]) -> str:
    """The links as lines, which `links_of` reads."""
    return "\n".join(f"{one.name}, {one.url}" for one in links)


def _lines(source: str) -> Iterator[ListLine]:
    body = source.removeprefix("\ufeff")
    separator = next((one for one in ("\t", ";") if one in body), ",")
    reader = csv.reader(StringIO(body), delimiter=separator, skipinitialspace=True)
    try:
        for cells in reader:
            told = [cell.strip() for cell in cells]
            if any(told):
                yield ListLine(reader.line_num, told)
    except csv.Error:
        raise _fault(text("site.no_csv", line=reader.line_num)) from None


def _head(cells: Sequence[str]) -> tuple[str, ...] | None:
    """What each column is, "" for one we keep nothing of; None: the line is no head."""
    columns = tuple(_HEADS.get(cell.casefold(), "") for cell in cells)
    return columns if "tag" in columns and not _HEX_TAG.search(" ".join(cells).lower()) else None


def _columns(cells: Sequence[str]) -> tuple[str, ...]:
    return _HEADLESS.get(len(cells), TAG_COLUMNS)


def _tag(cells: Sequence[str], columns: Sequence[str]) -> tuple[str, SiteTag]:
    told = {name: cell for name, cell in zip(columns, cells, strict=False) if name}
    tag = told.pop("tag", "").translate(_BETWEEN_DIGITS).lower()
    if not _HEX_TAG.fullmatch(tag):
        raise _fault(text("site.no_tag", given=cells[0][:40]))
    colour = _colour(told.pop("colour", ""))
    try:
        return tag, SiteTag.model_validate({"colour": colour, **told})
    except ValidationError as error:
        raise _fault(_first_fault(error)) from None


def _colour(given: str) -> str:
    if not given:
        return ""
    wanted = given.casefold()
    for code in COLOURS:
        if wanted in {code.casefold(), *(word.casefold() for word in term("colour", code).each)}:
            return code
    known = joined(", ", [term("colour", code) for code in COLOURS])
    raise _fault(text("site.no_colour", given=given[:40], known=known))


def _link(line: str) -> SiteLink:
    name, address = _name_and_address(line)
    if not address or not name or name[0] in _LINK_SIGNS:
        raise _fault(text("site.no_link"))
    try:
        return SiteLink(name=name, url=address)
    except ValidationError as error:
        raise _fault(_first_fault(error)) from None


def _name_and_address(line: str) -> tuple[str, str]:
    """Both parts of a line: the address is what stands behind the last blank.

    In a line without one it stands behind the first sign. Read in one pass: a pattern that tries
    each separator takes hours for a line of them.
    """
    last = line.rsplit(maxsplit=1)[-1]
    if last != line:
        name = line[: -len(last)].rstrip().rstrip(_LINK_SIGNS + whitespace)
        return name, last.lstrip(_LINK_SIGNS)
    name = line[: next((at for at, sign in enumerate(line) if sign in _LINK_SIGNS), len(line))]
    return name, line[len(name) :].lstrip(_LINK_SIGNS)


def _whole(found: dict[str, ItemT], faults: Sequence[Text], most: int) -> dict[str, ItemT]:
    if faults:
        said = [*faults[:_MOST_LIST_FAULTS]]
        if more := len(faults) - len(said):
            said.append(text("site.more_faults", count=more))
        raise _fault(joined("; ", said))
    if len(found) > most:
        raise _fault(text("site.too_many", count=len(found), most=most))
    return found


def _in_line(number: int, error: PydanticCustomError) -> Text:
    return text("site.line", line=number, what=(error.context or {})["text"])


def _first_fault(error: ValidationError) -> Text:
    return fault_text(error.errors(include_url=False, include_input=False)[0])


def _fault(said: Text) -> PydanticCustomError:
    return PydanticCustomError("site_list", "no list", {"text": said})


def _csv(rows: Iterable[Sequence[str]]) -> str:
    written = StringIO()
    csv.writer(written, lineterminator="\n").writerows(rows)
    return written.getvalue()
