"""The id of a message: when it came, and which one of that millisecond it was."""

from typing import NamedTuple, Self

LAST_OF_MS = 2**64 - 1
"""The greatest number a stream gives within one millisecond."""


class StreamId(NamedTuple):
    """`<ms>-<sequence>` as numbers: ids compare as these do, not as text."""

    ms: int
    """Milliseconds since 1970."""
    sequence: int = 0

    @classmethod
    def parse(cls, text: str) -> Self:
        """The id as the store writes it; without a sequence it is 0. ValueError if it is none."""
        ms, _, sequence = text.partition("-")
        return cls(int(ms), int(sequence or 0))

    @classmethod
    def first_at(cls, at: float) -> Self:
        """The first id that could have been given at `at`, Unix seconds."""
        return cls(max(0, _ms(at)))

    @classmethod
    def last_before(cls, at: float) -> Self:
        """The last id that could have been given before `at`, Unix seconds."""
        return cls(max(0, _ms(at) - 1), LAST_OF_MS)

    @property
    def seconds(self) -> float:
        """When it was given, Unix seconds."""
        return self.ms / 1000

    @property
    def previous(self) -> "StreamId":
        """The id in front of it."""
        if self.sequence:
            return StreamId(self.ms, self.sequence - 1)
        return StreamId(self.ms - 1, LAST_OF_MS)

    def __str__(self) -> str:
        """As the store writes it."""
        return f"{self.ms}-{self.sequence}"


def _ms(at: float) -> int:
    """The millisecond `at` lies in.

    1. The newest message came at 353.024, 2. a session begins a millisecond later, 3. as a binary
    fraction that is 353.0249999: cut off, the message before would be one of the session.
    """
    return int(round(at * 1000, 2))
