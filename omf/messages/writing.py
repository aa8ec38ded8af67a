"""From meaning to bytes: compact, and nothing leaves that the factory might misread."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from omf.messages.base import Payload, Written, lacking
from omf.messages.reading import Reading, Rejected, Result, parse_strictly
from omf.texts import Text, joined, text

_STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


class WriteError(ValueError):
    """A payload that must not be sent; `faults` names each field and what is wrong with it."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(self.faults))


def dump(payload: Payload) -> bytes:
    """Return the payload as compact UTF-8 JSON with exactly the fields set; else WriteError."""
    if faults := _all_faults(payload):
        raise WriteError(fault.en for fault in faults)
    try:
        text = payload.model_dump_json(by_alias=True, exclude_unset=True, warnings="error")
        type(payload).model_validate_json(text)
    except ValueError as error:  # model_construct can hold what no reading would
        raise WriteError([str(error)]) from error
    return text.encode()


def check_command(topic: str, payload: bytes) -> Result:
    """Read bytes about to be sent, and reject whatever `dump` would not have written."""
    result = parse_strictly(topic, payload)
    if not isinstance(result, Reading):
        return result
    faults = _all_faults(result.payload)
    if not faults:
        return result
    return Rejected(topic, "misfit", joined("; ", faults))


def _all_faults(payload: Payload) -> tuple[Text, ...]:
    missing = (_must_be_there(path) for path in lacking(payload))
    return (*_faults(payload, ""), *missing)


def _must_be_there(path: str) -> Text:
    return _fault(path, text("unwritable.must_be_there"))


def _faults(value: Any, where: str) -> Iterator[Text]:
    if isinstance(value, tuple):
        for position, item in enumerate(value):
            yield from _faults(item, f"{where}.{position}".lstrip("."))
    if not isinstance(value, Payload):
        return
    for extra in value.model_extra or ():
        yield _fault(_at(where, extra), text("unwritable.no_such_field"))
    for name, field in type(value).model_fields.items():
        inner = getattr(value, name, None)
        path = _at(where, "" if name == "root" else field.alias or name)
        for mark in field.metadata:
            if isinstance(mark, Written):
                yield from _unwritten(inner, mark, path)
        yield from _faults(inner, path)


def _at(where: str, name: str) -> str:
    return f"{where}.{name}".strip(".")


def _fault(path: str, fault: Text) -> Text:
    return text("detail.joined", what=path, detail=fault)


def _unwritten(value: Any, mark: Written, path: str) -> Iterator[Text]:
    if value is None or value == "":
        yield _must_be_there(path)
    elif mark.one_of and value not in mark.one_of:
        known = ", ".join(mark.one_of)
        yield _fault(path, text("unwritable.none", value=value, known=known))
    elif mark.stamp and not _STAMP.fullmatch(value):
        form = "YYYY-MM-DDTHH:MM:SS.sssZ"
        yield _fault(path, text("unwritable.not", value=value, form=form))
