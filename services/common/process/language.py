"""Which language somebody asks for."""

from omf.texts import LANGUAGES, Language


def spoken(accept_language: str) -> Language:
    """The first of our languages that an Accept-Language header asks for, else English."""
    for wish in accept_language.split(","):
        for language in LANGUAGES:
            if wish.strip().lower().startswith(language):
                return language
    return "en"
