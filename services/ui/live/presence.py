"""Who is looking at each factory: every user interface tells the store of its own open pages.

Several may stand behind one proxy; each writes one field and reads those of all.
"""

import secrets
from collections.abc import Iterable

from services.common.store.bus import Bus
from services.common.store.entries import readable
from services.common.store.keys import Role, StreamModel

KEY = "looking"
SILENT_S = 10.0
"""Older words are of a process that is gone."""


class Viewer(StreamModel):
    """One person, what they may, and the pages they have open."""

    name: str
    role: Role
    pages: tuple[str, ...]


class Word(StreamModel):
    """What one process told, and when."""

    at: float
    lookers: tuple[Viewer, ...]


class Presence:
    """What this process tells of one environment, and what all of them tell."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._field = secrets.token_hex(8)
        self._told: tuple[Viewer, ...] = ()

    def wanted(self, here: tuple[Viewer, ...]) -> bool:
        """False where nobody looks here or did so last time: nothing to tell, no page to tell it.

        Of hundreds of factories a person looks at a few, and each exchange is a write.
        """
        return bool(here or self._told)

    async def exchange(self, here: tuple[Viewer, ...]) -> tuple[Viewer, ...]:
        """Tell who looks here; everybody who looks anywhere. StoreError while it is away."""
        client, key, now = self._bus.client, self._bus.key(KEY), await self._bus.time()
        word = Word(at=now, lookers=here).model_dump_json()
        await self._bus.call(client.hset(key, self._field, word))
        self._told = here
        told = await self._bus.call(client.hgetall(key))
        words = {field: readable(Word, text) for field, text in told.items()}
        fresh = {f: word for f, word in words.items() if word and now - word.at <= SILENT_S}
        if over := words.keys() - fresh.keys():
            await self._bus.call(client.hdel(key, *over))
        return together(viewer for word in fresh.values() for viewer in word.lookers)


def together(found: Iterable[Viewer]) -> tuple[Viewer, ...]:
    """Each person once, with all their pages; those who may most come first."""
    people: dict[tuple[str, Role], tuple[str, ...]] = {}
    for viewer in found:
        who = (viewer.name, viewer.role)
        people[who] = people.get(who, ()) + viewer.pages
    order = sorted(people.items(), key=lambda item: (-item[0][1].rank, item[0][0]))
    return tuple(Viewer(name=name, role=role, pages=pages) for (name, role), pages in order)
