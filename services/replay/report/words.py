"""What the report says, in every language."""

from omf.texts import Language, Text, figure, text


def say(language: Language, key: str, **values: object) -> str:
    """The words in one language, as plain text."""
    return said(key, **values).in_(language)


def said(key: str, **values: object) -> Text:
    """The words in every language; the page shows one of them."""
    return text(f"report.{key}", **values)


def decimal(value: float | None) -> Text | None:
    """One digit behind the comma of the reader's language."""
    return None if value is None else figure(value, 1)


def minutes(seconds: float | None) -> str:
    """`0:46`, `1:02:03`; a dash where it is not known."""
    if seconds is None:
        return "–"
    whole = round(seconds)
    hours, rest = divmod(whole, 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"
