"""Another client of the same name at the broker: who is thrown out by it gives way.

A broker closes a connection when another client comes with the same client id, and says no reason.
Two that both came back at once would throw each other out for ever, and each would get half of
the messages. Whoever is thrown out right after connecting, again and again, came second.
"""

SHORT_S = 5.0
"""A connection that the broker accepted lives longer, unless somebody takes it over."""
TAKEOVERS = 3
FIRST_WAIT_S, LONGEST_WAIT_S = 10.0, 600.0


class SessionTakeover:
    """Counts connections that ended right after they were accepted."""

    def __init__(self) -> None:
        self._short = self._given_way = 0

    def wait_s(self, lived_s: float | None) -> float:
        """How long to leave the broker to the other one; 0 if there is none.

        `lived_s`: how long the connection lasted that ended now; None: none was accepted.
        """
        if lived_s is None or lived_s >= SHORT_S:
            self._short = 0
            self._given_way = self._given_way if lived_s is None else 0
            return 0.0
        self._short += 1
        if self._short < TAKEOVERS and not self._given_way:
            return 0.0
        self._short = 0
        self._given_way += 1
        return float(min(FIRST_WAIT_S * 2 ** (self._given_way - 1), LONGEST_WAIT_S))
