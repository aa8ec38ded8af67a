"""Regular expressions as people type them, in RE2.

It reads each byte of a text once, whatever the expression: nobody can stop a process with one.
"""

from typing import Any

import re2

MAX_REGEX_MEMORY = 4 << 20


class RegexError(ValueError):
    """It is no regular expression, or too large a one; the text says why."""


def compiled(text: str, *, any_case: bool = False) -> Any:
    """The pattern, with `search`; RegexError if there is none."""
    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = not any_case
    options.max_mem = MAX_REGEX_MEMORY
    try:
        return re2.compile(text, options)
    except re2.error as error:
        said = error.args[0] if error.args else ""
        why = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
        raise RegexError(why) from error
