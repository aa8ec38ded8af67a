"""One environment divided among several ingest processes, by whole topic filters.

A topic belongs to the shard of its catalogue entry, a topic nobody knows to the first: all its
messages pass one process, so their order is kept. `#` cannot be divided on the wire, so the first
shard receives everything at class 6 and leaves out what belongs to others.
"""

import re
import zlib
from collections.abc import Iterable, Sequence
from typing import NamedTuple, Self

from omf.topics import catalogue
from services.common.store.keys import LinkHealth

_FORM = re.compile(r"([1-9]\d?)/([1-9]\d?)")


class Shard(NamedTuple):
    """One of so many; `1/1` is all."""

    number: int = 1
    total: int = 1

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `i/n`; ValueError says the mend."""
        found = _FORM.fullmatch(text)
        if not found or int(found[1]) > int(found[2]):
            raise ValueError(f"not a shard: {text!r}; use i/n with 1 <= i <= n <= 99, e.g. 2/3")
        return cls(int(found[1]), int(found[2]))

    def __str__(self) -> str:
        return f"{self.number}/{self.total}"

    @property
    def first(self) -> bool:
        """It mirrors unknown topics, and speaks for all."""
        return self.number == 1

    def name(self, name: str) -> str:
        """The name of a key this shard alone writes (table of streams)."""
        return name if self.total == 1 else f"{name}:{self}"

    def has(self, topic: str) -> bool:
        """True if messages of this topic are mirrored by this shard."""
        entry = catalogue.of(topic)
        return self.has_filter(entry.pattern) if entry else self.first

    def has_filter(self, topic_filter: str) -> bool:
        """True if the filter, as a whole, is this shard's."""
        if self.total == 1:
            return True
        if topic_filter == catalogue.JOURNAL:
            return self.first
        # By its text, not by its place: a new entry of the catalogue moves none of the others.
        return zlib.crc32(topic_filter.encode()) % self.total + 1 == self.number

    def filters(self, priority: int, needed: int) -> tuple[str, ...]:
        """Those of a class that this shard has, and what is needed at every class."""
        both = (*catalogue.filters(priority), *catalogue.filters(needed))
        return tuple(name for name in dict.fromkeys(both) if self.has_filter(name))

    def links(self) -> list[str]:
        """Names of the links of all other shards."""
        others = (Shard(n, self.total) for n in range(1, self.total + 1) if n != self.number)
        return [other.link() for other in others]

    def link(self) -> str:
        """The name of its own link; the first one's is what everybody looks at."""
        return "link:ingest" if self.first else f"link:ingest:{self}"


def heard_at(own: float | None, found: Iterable[bytes | None]) -> float | None:
    """When the broker was last heard by all: what one part sees late makes the whole view old."""
    others = [LinkHealth.model_validate_json(text).last_packet_at for text in found if text]
    return min((at for at in (own, *others) if at), default=None)


def complete_until(own: float, found: Iterable[bytes | None]) -> float:
    """By when all parts have in the journal what came: a proof may be another part's."""
    others = [LinkHealth.model_validate_json(text).journal_until for text in found if text]
    return min((own, *(until for until in others if until is not None)))


def down(names: Iterable[str], found: Sequence[bytes | None], now: float) -> str:
    """Which of these links do not work, in words; empty if all do."""
    wrong = []
    for name, text in zip(names, found, strict=True):
        link = LinkHealth.model_validate_json(text) if text else None
        if link is None or link.silent(now):
            wrong.append(f"{name} is silent")
        elif not link.connected or link.detail:
            wrong.append(f"{name}: {link.detail}")
    return "; ".join(wrong)
