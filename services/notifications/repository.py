"""Everything the service `notifications` writes of its outbox: each call is one atomic step."""

from collections.abc import Mapping
from importlib.resources import files
from typing import Any, TypeVar

from pydantic import BaseModel

from omf.constants import SERVICE_SILENCE_S
from omf.notifications.decision import AlarmNotice
from omf.notifications.shift_notices import ShiftNotice
from services.common.store.bus import Bus, StoreError
from services.common.store.entries import readable
from services.common.store.keys import StreamModel
from services.notifications.outbox import AddressRecord, Outbox, OutboxEntry

OWNER = "notifications:owner"
TOLD, OUTBOX, ADDRESSES = "notifications:told", "notifications:outbox", "notifications:addresses"
_SCRIPT = files(__package__).joinpath("write.lua").read_text("utf-8")
M = TypeVar("M", bound=BaseModel)


class NotificationsOwner(StreamModel):
    """Which process tells the receivers of an environment."""

    owner: str
    at: float
    """Store clock, Unix s; written once a second."""

    def silent(self, now: float) -> bool:
        """True if that process is gone."""
        return abs(now - self.at) > SERVICE_SILENCE_S


class NotificationRepository:
    """The outbox of one environment, as long as this process owns it.

    Called by one task of the event loop. Of two processes the one that claimed last writes and
    sends; the other finds its next write refused. Raises StoreError, then nobody knows whether it
    was written: `claim` reads everything anew before the next write.
    """

    def __init__(self, bus: Bus, name: str) -> None:
        """`name` tells this process from every other one."""
        self._bus = bus
        self._name = name
        self._word: str | None = None
        """The owner's word as it lies in the store; None while it is not ours."""
        self._stored = Outbox()
        self.outbox = Outbox()

    @property
    def owned(self) -> bool:
        """True if what is known here is what the store has, and nobody else writes it."""
        return self._word is not None

    async def claim(self, now: float, *, at_once: bool) -> NotificationsOwner | None:
        """Take over as it was left; who else owns it, if that one is alive.

        `at_once`: of a process that has just begun, which takes over whoever has it.
        """
        while not self.owned:
            found = await self._bus.call(self._bus.client.get(self._bus.key(OWNER)))
            before = NotificationsOwner.model_validate_json(found) if found else None
            others = before is not None and before.owner != self._name
            if before and others and not at_once and not before.silent(now):
                return before
            await self._run(found.decode() if found else "", now, [])
        try:
            self._stored = Outbox(
                await self._read(TOLD, AlarmNotice),
                await self._read(OUTBOX, OutboxEntry),
                await self._read(ADDRESSES, AddressRecord),
                await self._read(TOLD, ShiftNotice),
            )
        except StoreError:
            # Ours, but not known: whoever went on from here would tell everything once more.
            self._word = None
            raise
        self.outbox = _copy(self._stored)
        return None

    async def write(self, now: float) -> bool:
        """Write what changed in `outbox`; False: another process has it, nothing was written."""
        changes: list[str] = []
        # What was told of alarms and of shifts lies in one hash; no key of one is one of the other.
        pairs: tuple[tuple[int, Mapping[str, BaseModel], Mapping[str, BaseModel]], ...] = (
            (2, self._stored.told, self.outbox.told),
            (2, self._stored.reported, self.outbox.reported),
            (3, self._stored.entries, self.outbox.entries),
            (4, self._stored.records, self.outbox.records),
        )
        for number, before, after in pairs:
            for key in before.keys() | after.keys():
                value = after.get(key)
                if value is not before.get(key):
                    changes += [str(number), key, value.model_dump_json() if value else ""]
        word = self._word
        if word is None or not await self._run(word, now, changes):
            return False
        self._stored = _copy(self.outbox)
        return True

    async def _run(self, before: str, now: float, changes: list[str]) -> bool:
        after = NotificationsOwner(owner=self._name, at=now).model_dump_json()
        # Not ours until the store has said so: it may not answer.
        self._word = None
        keys = [self._bus.key(name) for name in (OWNER, TOLD, OUTBOX, ADDRESSES)]
        answer = await self._bus.script(_SCRIPT, keys, [before, after, *changes])
        if answer[0] != b"written":
            return False
        self._word = after
        return True

    async def _read(self, name: str, model: type[M]) -> dict[str, M]:
        found: dict[bytes, Any] = await self._bus.call(
            self._bus.client.hgetall(self._bus.key(name))
        )
        read = {key.decode(): readable(model, value) for key, value in found.items()}
        return {key: one for key, one in read.items() if one is not None}


def _copy(box: Outbox) -> Outbox:
    return Outbox(box.told, box.entries, box.records, box.reported)
