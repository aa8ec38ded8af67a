"""Which version of MQTT a link asks its broker for: 5, or 3.1.1 where the broker speaks no other.

A broker without MQTT 5 says so in its CONNACK, or hangs up, or says nothing at all. The first is
certain and holds as long as the process; a broker that hangs up may have been about to end, so that
is a guess, and the next connect asks for MQTT 5 again until the guess was right twice.
"""

MQTT_5, MQTT_3_1_1 = "5", "3.1.1"
CERTAIN_GUESSES = 2
"""So often 3.1.1 was accepted right after 5 got no answer: then that is how this broker is."""
SILENCES_OF_KNOWN = 3
"""A broker that has spoken MQTT 5 may be silent so often before 3.1.1 is tried."""


class ProtocolVersion:
    """The version of the next CONNECT; used by the network thread of one link."""

    def __init__(self, *, newest: bool) -> None:
        """`newest` False: never asks for MQTT 5."""
        self.mqtt5 = newest
        self._settled = not newest
        self._spoken = False
        self._silences = self._guesses = 0

    @property
    def name(self) -> str:
        """As people write it."""
        return MQTT_5 if self.mqtt5 else MQTT_3_1_1

    def accepted(self) -> None:
        """The broker let us in."""
        self._silences = 0
        if self.mqtt5:
            self._spoken, self._guesses = True, 0
        elif not self._settled:
            self._guesses += 1
            self._settled = self._guesses >= CERTAIN_GUESSES

    def refused(self) -> bool:
        """The broker does not speak this version; True if another one is to be tried at once."""
        if not self.mqtt5:
            return False
        self.mqtt5, self._settled = False, True
        return True

    def unanswered(self) -> bool:
        """It took the connection and gave no CONNACK; True if another is to be tried at once."""
        if self._settled:
            return False
        if not self.mqtt5:
            self.mqtt5 = True
            return False
        self._silences += 1
        if self._silences < (SILENCES_OF_KNOWN if self._spoken else 1):
            return False
        self.mqtt5, self._silences = False, 0
        return True

    def ended(self) -> None:
        """A connection that was accepted is over."""
        if not self._settled:
            self.mqtt5 = True
