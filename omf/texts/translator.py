"""Texts in the language of who reads them; a missing key is an error."""

from collections.abc import Mapping

from omf.texts.catalogue import Language, has, render
from omf.texts.text import Text


class Translator:
    """Says texts in one language: `say("age.since", time="10:42")`."""

    def __init__(self, language: Language, marks: Mapping[str, str] | None = None) -> None:
        """`marks` are written before the texts of these keys."""
        self.language = language
        self._marks = marks or {}

    def __call__(self, key: str, /, **values: object) -> str:
        """The text of `key` with its gaps filled, also by texts; KeyError names an unknown key."""
        told = {
            name: value.in_(self.language) if isinstance(value, Text) else value
            for name, value in values.items()
        }
        said = render(self.language, key, told)
        mark = self._marks.get(key)
        return f"{mark} {said}" if mark else said

    def known(self, prefix: str, word: str | None) -> str:
        """The text of `prefix.word`; a word without a text is shown as it came, None as unknown."""
        if word is None:
            return self("unknown")
        key = f"{prefix}.{word}"
        return self(key) if has(key) else word

    def either(self, said: object) -> str:
        """A text, or whatever has one string per language, in this language.

        What was stored before a language came is said in English.
        """
        if isinstance(said, Text):
            return said.in_(self.language)
        return str(getattr(said, self.language, "") or said.en)  # type: ignore[attr-defined]
