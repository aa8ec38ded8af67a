"""What of a message could not be read: where it is, and what is wrong with it, in our words."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple, Self, TypeAlias

from omf import faults

MAX_MISFITS = 50
"""A message with more wrong values than this is no message of its topic at all."""
MAX_PATH_CHARS = 80
MOST_MISFITS = 3
"""Misfits told on one line."""
MISSING: Final = object()
"""Stands for a value that could not be read, or was null where something is due."""

Place: TypeAlias = tuple[str | int, ...]


class Misfit(NamedTuple):
    """One value that could not be read."""

    where: str
    """`loads.0.loadPosition`; empty for the whole payload."""
    kind: str
    """A key of `faults.WORDS`, or of `encodings.REMARKS`."""
    de: str
    en: str

    @classmethod
    def of(cls, place: Sequence[str | int], fault: Mapping[str, Any]) -> Self:
        """Return what one of `ValidationError.errors()` says, at this place, in our words."""
        where = ".".join(map(str, place)).encode(errors="replace").decode()[:MAX_PATH_CHARS]
        return cls(where, str(fault["type"]), faults.german(fault), faults.english(fault))

    @property
    def said(self) -> tuple[str, str]:
        """German and English, each beginning with the place."""
        lead = f"{self.where}: " if self.where else ""
        return f"{lead}{self.de}", f"{lead}{self.en}"


def told(misfits: Sequence[Misfit]) -> tuple[str, str]:
    """Return the first few in German and English, on one line each."""
    more = "; …" if len(misfits) > MOST_MISFITS else ""
    de, en = zip(*(one.said for one in misfits[:MOST_MISFITS]), strict=True)
    return "; ".join(de) + more, "; ".join(en) + more


class TooManyMisfitsError(ValueError):
    """So much is wrong that looking further is a waste of time."""


class Finds:
    """The misfits of one message, in the order they were found."""

    def __init__(self) -> None:
        self.misfits: list[Misfit] = []
        self._depths: list[int] = []

    def add(self, place: Place, fault: str | Mapping[str, Any]) -> object:
        """Note a misfit and return NOTHING; TooManyMisfitsError beyond the limit."""
        if len(self.misfits) >= MAX_MISFITS:
            raise TooManyMisfitsError
        told = {"type": fault} if isinstance(fault, str) else fault
        self.misfits.append(Misfit.of(place, told))
        self._depths.append(len(place))
        return MISSING

    def lost_since(self, count: int, depth: int) -> bool:
        """Whether a value at most that deep was lost after the first `count` misfits."""
        return any(one <= depth for one in self._depths[count:])
