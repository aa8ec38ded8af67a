"""Reading a message that does not fit as a whole: what fits is taken, the rest is named.

One field of a wrong type, a number no computer can hold or a list element of another kind costs
that field or element and nothing else. `null` says nothing, at whatever place, and a number where
text is due is read as text. A field that was there and could not be read is unknown, and its record
says so in `unread`.
"""

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cache
from types import UnionType
from typing import Annotated, Any, NamedTuple, TypeAlias, Union, cast, get_args, get_origin

from pydantic import ConfigDict, RootModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from omf.messages.base import MAX_INTEGER, Payload, has_surrogates, mark_unread
from omf.messages.encodings import decode
from omf.messages.misfits import MISSING, Finds, Misfit, Place, TooManyMisfitsError

MAX_JSON_DEPTH = 100
"""Objects and lists in each other; the deepest of the factory are seven."""
MAX_NUMBER_DIGITS = 400
"""A longer number is not even looked at: reading it takes the square of its length."""
_LEAF = ConfigDict(allow_inf_nan=False, coerce_numbers_to_str=True)
_Reader: TypeAlias = Callable[[Any, Place, Finds], Any]


class Partly(NamedTuple):
    """What could be read; `payload` is None where nothing could."""

    payload: Payload | None
    misfits: tuple[Misfit, ...]
    remarks: tuple[str, ...]
    """Keys of `encodings.REMARKS`."""


class _Unusable(NamedTuple):
    """Stands in the decoded JSON for a number that is none; `fault` as in `omf.faults`."""

    fault: str


def read_partly(model: type[Payload], payload: bytes) -> Partly:
    """Return what a payload says as far as it can be read; never raises."""
    text, remarks = decode(payload)
    finds = Finds()
    try:
        read = _reader(model)(_parsed(text), (), finds)
    except TooManyMisfitsError:
        return Partly(None, tuple(finds.misfits), remarks)
    except json.JSONDecodeError as error:
        at = {"line": error.lineno, "column": error.colno}
        fault = {"type": "json_invalid_at" if text else "json_empty", "ctx": at}
        return Partly(None, (Misfit.of((), fault),), remarks)
    except RecursionError:
        return Partly(None, (Misfit.of((), {"type": "recursion_loop"}),), remarks)
    usable = isinstance(read, Payload) and (not finds.misfits or _tells(read))
    if not usable and not finds.misfits:
        finds.add((), "null_payload")
    return Partly(read if usable else None, tuple(finds.misfits), remarks)


def _parsed(text: str) -> Any:
    return json.loads(text, parse_int=_integer, parse_float=_fraction, parse_constant=_not_a_number)


def _not_a_number(_name: str) -> _Unusable:
    return _Unusable("finite_number")


def _integer(digits: str) -> int | _Unusable:
    return int(digits) if len(digits) <= MAX_NUMBER_DIGITS else _Unusable("number_too_large")


def _fraction(digits: str) -> float | _Unusable:
    value = float(digits)
    return _Unusable("number_too_large") if value in (float("inf"), float("-inf")) else value


def _tells(payload: Payload) -> bool:
    """Whether anything its model knows is left of a message."""
    fields = type(payload).model_fields
    told = {name: getattr(payload, name) for name in payload.model_fields_set & fields.keys()}
    return any(
        value is not None and not (value == () and _wire(name, fields[name]) in payload.unread)
        for name, value in told.items()
    )


def _wire(name: str, field: FieldInfo) -> str:
    return field.alias or name


