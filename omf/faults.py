"""What is wrong with a value, in our own words: the end of a sentence that begins with its name.

The words of the validator are for programmers and in English; none of them reaches a reader.
"""

from collections.abc import Mapping
from typing import Any

from omf.texts import Text, text
from omf.topics.filters import TopicError

KEYS: Mapping[str, str] = {
    "missing": "missing",
    "extra_forbidden": "extra_forbidden",
    "literal_error": "choice",
    "enum": "choice",
    "bool_parsing": "truth",
    "bool_type": "truth",
    "int_parsing": "whole",
    "int_type": "whole",
    "int_from_float": "whole",
    "int_parsing_size": "large",
    "float_parsing": "number",
    "float_type": "number",
    "decimal_parsing": "number",
    "decimal_type": "number",
    "complex_str_parsing": "number",
    "complex_type": "number",
    "finite_number": "finite",
    "number_too_large": "number_too_large",
    "multiple_of": "multiple_of",
    "decimal_max_digits": "large",
    "decimal_max_places": "large",
    "decimal_whole_digits": "large",
    "string_type": "text",
    "string_sub_type": "text",
    "bytes_type": "text",
    "string_too_short": "short",
    "bytes_too_short": "short",
    "string_too_long": "long",
    "bytes_too_long": "long",
    "string_unicode": "signs",
    "string_not_ascii": "signs",
    "bytes_invalid_encoding": "signs",
    "string_pattern_mismatch": "form",
    "dict_type": "object",
    "mapping_type": "object",
    "model_type": "object",
    "model_attributes_type": "object",
    "dataclass_type": "object",
    "dataclass_exact_type": "object",
    "tuple_type": "list",
    "list_type": "list",
    "set_type": "list",
    "frozen_set_type": "list",
    "iterable_type": "list",
    "iteration_error": "list",
    "set_item_not_hashable": "list",
    "too_short": "too_short",
    "too_long": "too_long",
    "invalid_key": "invalid_key",
    "json_invalid": "json_invalid",
    "json_invalid_at": "json_invalid_at",
    "json_empty": "json_empty",
    "null_payload": "null_payload",
    "json_type": "json_invalid",
    "recursion_depth_exceeded": "recursion_depth_exceeded",
    "recursion_loop": "recursion_depth_exceeded",
    "greater_than_equal": "greater_than_equal",
    "greater_than": "greater_than",
    "less_than_equal": "less_than_equal",
    "less_than": "less_than",
    "none_required": "none_required",
    "date_type": "moment",
    "date_parsing": "moment",
    "date_from_datetime_parsing": "moment",
    "date_from_datetime_inexact": "moment",
    "date_past": "moment",
    "date_future": "moment",
    "time_type": "moment",
    "time_parsing": "moment",
    "datetime_type": "moment",
    "datetime_parsing": "moment",
    "datetime_from_date_parsing": "moment",
    "datetime_object_invalid": "moment",
    "datetime_past": "moment",
    "datetime_future": "moment",
    "timezone_naive": "timezone_naive",
    "timezone_aware": "timezone_aware",
    "timezone_offset": "timezone_offset",
    "time_delta_type": "span",
    "time_delta_parsing": "span",
    "url_type": "address",
    "url_parsing": "address",
    "url_syntax_violation": "address",
    "url_too_long": "address",
    "url_scheme": "address",
    "uuid_type": "identity",
    "uuid_parsing": "identity",
    "uuid_version": "identity",
    "union_tag_invalid": "union_tag_invalid",
    "union_tag_not_found": "union_tag_not_found",
    "frozen_field": "frozen_field",
    "frozen_instance": "frozen_field",
    "no_such_attribute": "odd",
    "get_attribute_error": "odd",
    "is_instance_of": "odd",
    "is_subclass_of": "odd",
    "callable_type": "odd",
    "arguments_type": "odd",
    "missing_argument": "missing",
    "missing_keyword_only_argument": "missing",
    "missing_positional_only_argument": "missing",
    "unexpected_keyword_argument": "odd",
    "unexpected_positional_argument": "odd",
    "multiple_argument_values": "odd",
    "missing_sentinel_error": "odd",
    "counter_type": "object",
    "frozen_dict_type": "object",
    "ordered_dict_type": "object",
    "fraction_type": "number",
    "fraction_parsing": "number",
    "named_tuple_type": "list",
    "deque_type": "list",
    "needs_python_object": "odd",
    "ellipsis_error": "odd",
    "default_factory_not_called": "invalid",
    "value_error": "invalid",
    "assertion_error": "invalid",
    "path_not_file": "path_not_file",
    "path_not_directory": "path_not_directory",
    "path_not_exists": "path_not_exists",
    "device_name": "device_name",
    "where": "where",
}
"""By pydantic's type of error what it is called in the catalogues, under `invalid.`; a test
compares them with those pydantic knows."""


def fault_text(fault: Mapping[str, Any]) -> Text:
    """One of `ValidationError.errors()` in our words; with its context it says more."""
    context = dict(fault.get("ctx") or {})
    cause = context.get("error")
    if isinstance(cause, TopicError):
        return text("invalid.because", cause=cause.text)
    if isinstance(own := context.get("text"), Text):
        return own
    if isinstance(cause, Exception):  # one of our own: the validator does not raise
        return text("invalid.cause", cause=str(cause))
    if "expected" in context:
        context["expected"] = context["expected"].replace(" or ", ", ")
    return text(f"invalid.{KEYS.get(fault['type'], 'invalid')}", **context)
