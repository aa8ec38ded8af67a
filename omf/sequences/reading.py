"""Files of sequences: read as data, and refused with line, name and mend."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from omf.commands import CommandError
from omf.faults import fault_text
from omf.sequences.written import SequenceStep, WrittenSequence, parameter_faults
from omf.yaml_files import YamlFault, YamlFileError, line_of, read_yaml


def read_sequence(source: str) -> WrittenSequence:
    """The content of a file; YamlFileError names each fault with its line."""
    written = read_yaml(source, WrittenSequence)
    faults = [
        YamlFault(line_of(source, place), ".".join(map(str, place)), what)
        for place, what in parameter_faults(written.steps)
    ]
    if faults:
        raise YamlFileError(faults)
    return written


def steps_of(title: Any, steps: Sequence[Mapping[str, Any]]) -> WrittenSequence:
    """The same, handed over as JSON; CommandError names the first fault."""
    try:
        written = WrittenSequence.model_validate({"title": title, "steps": list(steps)})
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or "steps"
        raise CommandError(where, fault_text(first)) from None
    for place, what in parameter_faults(written.steps):
        raise CommandError(".".join(map(str, place)), what)
    return written


def as_given(steps: Sequence[SequenceStep]) -> list[dict[str, Any]]:
    """Steps as a `sequence-start` carries them; `steps_of` reads them again."""
    return [step.model_dump(mode="json", by_alias=True, exclude_defaults=True) for step in steps]
