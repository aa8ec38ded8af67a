"""Ids of messages: the time they came, strictly increasing, whatever the clock does."""


def parsed(entry_id: str) -> tuple[int, int]:
    """`<ms>-<seq>` as two numbers."""
    ms, _, seq = entry_id.partition("-")
    return int(ms), int(seq)


class Stamps:
    """Gives each message the next id; a clock that steps back only makes the sequence grow."""

    def __init__(self, last: str = "0-0") -> None:
        self._ms, self._seq = parsed(last)

    def after(self, last: str) -> None:
        """Never give an id at or before `last`."""
        self._ms, self._seq = max((self._ms, self._seq), parsed(last))

    def take(self, at: float, count: int) -> tuple[int, int]:
        """Ids for `count` messages that came at `at`: Unix ms, and the first of their numbers."""
        ms, first = int(at * 1000), 0
        if ms > self._ms:
            self._ms = ms
        else:
            first = self._seq + 1
        self._seq = first + count - 1
        return self._ms, first
