"""What is wrong with a value, in our own words: the end of a sentence that begins with its name.

The words of the validator are for programmers and in English; none of them reaches a reader.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from omf.topics.filters import TopicError


class Words(NamedTuple):
    """One fault in both languages; `{name}` is filled from what the validator knows of it."""

    de: str
    en: str


_CHOICE = Words(
    "ist keiner der erlaubten Werte: {expected}", "is none of the allowed values: {expected}"
)
_TRUTH = Words("muss ja oder nein (true, false) sein", "must be true or false")
_WHOLE = Words("muss eine ganze Zahl sein", "must be a whole number")
_NUMBER = Words("muss eine Zahl sein", "must be a number")
_FINITE = Words("muss eine endliche Zahl sein", "must be a finite number")
_TEXT = Words("muss ein Text sein", "must be text")
_SIGNS = Words("ist kein gültiger Text (UTF-8)", "is no valid text (UTF-8)")
_OBJECT = Words("muss ein JSON-Objekt sein", "must be a JSON object")
_LIST = Words("muss eine Liste sein", "must be a list")
_FORM = Words("hat nicht die verlangte Form", "does not have the form that is asked for")
_LARGE = Words("ist zu groß", "is too large")
_SHORT = Words("braucht mindestens {min_length} Zeichen", "needs at least {min_length} characters")
_LONG = Words(
    "darf höchstens {max_length} Zeichen haben", "may have {max_length} characters at most"
)
_MOMENT = Words("muss ein Zeitpunkt sein", "must be a date and time")
_SPAN = Words("muss eine Dauer sein", "must be a length of time")
_ADDRESS = Words("muss eine gültige Adresse (URL) sein", "must be a valid address (URL)")
_IDENTITY = Words("muss eine UUID sein", "must be a UUID")
_ODD = Words("ist an dieser Stelle nicht erlaubt", "is not allowed here")
_INVALID = Words("ist ungültig", "is not valid")

WORDS: Mapping[str, Words] = {
    "missing": Words("fehlt", "is missing"),
    "extra_forbidden": Words(
        "ist bei diesem Befehl nicht vorgesehen", "is not part of this command"
    ),
    "literal_error": _CHOICE,
    "enum": _CHOICE,
    "bool_parsing": _TRUTH,
    "bool_type": _TRUTH,
    "int_parsing": _WHOLE,
    "int_type": _WHOLE,
    "int_from_float": _WHOLE,
    "int_parsing_size": _LARGE,
    "float_parsing": _NUMBER,
    "float_type": _NUMBER,
    "decimal_parsing": _NUMBER,
    "decimal_type": _NUMBER,
    "complex_str_parsing": _NUMBER,
    "complex_type": _NUMBER,
    "finite_number": _FINITE,
    "number_too_large": Words(
        "ist eine zu große Zahl",
        "is too large a number",
    ),
    "multiple_of": Words(
        "ist kein Vielfaches von {multiple_of}", "is no multiple of {multiple_of}"
    ),
    "decimal_max_digits": _LARGE,
    "decimal_max_places": _LARGE,
    "decimal_whole_digits": _LARGE,
    "string_type": _TEXT,
    "string_sub_type": _TEXT,
    "bytes_type": _TEXT,
    "string_too_short": _SHORT,
    "bytes_too_short": _SHORT,
    "string_too_long": _LONG,
    "bytes_too_long": _LONG,
    "string_unicode": _SIGNS,
    "string_not_ascii": _SIGNS,
    "bytes_invalid_encoding": _SIGNS,
    "string_pattern_mismatch": _FORM,
    "dict_type": _OBJECT,
    "mapping_type": _OBJECT,
    "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
    "dataclass_type": _OBJECT,
    "dataclass_exact_type": _OBJECT,
    "tuple_type": _LIST,
    "list_type": _LIST,
    "set_type": _LIST,
    "frozen_set_type": _LIST,
    "iterable_type": _LIST,
    "iteration_error": _LIST,
    "set_item_not_hashable": _LIST,
    "too_short": Words("braucht mindestens {min_length}", "needs at least {min_length}"),
    "too_long": Words("darf höchstens {max_length} nennen", "may name {max_length} at most"),
    "invalid_key": Words("hat einen Namen, der kein Text ist", "has a name that is no text"),
    "json_invalid": Words("ist kein JSON", "is no JSON"),
    "json_invalid_at": Words(
        "ist kein JSON (Zeile {line}, Spalte {column})", "is no JSON (line {line}, column {column})"
    ),
    "json_empty": Words("hat keinen Inhalt", "has no content"),
    "null_payload": Words("sagt nichts (null)", "says nothing (null)"),
    "json_type": Words("ist kein JSON", "is no JSON"),
    "recursion_depth_exceeded": Words("ist zu tief verschachtelt", "is nested too deeply"),
    "recursion_loop": Words("ist zu tief verschachtelt", "is nested too deeply"),
    "greater_than_equal": Words("muss mindestens {ge} sein", "must be at least {ge}"),
    "greater_than": Words("muss größer als {gt} sein", "must be greater than {gt}"),
    "less_than_equal": Words("darf höchstens {le} sein", "must be {le} at most"),
    "less_than": Words("muss kleiner als {lt} sein", "must be less than {lt}"),
    "none_required": Words("muss leer (null) sein", "must be empty (null)"),
    "date_type": _MOMENT,
    "date_parsing": _MOMENT,
    "date_from_datetime_parsing": _MOMENT,
    "date_from_datetime_inexact": _MOMENT,
    "date_past": _MOMENT,
    "date_future": _MOMENT,
    "time_type": _MOMENT,
    "time_parsing": _MOMENT,
    "datetime_type": _MOMENT,
    "datetime_parsing": _MOMENT,
    "datetime_from_date_parsing": _MOMENT,
    "datetime_object_invalid": _MOMENT,
    "datetime_past": _MOMENT,
    "datetime_future": _MOMENT,
    "timezone_naive": Words("muss eine Zeitzone nennen", "must name a time zone"),
    "timezone_aware": Words("darf keine Zeitzone nennen", "must not name a time zone"),
    "timezone_offset": Words("nennt eine andere Zeitzone", "names another time zone"),
    "time_delta_type": _SPAN,
    "time_delta_parsing": _SPAN,
    "url_type": _ADDRESS,
    "url_parsing": _ADDRESS,
    "url_syntax_violation": _ADDRESS,
    "url_too_long": _ADDRESS,
    "url_scheme": _ADDRESS,
    "uuid_type": _IDENTITY,
    "uuid_parsing": _IDENTITY,
    "uuid_version": _IDENTITY,
    "union_tag_invalid": Words("nennt eine unbekannte Art", "names an unknown kind"),
    "union_tag_not_found": Words("nennt seine Art nicht", "does not name its kind"),
    "frozen_field": Words("kann nicht geändert werden", "cannot be changed"),
    "frozen_instance": Words("kann nicht geändert werden", "cannot be changed"),
    "no_such_attribute": _ODD,
    "get_attribute_error": _ODD,
    "is_instance_of": _ODD,
    "is_subclass_of": _ODD,
    "callable_type": _ODD,
    "arguments_type": _ODD,
    "missing_argument": Words("fehlt", "is missing"),
    "missing_keyword_only_argument": Words("fehlt", "is missing"),
    "missing_positional_only_argument": Words("fehlt", "is missing"),
    "unexpected_keyword_argument": _ODD,
    "unexpected_positional_argument": _ODD,
    "multiple_argument_values": _ODD,
    "missing_sentinel_error": _ODD,
    "counter_type": _OBJECT,
    "frozen_dict_type": _OBJECT,
    "ordered_dict_type": _OBJECT,
    "fraction_type": _NUMBER,
    "fraction_parsing": _NUMBER,
    "named_tuple_type": _LIST,
    "deque_type": _LIST,
    "needs_python_object": _ODD,
    "ellipsis_error": _ODD,
    "default_factory_not_called": _INVALID,
    "value_error": _INVALID,
    "assertion_error": _INVALID,
    "path_not_file": Words("ist keine Datei, die es gibt", "is no file that is there"),
    "path_not_directory": Words("ist kein Ordner, den es gibt", "is no folder that is there"),
    "path_not_exists": Words("gibt es nicht", "is not there"),
    "device_name": Words(
        "kann nicht als Name eines Geräts in einem Topic stehen",
        "cannot stand as the name of a device in a topic",
    ),
    "where": Words(
        "braucht preset, target oder stops; preset und target gehen nicht zugleich",
        "needs preset, target or stops; preset and target exclude each other",
    ),
}
"""By pydantic's type of error; a test compares them with those pydantic knows."""


def german(fault: Mapping[str, Any]) -> str:
    """The German of one of `ValidationError.errors()`; with its context it says more."""
    return _said(fault, "de")


def english(fault: Mapping[str, Any]) -> str:
    """The English of the same."""
    return _said(fault, "en")


def _said(fault: Mapping[str, Any], language: str) -> str:
    context = dict(fault.get("ctx") or {})
    cause = context.get("error")
    if isinstance(cause, TopicError):
        return f"{getattr(_INVALID, language)}: {getattr(cause, language)}"
    if own := context.get(language):
        return str(own)
    if isinstance(cause, Exception):  # one of our own: the validator does not raise
        return f"ist ungültig: {cause}" if language == "de" else str(cause)
    if "expected" in context:
        context["expected"] = context["expected"].replace(" or ", ", ")
    return str(getattr(WORDS.get(fault["type"], _INVALID), language)).format_map(context)
