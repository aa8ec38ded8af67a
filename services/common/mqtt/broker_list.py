"""The nodes of one broker: which of them a link speaks to, and which it tries next."""

from services.common.mqtt.link import BrokerAddress


class BrokerList:
    """Stays with a node as long as that lets us in; used by the network thread of one link."""

    def __init__(self, url: str) -> None:
        """`url` names one or several; ValueError says the mend."""
        self._each = BrokerAddress.parse_each(url)
        self._at = self._failed = 0

    @property
    def now(self) -> BrokerAddress:
        """The one spoken to, or tried."""
        return self._each[self._at]

    def accepted(self) -> None:
        """It let us in."""
        self._failed = 0

    def failed(self) -> bool:
        """It did not: the next one is now; True if that was not tried since one let us in."""
        self._at = (self._at + 1) % len(self._each)
        self._failed += 1
        return self._failed % len(self._each) != 0
