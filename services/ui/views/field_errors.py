"""What is wrong with the parameters of a command: all of it at once, each said for its field."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from pydantic import ValidationError

from omf import faults
from omf.commands import Kind
from omf.commands.forms import Labels
from omf.texts import has
from services.ui.translator import Translator


class FieldFault(NamedTuple):
    """One fault; `field` is "" where it concerns the whole."""

    field: str
    label: str
    words: str
    missing: bool = False


def field_faults(kind: Kind, values: Mapping[str, Any], say: Translator) -> list[FieldFault]:
    """Everything that keeps these values from being a command; nothing if they are one."""
    try:
        kind.parameters.model_validate(dict(values))
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        return [_fault(kind, one, say) for one in found]
    return []


def told(found: list[FieldFault], say: Translator) -> str:
    """All of them in one line, each with the name of its field."""
    ends = "; ".join(f"{one.label} {one.words}".strip() for one in found)
    return say("flaw.all", faults=ends) if ends else ""


def label(kind: Kind, field: str, say: Translator) -> str:
    """What a field is called."""
    known = kind.parameters.model_fields.get(field)
    labels = known.json_schema_extra if known else None
    return say.either(labels.title) if isinstance(labels, Labels) else field


def _fault(kind: Kind, fault: Mapping[str, Any], say: Translator) -> FieldFault:
    path = [str(part) for part in fault["loc"]]
    name = path[0] if path else ""
    shown = " ".join([label(kind, name, say), *path[1:]]) if name else ""
    return FieldFault(name, shown, _words(fault, say), fault["type"] == "missing")


def _words(fault: Mapping[str, Any], say: Translator) -> str:
    context = fault.get("ctx", {})
    pattern = f"flaw.{context['pattern']}" if "pattern" in context else ""
    for key in (pattern, f"flaw.{fault['type']}"):
        if has(key):
            return say(key)
    return say.either(faults.fault_text(fault))
