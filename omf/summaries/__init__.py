"""What a message says in words a person reads: `DPS: lets a new piece in, running`. Pure.

By the device it names, from the parsed payload; the words of the factory's codes come from
`terms`. A message without a model, or one that cannot be read, says what the catalogue knows of its
topic, or nothing: no meaning is guessed.
"""

from omf.messages.reading import Deleted, Reading, Rejected, parse
from omf.summaries import devices, factory, sensors
from omf.summaries.words import MOST, NO_TERM, Context, Name, led, says
from omf.texts import Text, joined, text

__all__ = ["devices", "factory", "meaning", "sensors"]
"""Each of the modules knows its own kinds of messages; to import them is to know them."""


def meaning(topic: str, payload: bytes, name: Name) -> Text:
    """What one message says; empty where nobody knows."""
    found = parse(topic, payload)
    if isinstance(found, Rejected):
        return text("meaning.unreadable", why=text(f"reject.{found.reason}"))
    if found.entry is None:
        return NO_TERM if payload else text("meaning.deleted_alone")
    known = found.entry.text
    if not isinstance(found, Reading | Deleted):
        return known
    context = Context(name, found.levels)
    if isinstance(found, Deleted):
        said = text("meaning.deleted", what=known)
    else:
        told = says(found.payload, context)
        said = _noted(told if told and told.en else known, found)
    return led(context.subject, said)


def _noted(said: Text, found: Reading) -> Text:
    """The words of a message, and which of its fields nobody could read."""
    parts = [said]
    if found.misfits:
        fields = ", ".join(one.where for one in found.misfits[:MOST])
        more = f" +{len(found.misfits) - MOST}" if len(found.misfits) > MOST else ""
        parts.append(text("meaning.partly_read", fields=f"{fields}{more}"))
    return joined("; ", [*parts, *(text(f"remark.{one}") for one in found.remarks)])
