"""The catalogues: read once each, by the language that is asked for."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from gettext import c2py
from importlib.resources import files
from typing import Literal, NamedTuple, get_args

Language = Literal["de", "en", "fr"]
LANGUAGES: tuple[Language, ...] = get_args(Language)


class Catalogue(NamedTuple):
    """The texts of one language by key, and which plural form a number takes."""

    texts: Mapping[str, str | tuple[str, ...]]
    plural_form: Callable[[int], int]


@cache
def catalogue(language: Language) -> Catalogue:
    """The catalogue of a language."""
    # The reader of catalogues takes longer to import than many a command line to answer.
    from babel.messages.pofile import read_po  # noqa: PLC0415

    with files("omf.texts").joinpath(f"{language}.po").open("rb") as file:
        read = read_po(file, locale=language, abort_invalid=True)
    texts = {_key(one.id): _forms(one.string) for one in read if one.id}
    return Catalogue(texts, c2py(read.plural_expr))


def has(key: str) -> bool:
    """True if the key has a text; all languages have the same keys."""
    return key in catalogue("en").texts


def keys() -> Iterable[str]:
    """Every key; all languages have the same."""
    return catalogue("en").texts


def render(language: Language, key: str, values: Mapping[str, object]) -> str:
    """The text of `key` with its `{names}` filled in; KeyError names an unknown key."""
    words, plural_form = catalogue(language)
    found = words[key]
    if not isinstance(found, str):
        count = values.get("count")
        found = found[plural_form(count if isinstance(count, int) else len(found))]
    return found.format_map(values) if values else found


def _forms(string: str | Sequence[str] | None) -> str | tuple[str, ...]:
    return string or "" if string is None or isinstance(string, str) else tuple(string)


def _key(message_id: str | Sequence[str]) -> str:
    return message_id if isinstance(message_id, str) else message_id[0]
