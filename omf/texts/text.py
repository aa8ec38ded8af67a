"""A text that knows its key and what fills it, and is said in whichever language is asked for."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from omf.texts.catalogue import LANGUAGES, Language, has, render

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema


class Text(ABC):
    """What a person reads, in every language; two are equal if they read the same in each.

    In a model it is written as one string per language. What was stored before a language came is
    read in English in that language.
    """

    __slots__ = ()

    @abstractmethod
    def in_(self, language: Language) -> str:
        """It in one language."""

    @property
    def de(self) -> str:
        """German."""
        return self.in_("de")

    @property
    def en(self) -> str:
        """English."""
        return self.in_("en")

    @property
    def fr(self) -> str:
        """French."""
        return self.in_("fr")

    @property
    def each(self) -> tuple[str, ...]:
        """It in every language."""
        return tuple(self.in_(language) for language in LANGUAGES)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Text) and self.each == other.each

    def __hash__(self) -> int:
        return hash(self.en)

    def __repr__(self) -> str:
        return f"Text({self.en!r})"

    def cut(self, most: int) -> Text:
        """It as it reads now, no more than so many characters in any language."""
        return _Stored({language: self.in_(language)[:most] for language in LANGUAGES})

    def to_dict(self) -> dict[str, str]:
        """One string per language."""
        return {language: self.in_(language) for language in LANGUAGES}

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        from pydantic_core import core_schema  # noqa: PLC0415 - only models of pydantic need it

        words = core_schema.dict_schema(core_schema.str_schema(), core_schema.str_schema())
        read = core_schema.no_info_after_validator_function(_read, words)
        return core_schema.json_or_python_schema(
            json_schema=read,
            python_schema=core_schema.union_schema([core_schema.is_instance_schema(Text), read]),
            serialization=core_schema.plain_serializer_function_ser_schema(
                Text.to_dict, return_schema=words
            ),
        )


class Saying:
    """Whatever says its `text`: a finding, a reason, an error."""

    __slots__ = ()
    text: Text

    @property
    def de(self) -> str:
        """German."""
        return self.text.de

    @property
    def en(self) -> str:
        """English."""
        return self.text.en

    @property
    def fr(self) -> str:
        """French."""
        return self.text.fr


class _Message(Text):
    """A text of the catalogues; a value that is a Text is said in the same language."""

    __slots__ = ("_key", "_values")

    def __init__(self, key: str, values: Mapping[str, object]) -> None:
        self._key, self._values = key, values

    def __eq__(self, other: object) -> bool:
        if isinstance(other, _Message) and self._key == other._key:
            return self._values == other._values or super().__eq__(other)
        return super().__eq__(other)

    __hash__ = Text.__hash__

    def in_(self, language: Language) -> str:
        values = {
            name: value.in_(language) if isinstance(value, Text) else value
            for name, value in self._values.items()
        }
        return render(language, self._key, values)


class _Stored(Text):
    """Words that were said already, as they were stored."""

    __slots__ = ("_words",)

    def __init__(self, words: Mapping[str, str]) -> None:
        self._words = words

    def in_(self, language: Language) -> str:
        return self._words.get(language) or self._words["en"]


def _read(words: Mapping[str, str]) -> Text:
    """Words as they were stored; the languages that are missing are said in English."""
    if "en" not in words:
        raise ValueError("the English words are missing")
    return _Stored(words)


class _Verbatim(Text):
    """The same in every language: a name, an id, a code nobody has words for."""

    __slots__ = ("_word",)

    def __init__(self, word: str) -> None:
        self._word = word

    def in_(self, language: Language) -> str:  # noqa: ARG002 - the same in each
        return self._word


class _Figure(Text):
    """A number, its decimals behind the sign the language has for it."""

    __slots__ = ("_shown",)

    def __init__(self, shown: str) -> None:
        self._shown = shown

    def in_(self, language: Language) -> str:
        # Numbers of Babel take longer to import than many a command line to answer.
        from babel.numbers import get_decimal_symbol  # noqa: PLC0415

        return self._shown.replace(".", get_decimal_symbol(language))


class _Joined(Text):
    """Several texts one after the other."""

    __slots__ = ("_between", "_parts")

    def __init__(self, between: str, parts: tuple[Text, ...]) -> None:
        self._between, self._parts = between, parts

    def in_(self, language: Language) -> str:
        return self._between.join(part.in_(language) for part in self._parts)


def text(key: str, /, **values: object) -> Text:
    """The text of a key; an unknown key is found out when it is said."""
    return _Message(key, values)


def first(*keys: str, otherwise: str) -> Text:
    """The text of the first of the keys that has one, else `otherwise` as it stands."""
    return next((text(key) for key in keys if has(key)), verbatim(otherwise))


def figure(value: float, digits: int | None = None) -> Text:
    """A number as each language writes it: so many digits behind the sign, else six in all."""
    return _Figure(f"{value:g}" if digits is None else f"{value:.{digits}f}")


def stored(**words: str) -> Text:
    """Words that were said already, one string per language."""
    return _Stored(words)


def of_fields(one: object) -> Text:
    """The text of what keeps each language in a field of its own, as reports and events do."""
    return stored(**{language: getattr(one, language) for language in LANGUAGES})


def verbatim(word: str) -> Text:
    """A word that is the same in every language."""
    return _Verbatim(word)


def joined(between: str, parts: Iterable[Text]) -> Text:
    """Texts one after the other, with `between` between them."""
    return _Joined(between, tuple(parts))