@cache
def _reader(annotation: Any) -> _Reader:
    """The way to read a value that a field of this type holds."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if annotation is Any:
        return _anything
    if not _has_parts(annotation):
        return _leaf_reader(annotation)
    if origin is Annotated:
        return _reader(arguments[0])
    if origin in (tuple, dict):
        item = _reader(arguments[0 if origin is tuple else 1])
        return _list_reader(item) if origin is tuple else _mapping_reader(item)
    if origin in (Union, UnionType):
        return _union_reader(arguments)
    return _root_reader(annotation) if issubclass(annotation, RootModel) else _Record(annotation)


def _has_parts(annotation: Any) -> bool:
    """Whether a type is, or may be, made of parts that can be wrong on their own."""
    if annotation is Any or get_origin(annotation) in (tuple, dict):
        return True
    if get_origin(annotation) in (Annotated, Union, UnionType):
        return any(_has_parts(part) for part in get_args(annotation))
    return isinstance(annotation, type) and issubclass(annotation, Payload)


def _json_type(annotation: Any) -> type:
    """The JSON type a member of a union is told by."""
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    return list if get_origin(annotation) is tuple else dict


def _union_reader(members: Sequence[Any]) -> _Reader:
    parted = {_json_type(one): _reader(one) for one in members if _has_parts(one)}
    plain = [one for one in members if not _has_parts(one)]
    leaf = _leaf_reader(Union[tuple(plain)])  # noqa: UP007 - the members are known at run time
    expected = "dict_type" if dict in parted else "tuple_type"

    def read(value: Any, place: Place, finds: Finds) -> Any:
        if plain == [type(None)] and value is not None and type(value) not in parted:
            return finds.add(place, expected)
        return parted.get(type(value), leaf)(value, place, finds)

    return read


def _list_reader(item: _Reader) -> _Reader:
    def read(value: Any, place: Place, finds: Finds) -> Any:
        if value is None:
            return MISSING
        if not isinstance(value, list):
            return finds.add(place, "tuple_type")
        found = (item(one, (*place, number), finds) for number, one in enumerate(value))
        return tuple(one for one in found if one is not MISSING)

    return read


def _mapping_reader(item: _Reader) -> _Reader:
    def read(value: Any, place: Place, finds: Finds) -> Any:
        if value is None:
            return MISSING
        if not isinstance(value, dict):
            return finds.add(place, "dict_type")
        found = ((key, item(one, (*place, key), finds)) for key, one in _named(value, place, finds))
        return {key: one for key, one in found if one is not MISSING}

    return read


def _named(value: dict[str, Any], place: Place, finds: Finds) -> Iterator[tuple[str, Any]]:
    for key, one in value.items():
        if has_surrogates(key):
            finds.add((*place, key), "string_unicode")
        else:
            yield key, one


def _unusable(value: Any) -> str | None:
    """The fault of a number or text that nobody can write again."""
    if isinstance(value, _Unusable):
        return value.fault
    return "string_unicode" if isinstance(value, str) and has_surrogates(value) else None


def _leaf_reader(annotation: Any) -> _Reader:
    check = TypeAdapter(annotation, config=_LEAF).validate_python
    nullable = annotation is type(None) or type(None) in get_args(annotation)

    def read(value: Any, place: Place, finds: Finds) -> Any:
        if value is None and not nullable:
            return MISSING
        if fault := _unusable(value):
            return finds.add(place, fault)
        try:
            return check(value)
        except ValidationError as error:
            return finds.add(place, _plainest(error))

    return read


def _plainest(error: ValidationError) -> Mapping[str, Any]:
    """Of what each member of a union says: that of the text, else of the widest, the last."""
    said = error.errors(include_url=False, include_input=False)
    return next((one for one in said if one["type"] == "string_type"), said[-1])


def _anything(value: Any, place: Place, finds: Finds) -> Any:
    """A value nobody described: what of it JSON can say again."""
    if len(place) > MAX_JSON_DEPTH:
        return finds.add(place, "recursion_loop")
    if isinstance(value, dict):
        return _mapping_reader(_anything)(value, place, finds)
    if isinstance(value, list):
        return list(_list_reader(_anything)(value, place, finds))
    fault = _unusable(value)
    if isinstance(value, int) and abs(value) > MAX_INTEGER:
        fault = "number_too_large"
    return finds.add(place, fault) if fault else value


def _root_reader(model: type[Payload]) -> _Reader:
    inner = _field_reader(model.model_fields["root"])

    def read(value: Any, place: Place, finds: Finds) -> Any:
        found = inner(value, place, finds)
        if found is MISSING:
            return MISSING
        lost = finds.lost_since(0, len(place) + 1)
        return mark_unread(model.model_validate(found), {"root"} if lost else ())

    return read


def _field_reader(field: FieldInfo) -> _Reader:
    whole = Annotated[(field.annotation, *field.metadata)] if field.metadata else field.annotation
    return _reader(cast("Any", whole))


class _Record:
    """Reads an object field by field."""

    def __init__(self, model: type[Payload]) -> None:
        self._model = model
        fields = [(name, _wire(name, field), field) for name, field in model.model_fields.items()]
        self._fields = {
            key: (name, wire, _field_reader(field))
            for name, wire, field in fields
            for key in (name, wire)
        }
        self._required = [(name, wire) for name, wire, field in fields if field.is_required()]

    def __call__(self, value: Any, place: Place, finds: Finds) -> Any:
        if value is None:
            return MISSING
        if not isinstance(value, dict):
            return finds.add(place, "dict_type")
        kept: dict[str, Any] = {}
        unread: set[str] = set()
        for key, given in _named(value, place, finds):
            name, wire, inner = self._fields.get(key, (key, key, _anything))
            before = len(finds.misfits)
            found = inner(given, (*place, key), finds)
            if found is not MISSING:
                kept[name] = found
            # Of a list a lost element counts; an object tells itself what of it was lost.
            if finds.lost_since(before, len(place) + (1 if isinstance(found, Payload) else 2)):
                unread.add(wire)
        self._miss(value, kept, place, finds)
        return mark_unread(self._model.model_validate(kept), unread)

    def _miss(
        self, given: Collection[str], kept: dict[str, Any], place: Place, finds: Finds
    ) -> None:
        """Name what has to be there and is not; it is unknown."""
        for name, wire in self._required:
            if name not in given and wire not in given:
                finds.add((*place, wire), "missing")
            kept.setdefault(name, None)
