"""YAML files that people write: read into a model, or refused with line, name and mend."""

from collections.abc import Iterator, Sequence
from datetime import time
from typing import Annotated, Any, NamedTuple, TypeVar

import yaml
from pydantic import BaseModel, BeforeValidator, ValidationError
from pydantic_core import PydanticCustomError

from omf.faults import fault_text
from omf.texts import Saying, Text, joined, text, verbatim

MAX_YAML_FAULTS = 10
UNREADABLE_YAML = (ValueError, LookupError, AttributeError, RecursionError)
"""What the reader of YAML raises besides its own: an impossible date, a list that holds itself."""
M = TypeVar("M", bound=BaseModel)
_MINUTES_OF_A_DAY = 24 * 60


def _of_day(value: object) -> object:
    """YAML reads an unquoted 22:00 as the number 22 * 60."""
    if isinstance(value, bool | float) or not isinstance(value, int):
        return value
    if not 0 <= value < _MINUTES_OF_A_DAY:
        raise PydanticCustomError("time_of_day", "no time", {"text": text("yaml_file.time_of_day")})
    return time(*divmod(value, 60))


TimeOfDay = Annotated[time, BeforeValidator(_of_day)]
"""A time of day, in quotes or without."""


class YamlFault(NamedTuple):
    """What is wrong in one place of a file."""

    line: int
    """From 1."""
    name: str
    """The field, as `receivers.2.language`; "" for the file as a whole."""
    text: Text


class YamlFileError(Saying, ValueError):
    """The file cannot be used; `text` names each fault with its line."""

    def __init__(self, faults: Sequence[YamlFault]) -> None:
        self.faults = tuple(faults)
        said = [
            text("yaml_file.fault", line=one.line, name=one.name, what=one.text)
            if one.name
            else text("yaml_file.line", line=one.line, what=one.text)
            for one in self.faults[:MAX_YAML_FAULTS]
        ]
        self.text = joined("; ", said)
        super().__init__(self.text.en)


def read_yaml(source: str, model: type[M]) -> M:
    """The file as a model; YamlFileError where it is none. An empty file is an empty mapping."""
    root, told, repeated = _loaded(source)
    if repeated:
        raise YamlFileError(repeated)
    try:
        return model.model_validate(told)
    except ValidationError as error:
        raise YamlFileError([_fault(root, one) for one in error.errors()]) from None


def _loaded(source: str) -> tuple[Any, Any, list[YamlFault]]:
    """Its nodes, its data, and the names that stand twice; YamlFileError where it is no YAML."""
    try:
        root = yaml.compose(source, yaml.CSafeLoader)
        repeated = list(_repeated(root))
        return root, {} if root is None else yaml.load(source, yaml.CSafeLoader), repeated
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        said = str(getattr(error, "problem", None) or "no YAML")
        # What is missing at the end of the file is missing from its last line.
        last = max(1, len(source.splitlines()))
        line = 1 if mark is None else min(mark.line + 1, last)
    except UNREADABLE_YAML as error:
        line, said = 1, str(error)[:200] or "no YAML"
    raise YamlFileError([YamlFault(line, "", text("yaml_file.syntax", what=verbatim(said)))])


def line_of(source: str, where: Sequence[int | str]) -> int:
    """The line of a field of a file that `read_yaml` read."""
    return _line(yaml.compose(source, yaml.CSafeLoader), where)


def _fault(root: Any, found: Any) -> YamlFault:
    where = [part for part in found["loc"] if part != "[key]"]
    return YamlFault(_line(root, where), ".".join(map(str, where)), fault_text(found))


def _line(root: Any, where: Sequence[int | str]) -> int:
    """The line of a field; of one that is missing that of what it is missing from."""
    node, line = root, 1 if root is None else root.start_mark.line + 1
    for part in where:
        if isinstance(node, yaml.SequenceNode) and isinstance(part, int):
            key = node = node.value[part]
        elif isinstance(node, yaml.MappingNode):
            pairs = [(k, v) for k, v in node.value if k.value == str(part)]
            if not pairs:
                break
            key, node = pairs[0]
        else:
            break
        line = key.start_mark.line + 1
    return int(line)


def _repeated(node: Any) -> Iterator[YamlFault]:
    """Names that stand twice in one mapping: YAML would silently take the last."""
    if isinstance(node, yaml.SequenceNode):
        for one in node.value:
            yield from _repeated(one)
    if isinstance(node, yaml.MappingNode):
        seen = set[str]()
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    name = str(key.value)
                    yield YamlFault(key.start_mark.line + 1, name, text("yaml_file.twice"))
                seen.add(key.value)
            yield from _repeated(value)
