"""What a message says in words a person reads: `DPS: lets a new piece in, running`. Pure.

By the device it names, from the parsed payload; the words of the factory's codes come from
`terms`. A message without a model, or one that cannot be read, says what the catalogue knows of its
topic, or nothing: no meaning is guessed.
"""

from omf.messages.encodings import REMARKS
from omf.messages.reading import REASONS, Deleted, Reading, Rejected, parse
from omf.summaries import devices, factory, sensors
from omf.summaries.words import MOST, NO_TERM, Context, Name, led, says
from omf.terms import Term

__all__ = ["devices", "factory", "meaning", "sensors"]
"""Each of the modules knows its own kinds of messages; to import them is to know them."""


def meaning(topic: str, payload: bytes, name: Name) -> Term:
    """What one message says, in German and English; empty where nobody knows."""
    found = parse(topic, payload)
    if isinstance(found, Rejected):
        why = REASONS[found.reason]
        return Term(f"unlesbar: {why['de']}", f"unreadable: {why['en']}")
    if found.entry is None:
        return NO_TERM if payload else Term("gelöscht", "deleted")
    known = Term(found.entry.de, found.entry.en)
    if not isinstance(found, Reading | Deleted):
        return known
    context = Context(name, found.levels)
    if isinstance(found, Deleted):
        said = Term(f"{known.de}: gelöscht", f"{known.en}: deleted")
    else:
        told = says(found.payload, context)
        said = _noted(told if told and told.en else known, found)
    return led(context.subject, said)


def _noted(said: Term, found: Reading) -> Term:
    """The words of a message, and which of its fields nobody could read."""
    if not found.notes:
        return said
    fields = ", ".join(one.where for one in found.misfits[:MOST])
    more = f" +{len(found.misfits) - MOST}" if len(found.misfits) > MOST else ""
    german = [f"teilweise gelesen, ohne {fields}{more}"] if fields else []
    english = [f"partly read, without {fields}{more}"] if fields else []
    german += [REMARKS[one]["de"] for one in found.remarks]
    english += [REMARKS[one]["en"] for one in found.remarks]
    return Term("; ".join([said.de, *german]), "; ".join([said.en, *english]))
