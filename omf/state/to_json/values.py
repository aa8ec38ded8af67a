"""Values of the state as plain JSON data, with their ages."""

from typing import Any

from omf.texts import LANGUAGES, Text


def age(at: float | None, now: float) -> float | None:
    """Return the seconds since an arrival, None if there was none; never below zero."""
    return None if at is None else round(max(0.0, now - at), 3)


def plain(record: Any) -> dict[str, Any]:
    """Return the fields of a flat dataclass, dictionaries copied; many times faster than asdict."""
    return {name: _copied(getattr(record, name)) for name in record.__dataclass_fields__}


def said(words: Text, name: str = "") -> dict[str, str]:
    """Return a text as one field per language: `de`, `en`, `fr`, or `NAME_de` and so on."""
    return {f"{name}_{one}" if name else one: words.in_(one) for one in LANGUAGES}


def _copied(value: Any) -> Any:
    return dict(value) if isinstance(value, dict) else value
