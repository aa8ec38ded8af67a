"""What pydantic finds wrong with a value, as the end of a sentence that begins with its name."""

from collections.abc import Mapping
from typing import Any

from omf.topics import TopicError

GERMAN: Mapping[str, str] = {
    "missing": "fehlt",
    "extra_forbidden": "ist bei diesem Befehl nicht vorgesehen",
    "literal_error": "ist keiner der erlaubten Werte",
    "enum": "ist keiner der erlaubten Werte",
    "bool_parsing": "muss ja oder nein (true, false) sein",
    "bool_type": "muss ja oder nein (true, false) sein",
    "int_parsing": "muss eine ganze Zahl sein",
    "int_type": "muss eine ganze Zahl sein",
    "int_from_float": "muss eine ganze Zahl sein",
    "float_parsing": "muss eine Zahl sein",
    "float_type": "muss eine Zahl sein",
    "finite_number": "muss eine endliche Zahl sein",
    "string_type": "muss ein Text sein",
    "string_too_short": "darf nicht leer sein",
    "string_unicode": "enthält Zeichen, die es nicht gibt",
    "dict_type": "muss ein JSON-Objekt sein",
    "model_type": "muss ein JSON-Objekt sein",
    "model_attributes_type": "muss ein JSON-Objekt sein",
    "tuple_type": "muss eine Liste sein",
    "too_short": "nennt zu wenig",
    "too_long": "nennt zu viel",
    "json_invalid": "ist kein JSON",
    "string_pattern_mismatch": "hat nicht die verlangte Form",
    "string_too_long": "ist zu lang",
    "greater_than_equal": "ist zu klein",
    "greater_than": "ist zu klein",
    "less_than_equal": "ist zu groß",
    "device_name": "kann nicht als Name eines Geräts in einem Topic stehen",
    "where": "braucht preset, target oder stops; preset und target gehen nicht zugleich",
}
"""By pydantic's type of error."""


def german(fault: Mapping[str, Any]) -> str:
    """The German of one of `ValidationError.errors()`; with its context it says more."""
    context = fault.get("ctx", {})
    if isinstance(cause := context.get("error"), TopicError):
        return f"ist ungültig: {cause.de}"
    if own := context.get("de"):
        return str(own)
    return GERMAN.get(fault["type"], f"ist ungültig: {english(fault)}")


def english(fault: Mapping[str, Any]) -> str:
    """The English of the same."""
    return str(fault["msg"]).removeprefix("Value error, ")
