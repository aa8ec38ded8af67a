"""The three bays of a vehicle (PROTOCOL B.7)."""

from typing import Any

BAYS = ("1", "2", "3")


class Loads:
    """What lies where; a bay is only listed once it was used."""

    def __init__(self) -> None:
        self._bays: dict[str, tuple[str | None, str | None]] = {}

    def put(self, bay: str, colour: str | None, tag: str | None) -> None:
        """Fill a bay, also with a colour alone: the tag is told later."""
        self._bays[bay] = (colour, tag)

    def empty(self, bay: str) -> None:
        """Clear a bay; it stays listed."""
        self._bays[bay] = (None, None)

    def takes(self, bay: str, tag: str | None) -> bool:
        """Whether the bay is free, or holds that very piece already."""
        colour, held = self._bays.get(bay, (None, None))
        return colour is None or held is None or held == tag

    def shown(self) -> list[dict[str, Any]]:
        """`load` of the state message, keys as the vehicle writes them."""
        return [
            {"loadPosition": bay, "loadType": colour, "loadId": tag}
            for bay, (colour, tag) in self._bays.items()
        ]
