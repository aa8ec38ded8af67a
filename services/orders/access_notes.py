"""Seals in the audit what happened to sign-ins, accounts and tokens; orders writes the chain."""

import logging
from collections.abc import Mapping
from importlib.resources import files

from pydantic import ValidationError

from services.common.store.access_notes import ACCESS_NOTES, AccessNote
from services.common.store.audit import seal
from services.common.store.bus import Bus, StoreError
from services.common.store.entries import DATA, text
from services.common.store.keys import AuditRecord, Command, Environment, Reason, Stage
from services.orders.repository import CommandRepository

NOTES_AT_ONCE = 100
_ACCESS = files(__package__).joinpath("access.lua").read_text("utf-8")
_log = logging.getLogger(__name__)


class AccessSealer:
    """The notes that wait in one environment."""

    def __init__(self, bus: Bus, repository: CommandRepository) -> None:
        self._bus = bus
        self._repository = repository

    async def tick(self) -> None:
        """Seal what waits, oldest first, each once whatever ends this process in between."""
        try:
            key = self._bus.key(ACCESS_NOTES)
            found = await self._bus.call(self._bus.client.xrange(key, "-", "+", NOTES_AT_ONCE))
            now = await self._bus.time() if found else 0.0
            for entry_id, fields in found:
                record = access_record(text(entry_id), fields, self._bus.environment, now)
                await self._seal(text(entry_id), record.model_dump_json())
        except StoreError as error:
            _log.warning("notes of access wait: %s", error)

    async def _seal(self, entry_id: str, body: str) -> None:
        keys = [self._bus.key(name) for name in (ACCESS_NOTES, "audit", "audit:head")]

        def sealed(before: str) -> str:
            return seal(before, body.encode())

        def args(before: str) -> list[str]:
            return [entry_id, before, body, sealed(before)]

        await self._repository.chained(_ACCESS, keys, args, sealed)


def access_record(
    entry_id: str, fields: Mapping[bytes, bytes], environment: Environment, now: float
) -> AuditRecord:
    """The record of a note; one that cannot be read is sealed as such: something wrote it."""
    try:
        note = AccessNote.model_validate_json(fields.get(DATA, b""))
    except ValidationError:
        note = AccessNote(act="refused", name="?", why="unreadable", at=now)
    about = {
        "token": note.token,
        "sign_in": note.sign_in,
        "of": note.name,
        "label": note.label,
        "roles": note.roles,
    }
    command = Command(
        command_id=f"access-{entry_id}",
        kind=note.kind,
        parameters={name: value for name, value in about.items() if value},
        environment=environment,
        operator=note.by or note.name,
        role=note.most,
        created_at=note.at,
        source=note.source,
    )
    stage = Stage.REFUSED if note.act == "refused" else Stage.EFFECT
    why = Reason.of(f"{note.about}-{(note.why or note.act).replace('_', '-')}", note.told)
    return AuditRecord(command=command, decision=stage, at=now, reasons=(why,))
