"""Every word a page shows, in the language of who looks; a missing key is an error."""

from omf.texts import LANGUAGES, Language
from omf.texts.translator import Translator

__all__ = ["LANGUAGES", "Language", "Translator"]
