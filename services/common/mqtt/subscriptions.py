"""What a link wants from its broker, what it asked for, and what the broker said to it."""

import threading
from collections.abc import Callable, Iterable, Sequence

SUBACK_REFUSED = 0x80
ASIDE_TRIES = 3
"""A broker that hangs up when it is asked for its own figures is not asked for ever."""


class Subscriptions:
    """The set of topic filters of one link, and the SUBACKs that are still awaited."""

    def __init__(self, aside: Iterable[str] = ()) -> None:
        """`aside` is asked for at QoS 0 at each connect, not waited for and never `refused`."""
        self._lock = threading.Lock()
        self._wanted: dict[str, int] = {}
        self._dropped: set[str] = set()
        self._asked: dict[int, list[str]] = {}
        self._aside = [(name, 0) for name in aside]
        self._aside_due, self._aside_left = False, ASIDE_TRIES
        self._aside_mid: int | None = None
        self.refused: tuple[str, ...] = ()

    def replace(
        self, filters: Iterable[str], qos: int, drop: Iterable[str]
    ) -> tuple[list[str], list[str]]:
        """Make `filters` the whole set; what is new in it and what left it."""
        wanted = dict.fromkeys(filters, qos)
        if any(name.startswith("$SYS") for name in wanted):
            raise ValueError("$SYS only aside: rumqttd hangs up")
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
            self._aside_due = bool(self._aside) and self._aside_left > 0
            return list(self._wanted), list(self._dropped)

    def ask(
        self, names: list[str], subscribe: Callable[[list[tuple[str, int]]], int | None]
    ) -> None:
        """Send one SUBSCRIBE for `names`; its SUBACK may be there before the call returns."""
        with self._lock:
            pairs = [(name, self._wanted[name]) for name in names if name in self._wanted]
            if pairs and (mid := subscribe(pairs)) is not None:
                self._asked[mid] = [name for name, _ in pairs]
            if self._aside_due:
                self._aside_due, self._aside_left = False, self._aside_left - 1
                self._aside_mid = subscribe(self._aside)

    def answered(self, mid: int, codes: Sequence[int]) -> None:
        """A SUBACK came; filters with a failure code are `refused`."""
        with self._lock:
            if mid == self._aside_mid:
                self._aside_left = ASIDE_TRIES
            asked = self._asked.pop(mid, [])
            bad = [name for name, code in zip(asked, codes, strict=False) if code >= SUBACK_REFUSED]
            self.refused = tuple(dict.fromkeys([*self.refused, *bad]))

    @property
    def complete(self) -> bool:
        """No SUBACK is awaited."""
        return not self._asked
