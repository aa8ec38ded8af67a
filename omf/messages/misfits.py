"""What of a message could not be read: where it is, and what is wrong with it, in our words."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple, Self, TypeAlias

from omf import faults
from omf.texts import Text, joined, text, verbatim

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
    """A key of `faults.KEYS`, or one of `encodings.REMARKS`."""
    text: Text

    @classmethod
    def of(cls, place: Sequence[str | int], fault: Mapping[str, Any]) -> Self:
        """Return what one of `ValidationError.errors()` says, at this place, in our words."""
        where = ".".join(map(str, place)).encode(errors="replace").decode()[:MAX_PATH_CHARS]
        return cls(where, str(fault["type"]), faults.fault_text(fault))

    @property
    def said(self) -> Text:
        """The fault, behind the place."""
        return text("detail.joined", what=self.where, detail=self.text) if self.where else self.text


def told(misfits: Sequence[Misfit]) -> Text:
    """Return the first few on one line."""
    more = [verbatim("…")] if len(misfits) > MOST_MISFITS else []
    return joined("; ", [*(one.said for one in misfits[:MOST_MISFITS]), *more])


class TooManyMisfitsError(ValueError):
    """So much is wrong that looking further is a waste of time."""


class Finds:
    """The misfits of one message, in the order they were found."""

    def __init__(self) -> None:
        self.misfits: list[Misfit] = []
        self._depths: list[int] = []

    def add(self, place: Place, fault: str | Mapping[str, Any]) -> object:
        """Note a misfit and return MISSING; TooManyMisfitsError beyond the limit."""
        if len(self.misfits) >= MAX_MISFITS:
            raise TooManyMisfitsError
        told = {"type": fault} if isinstance(fault, str) else fault
        self.misfits.append(Misfit.of(place, told))
        self._depths.append(len(place))
        return MISSING

    def lost_since(self, count: int, depth: int) -> bool:
        """Whether a value at most that deep was lost after the first `count` misfits."""
        return any(one <= depth for one in self._depths[count:])
