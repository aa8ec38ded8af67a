"""What every kind of message needs to say what it means: who is who, and words put together."""

from collections.abc import Callable, Iterable, Mapping
from functools import singledispatch

from omf import terms
from omf.terms import Term, term

NO_TERM = Term("", "")
MOST = 3
"""Parts of one message told one by one; how many more there are is told as a figure."""

Name = Callable[[str], tuple[str, str | None]]
"""Of a serial: what people call the device, and the type of module it is, None if unknown."""


class Context:
    """What the payload alone does not say: who is who, and the device of the topic."""

    def __init__(self, name: Name, levels: Mapping[str, str]) -> None:
        """`levels` are the named levels of the topic."""
        self._name = name
        serial, sensor = levels.get("serial"), levels.get("kind")
        device, self.kind = name(serial) if serial else ("", None)
        self.subject = term("sensor", sensor) if sensor else Term(device, device)
        """What the message is about; empty where its topic names no device."""

    def place(self, serial: str | None) -> str:
        """What people call a node."""
        return self._name(serial)[0] if serial else "?"


@singledispatch
def says(_payload: object, _context: Context) -> Term | None:
    """What a payload says; None for one that only its topic describes."""
    return None


def led(subject: Term, words: Term) -> Term:
    """The words behind what they are about."""
    pairs = zip(subject, words, strict=True)
    return Term(*(f"{name}: {one}" if name else one for name, one in pairs))


def joined(parts: Iterable[Term]) -> Term:
    """The parts that say something, a few of them."""
    told = [part for part in parts if part.en]
    more = f" +{len(told) - MOST}" if len(told) > MOST else ""
    de, en = (", ".join(one[language] for one in told[:MOST]) + more for language in (0, 1))
    return Term(de, en)


def few(names: list[str]) -> str:
    """A few names, and how many more there are."""
    more = f" +{len(names) - MOST}" if len(names) > MOST else ""
    return " ".join(names[:MOST]) + more


def plain(words: Term, code: str | None) -> Term:
    """A code that nobody has words for in plain letters, never as it came."""
    return terms.fault(code) if code and words.en == code else words


def todo(command: str | None, kind: str | None) -> Term:
    """What a device of that type is told to do."""
    return plain(terms.spoken(command, kind, "todo"), command)
