"""What every kind of message needs to say what it means: who is who, and words put together."""

from collections.abc import Callable, Iterable, Mapping
from functools import singledispatch

from omf import terms, texts
from omf.terms import term
from omf.texts import Text, text, verbatim

NO_TERM = verbatim("")
MOST = 3
"""Parts of one message told one by one; how many more there are is told as a figure."""

Name = Callable[[str], tuple[Text, str | None]]
"""Of a serial: what people call the device, and the type of module it is, None if unknown."""


class Context:
    """What the payload alone does not say: who is who, and the device of the topic."""

    def __init__(self, name: Name, levels: Mapping[str, str]) -> None:
        """`levels` are the named levels of the topic."""
        self._name = name
        serial, sensor = levels.get("serial"), levels.get("kind")
        device, self.kind = name(serial) if serial else (NO_TERM, None)
        self.subject = term("sensor", sensor) if sensor else device
        """What the message is about; empty where its topic names no device."""

    def place(self, serial: str | None) -> Text:
        """What people call a node."""
        return self._name(serial)[0] if serial else verbatim("?")


@singledispatch
def says(_payload: object, _context: Context) -> Text | None:
    """What a payload says; None for one that only its topic describes."""
    return None


def led(subject: Text, words: Text) -> Text:
    """The words behind what they are about."""
    return text("meaning.about", subject=subject, words=words) if subject.en else words


def joined(parts: Iterable[Text]) -> Text:
    """The parts that say something, a few of them."""
    told = [part for part in parts if part.en]
    said = texts.joined(", ", told[:MOST])
    return (
        said if len(told) <= MOST else texts.joined(" ", [said, verbatim(f"+{len(told) - MOST}")])
    )


def few(names: list[Text]) -> Text:
    """A few names, and how many more there are."""
    more = [verbatim(f"+{len(names) - MOST}")] if len(names) > MOST else []
    return texts.joined(" ", [*names[:MOST], *more])


def plain(words: Text, code: str | None) -> Text:
    """A code that nobody has words for in plain letters, never as it came."""
    return terms.fault(code) if code and words.en == code else words


def todo(command: str | None, kind: str | None) -> Text:
    """What a device of that type is told to do."""
    return plain(terms.spoken(command, kind, "todo"), command)
