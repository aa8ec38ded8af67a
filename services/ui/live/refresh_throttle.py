"""When the next round over all pages may begin: soon while it is calm, five a second in a flood."""

from collections import deque

CALM_S = 0.1
FLOOD_S = 0.2
MANY_MESSAGES = 20
"""Messages since the round before that make a flood; a factory at work sends one or two."""
PER_SECOND = 5


class RefreshThrottle:
    """Times of the last rounds, on a clock that never steps back."""

    def __init__(self) -> None:
        self._began: deque[float] = deque(maxlen=PER_SECOND)
        self._flood_until = 0.0

    def pause_s(self, began: float, messages: int, now: float) -> float:
        """Seconds to rest after a round that began at `began` and showed so many messages."""
        self._began.append(began)
        due = began + CALM_S
        if messages > MANY_MESSAGES:
            self._flood_until = began + 1.0
        if began < self._flood_until:
            full = len(self._began) == PER_SECOND
            due = max(began + FLOOD_S, self._began[0] + 1.0 if full else 0.0)
        return max(0.0, due - now)
