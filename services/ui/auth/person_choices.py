"""How a person wants to see the pages, kept on the server: it follows them to any browser.

Of who is not signed in nothing is known, so their choices stay in cookies of the browser. A choice
a person never made while signed in is that of the browser too.
"""

from typing import Protocol

from services.common.store.bus import Bus, StoreError

CHOICES_KEY = "choices"
_SEPARATOR = "/"
"""Stands in no name of a choice, so whatever is behind the first one is the person."""


class ChoiceStore(Protocol):
    """Where they survive this process."""

    async def read(self, person: str) -> dict[str, str]:
        """What this person chose, by choice; StoreError."""

    async def keep(self, person: str, chosen: dict[str, str]) -> None:
        """Keep these beside what was chosen before; StoreError."""


class RedisChoiceStore:
    """One hash of the first environment, as sign-ins: choice and person -> value."""

    def __init__(self, bus: Bus, choices: tuple[str, ...]) -> None:
        """`choices` are the names of all there are."""
        self._bus, self._choices = bus, choices

    async def read(self, person: str) -> dict[str, str]:
        """What this person chose, by choice; StoreError."""
        fields = [_field(person, choice) for choice in self._choices]
        key = self._bus.key(CHOICES_KEY)
        found = await self._bus.call(self._bus.client.hmget(key, fields))
        pairs = zip(self._choices, found, strict=True)
        return {choice: value.decode(errors="replace") for choice, value in pairs if value}

    async def keep(self, person: str, chosen: dict[str, str]) -> None:
        """Keep these beside what was chosen before; StoreError."""
        fields = {_field(person, choice): value for choice, value in chosen.items()}
        await self._bus.call(self._bus.client.hset(self._bus.key(CHOICES_KEY), mapping=fields))


def _field(person: str, choice: str) -> str:
    return f"{choice}{_SEPARATOR}{person}"


async def choices_of(kept: ChoiceStore | None, person: str) -> dict[str, str]:
    """What a person chose; nothing while the store is away, and the browser's own count then."""
    if kept is None:
        return {}
    try:
        return await kept.read(person)
    except StoreError:
        return {}
