"""What a link wants from its broker, what it asked for, and what the broker said to it."""

import threading
from collections.abc import Callable, Iterable, Sequence

REFUSED = 0x80


class Subscriptions:
    """The set of topic filters of one link, and the SUBACKs that are still awaited."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._wanted: dict[str, int] = {}
        self._dropped: set[str] = set()
        self._asked: dict[int, list[str]] = {}
        self.refused: tuple[str, ...] = ()

    def replace(
        self, filters: Iterable[str], qos: int, drop: Iterable[str]
    ) -> tuple[list[str], list[str]]:
        """Make `filters` the whole set; what is new in it and what left it."""
        wanted = dict.fromkeys(filters, qos)
        if any(name.startswith("$SYS") for name in wanted):
            raise ValueError("$SYS is never subscribed: rumqttd leaves such a SUBSCRIBE unanswered")
        with self._lock:
            new = [name for name in wanted if self._wanted.get(name) != qos]
            gone = [name for name in self._wanted if name not in wanted]
            self._dropped = (self._dropped | {*drop, *gone}) - wanted.keys()
            self._wanted = wanted
        return new, gone

    def restart(self) -> tuple[list[str], list[str]]:
        """A connection begins: all that is wanted, and all that an old session may still hold."""
        with self._lock:
            self._asked.clear()
            self.refused = ()
            return list(self._wanted), list(self._dropped)

    def ask(
        self, names: list[str], subscribe: Callable[[list[tuple[str, int]]], int | None]
    ) -> None:
        """Send one SUBSCRIBE for `names`; its SUBACK may be there before the call returns."""
        with self._lock:
            pairs = [(name, self._wanted[name]) for name in names if name in self._wanted]
            if pairs and (mid := subscribe(pairs)) is not None:
                self._asked[mid] = [name for name, _ in pairs]

    def answered(self, mid: int, codes: Sequence[int]) -> None:
        """A SUBACK came; filters with a failure code are `refused`."""
        with self._lock:
            asked = self._asked.pop(mid, [])
            bad = [name for name, code in zip(asked, codes, strict=False) if code >= REFUSED]
            self.refused = tuple(dict.fromkeys([*self.refused, *bad]))

    @property
    def complete(self) -> bool:
        """No SUBACK is awaited."""
        return not self._asked
