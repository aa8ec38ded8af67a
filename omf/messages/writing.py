"""From meaning to bytes: compact, and nothing leaves that the factory might misread."""

import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from omf.messages.base import Payload, Written, lacking
from omf.messages.reading import Reading, Rejected, Result, parse_strictly

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
    en, de = "; ".join(f.en for f in faults), "; ".join(f.de for f in faults)
    return Rejected(topic, "misfit", en, de)


class _Fault(NamedTuple):
    de: str
    en: str


def _all_faults(payload: Payload) -> tuple[_Fault, ...]:
    missing = (_must_be_there(path) for path in lacking(payload))
    return (*_faults(payload, ""), *missing)


def _must_be_there(path: str) -> _Fault:
    return _fault(path, "muss da sein", "must be there")


def _faults(value: Any, where: str) -> Iterator[_Fault]:
    if isinstance(value, tuple):
        for position, item in enumerate(value):
            yield from _faults(item, f"{where}.{position}".lstrip("."))
    if not isinstance(value, Payload):
        return
    for extra in value.model_extra or ():
        yield _fault(
            _at(where, extra), "gibt es im Protokoll nicht", "the protocol has no such field"
        )
    for name, field in type(value).model_fields.items():
        inner = getattr(value, name, None)
        path = _at(where, "" if name == "root" else field.alias or name)
        for mark in field.metadata:
            if isinstance(mark, Written):
                yield from _unwritten(inner, mark, path)
        yield from _faults(inner, path)


def _at(where: str, name: str) -> str:
    return f"{where}.{name}".strip(".")


def _fault(path: str, de: str, en: str) -> _Fault:
    return _Fault(f"{path}: {de}", f"{path}: {en}")


def _unwritten(value: Any, mark: Written, path: str) -> Iterator[_Fault]:
    if value is None or value == "":
        yield _must_be_there(path)
    elif mark.one_of and value not in mark.one_of:
        known = ", ".join(mark.one_of)
        yield _fault(path, f"{value!r} ist keines von {known}", f"{value!r} is none of {known}")
    elif mark.stamp and not _STAMP.fullmatch(value):
        form = "YYYY-MM-DDTHH:MM:SS.sssZ"
        yield _fault(path, f"{value!r} ist nicht {form}", f"{value!r} is not {form}")
