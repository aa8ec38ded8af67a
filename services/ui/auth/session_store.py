"""Where sign-ins at the pages survive a restart of the process that knows them."""

from importlib.resources import files
from typing import Protocol

from services.common.store.access_notes import ACCESS_NOTES, MAX_WAITING_NOTES, AccessNote
from services.common.store.bus import Bus

_SESSION = files(__package__).joinpath("session.lua").read_text("utf-8")


class SessionStore(Protocol):
    """Where what is kept survives this process."""

    async def put(self, key: str, value: str, lasts_s: int, until: float, note: AccessNote) -> None:
        """Keep `value` for so long, which is until then; listed and noted in the same step."""

    async def get(self, key: str) -> str | None:
        """What is kept, or None."""

    async def drop(self, key: str, note: AccessNote) -> None:
        """Keep it no longer; noted if it was kept."""

    async def all(self, now: float) -> list[str]:
        """Everything that is kept at the time `now`."""


class RedisSessionStore:
    """Keys of the first environment, `signed-in:<id>`; StoreError while the store is away.

    `signed-in:all` lists the ids by the time they end: the store's accounts may not look for keys.
    """

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    async def put(self, key: str, value: str, lasts_s: int, until: float, note: AccessNote) -> None:
        """Keep `value` for so long, which is until then; listed and noted in the same step."""
        await self._written(key, note, value, str(lasts_s), repr(until))

    async def get(self, key: str) -> str | None:
        """What is kept, or None."""
        found = await self._bus.call(self._bus.client.get(self._key(key)))
        return None if found is None else bytes(found).decode()

    async def drop(self, key: str, note: AccessNote) -> None:
        """Keep it no longer; noted if it was kept."""
        await self._written(key, note)

    async def all(self, now: float) -> list[str]:
        """Everything that is kept at the time `now`."""
        client, index = self._bus.client, self._index
        await self._bus.call(client.zremrangebyscore(index, "-inf", now))
        ids = await self._bus.call(client.zrange(index, 0, -1))
        if not ids:
            return []
        found = await self._bus.call(client.mget([self._key(bytes(one).decode()) for one in ids]))
        return [bytes(one).decode() for one in found if one is not None]

    async def _written(
        self, key: str, note: AccessNote, value: str = "", lasts_s: str = "", until: str = ""
    ) -> None:
        keys = [self._key(key), self._index, self._bus.key(ACCESS_NOTES)]
        args = [key, value, lasts_s, until, note.model_dump_json(), str(MAX_WAITING_NOTES)]
        await self._bus.script(_SESSION, keys, args)

    def _key(self, key: str) -> str:
        return self._bus.key(f"signed-in:{key}")

    @property
    def _index(self) -> str:
        return self._bus.key("signed-in:all")
