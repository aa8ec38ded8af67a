"""Figures and durations as a language writes them."""

from functools import cache

from babel.numbers import get_decimal_symbol, get_group_symbol

from omf.constants import HOUR_S, MINUTE_S
from omf.texts.catalogue import Language

NONE = "—"


def number(value: float | None, language: Language, digits: int = 0) -> str:
    """A figure with the separators of the language; None is a dash."""
    if value is None:
        return NONE
    return f"{value:,.{digits}f}".translate(_signs(language))


@cache
def _signs(language: Language) -> dict[int, str]:
    """What stands between thousands and before decimals."""
    return str.maketrans({",": get_group_symbol(language), ".": get_decimal_symbol(language)})


def took(seconds: float | None, language: Language) -> str:
    """A duration: `9,8 s`, `3 min 5 s`, `1 h 5 min`."""
    if seconds is None:
        return NONE
    whole = round(seconds)
    if whole < MINUTE_S:
        return f"{number(seconds, language, 1 if seconds < 10 else 0)} s"  # noqa: PLR2004 - two digits say enough
    if whole < HOUR_S:
        minutes, rest = divmod(whole, MINUTE_S)
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, left = divmod(whole // MINUTE_S, MINUTE_S)
    return f"{hours} h {left} min" if left else f"{hours} h"
