"""Every word a page shows, in German and English; a missing key is an error.

The words of the factory's own codes come from `omf.terms`, everything else from `texts/`.
"""

from functools import cache
from pathlib import Path

import yaml

from omf import terms
from services.common.process.language import LANGUAGES, Language

__all__ = ["LANGUAGES", "Language", "Translator", "texts"]
_FOLDER = Path(__file__).parent / "texts"


@cache
def texts() -> dict[str, dict[Language, str]]:
    """All texts by key; the files hold `key: [German, English]`, each key in one of them."""
    found: dict[str, dict[Language, str]] = {
        key: {"de": term.de, "en": term.en} for key, term in terms.terms().items()
    }
    for file in sorted(_FOLDER.glob("*.yaml")):
        for key, pair in yaml.load(file.read_text(encoding="utf-8"), yaml.CSafeLoader).items():
            if key in found:
                raise KeyError(f"{key} stands in {file.name} and elsewhere")
            found[key] = dict(zip(LANGUAGES, pair, strict=True))
    return found


class Translator:
    """Says texts in one language: `say("age.since", time="10:42")`."""

    def __init__(self, language: Language) -> None:
        self.language = language

    def __call__(self, key: str, /, **values: object) -> str:
        """The text of `key` with its gaps filled; KeyError names an unknown key."""
        text = texts()[key][self.language]
        return text.format(**values) if values else text

    def known(self, prefix: str, word: str | None) -> str:
        """The text of `prefix.word`; a word without a text is shown as it came, None as unknown."""
        if word is None:
            return self("unknown")
        entry = texts().get(f"{prefix}.{word}")
        return entry[self.language] if entry else word

    def either(self, both: object) -> str:
        """The right one of an object's `de` and `en`."""
        return str(getattr(both, self.language))
