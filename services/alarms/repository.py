"""Everything the owner of the alarms writes: each call is one atomic step in the store."""

from collections.abc import Iterable, Mapping
from importlib.resources import files

from omf.alarms.handover import HandoverEntry
from omf.alarms.life import AlarmEntry, AlarmLife
from services.common.store.alarm_lives import (
    ALARMS,
    ALARMS_NOW,
    ALARMS_OWNER,
    HANDOVERS,
    AlarmsOwner,
    read_lives,
)
from services.common.store.bus import Bus
from services.common.store.journal import id_at

_WRITE = files(__package__).joinpath("write.lua").read_text("utf-8")


class AlarmRepository:
    """The alarms of one environment, as long as this process owns them.

    Called by one task of the event loop. Of two owners the one that claimed last writes; the other
    finds its next write refused and claims again only once that one is silent. Raises StoreError,
    then nobody knows whether it was written: `claim` comes before the next write.
    """

    def __init__(self, bus: Bus, name: str) -> None:
        """`name` tells this process from every other one."""
        self._bus = bus
        self._name = name
        self._word: str | None = None
        """The owner's word as it lies in the store; None while it is not ours."""
        self.owner = AlarmsOwner(owner=name, at=0.0)
        self.lives: dict[str, AlarmLife] = {}

    @property
    def owned(self) -> bool:
        """True if what is known here is what the store has, and nobody else writes it."""
        return self._word is not None

    async def claim(self, now: float, *, at_once: bool) -> AlarmsOwner | None:
        """Take the alarms over as they were left; who else owns them, if that one is alive.

        `at_once`: of a process that has just begun, which takes them whoever has them.
        """
        while not self.owned:
            found = await self._bus.call(self._bus.client.get(self._bus.key(ALARMS_OWNER)))
            before = AlarmsOwner.model_validate_json(found) if found else None
            others = before is not None and before.owner != self._name
            if before and others and not at_once and not before.silent(now):
                return before
            left = before or AlarmsOwner(owner="", at=now, heard=id_at(now))
            word = {"owner": self._name, "at": now, "revision": left.revision + 1}
            self.owner = left.model_copy(update=word)
            self._word = found.decode() if found else ""
            await self._run([], [], (), ())
        # Not ours until its lives are known: the store may fall silent between the two.
        ours, self._word = self._word, None
        self.lives = await read_lives(self._bus)
        self._word = ours
        return None

    async def write(
        self,
        lives: Mapping[str, AlarmLife],
        entries: Iterable[AlarmEntry],
        word: Mapping[str, object],
        handovers: Iterable[HandoverEntry] = (),
    ) -> bool:
        """Write what became of the alarms, with what the owner tells of itself from now on.

        False: another one owns them, and nothing was written.
        """
        changed = [life for life in lives.values() if self.lives.get(life.id) != life]
        gone = [name for name in self.lives if name not in lives]
        revision = self.owner.revision + bool(changed or gone)
        changes = {**word, "revision": revision}
        before, self.owner = self.owner, self.owner.model_copy(update=changes)
        if not await self._run(changed, gone, entries, handovers):
            self.owner = before
            return False
        self.lives = dict(lives)
        return True

    async def _run(
        self,
        changed: list[AlarmLife],
        gone: list[str],
        entries: Iterable[AlarmEntry],
        handovers: Iterable[HandoverEntry],
    ) -> bool:
        before, after = self._word or "", self.owner.model_dump_json()
        # Not ours until the store has said so: it may not answer.
        self._word = None
        args = [before, after, str(len(changed))]
        for life in changed:
            args += [life.id, life.model_dump_json()]
        signed = [entry.model_dump_json() for entry in handovers]
        args += [str(len(gone)), *gone, str(len(signed)), *signed]
        args += [entry.model_dump_json() for entry in entries]
        keys = [self._bus.key(name) for name in (ALARMS, ALARMS_NOW, ALARMS_OWNER, HANDOVERS)]
        answer = await self._bus.script(_WRITE, keys, args)
        if answer[0] != b"written":
            return False
        self._word = after
        return True
