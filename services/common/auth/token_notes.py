"""A token begins, ends or is refused: written together with the note that orders seals of it."""

from importlib.resources import files
from typing import Any

from omf.constants import DAY_S
from services.common.auth.access_tokens import ACCESS_TOKENS, LAST_USES, AccessToken
from services.common.auth.api_tokens import MAX_TOKEN, ApiClient, digest
from services.common.process import clock
from services.common.store.access_notes import (
    ACCESS_NOTES,
    MAX_WAITING_NOTES,
    AccessNote,
    TokenWhy,
)
from services.common.store.bus import Bus
from services.common.store.entries import encode, readable, text

KNOWN_CLIENTS = "access-tokens:clients"
REMEMBERED_S = 90 * DAY_S
"""So long it is known whose an ended token was; as long as the audit."""
_TOKEN = files(__package__).joinpath("token.lua").read_text("utf-8")


async def begin_token(bus: Bus, token: AccessToken, source: str, *more: AccessNote) -> None:
    """It opens what its person may from now on; `more` is noted in the same step. StoreError."""
    note = AccessNote(
        act="made",
        name=token.name,
        label=token.label,
        token=token.id[:8],
        source=source,
        most=token.most,
        until=clock.iso(token.until),
        at=token.made,
    )
    keys = (*_people(bus), _ended(bus, token.id))
    await _written(bus, keys, (token.id, token.model_dump_json()), note, *more)


async def end_token(
    bus: Bus, token: AccessToken, why: TokenWhy, by: str = "", source: str = ""
) -> bool:
    """It opens nothing from now on; False if it had ended before. StoreError."""
    note = AccessNote(
        act="ended",
        name=token.name,
        label=token.label,
        token=token.id[:8],
        why=why,
        by=by,
        source=source,
        most=token.most,
        at=clock.now(),
    )
    return await _written(bus, (*_people(bus), _ended(bus, token.id)), (token.id, ""), note)


async def note_client(bus: Bus, client: ApiClient, *, ended: bool = False) -> None:
    """Note once that a system of the tokens file has its token, or has it no longer. StoreError."""
    note = AccessNote(
        act="ended" if ended else "made",
        name=client.name,
        token=client.sha256[:8],
        why="not_in_file" if ended else "",
        source="tokens file",
        most=client.role,
        at=clock.now(),
    )
    known = bus.key(KNOWN_CLIENTS)
    field = (client.name, "" if ended else client.sha256)
    await _written(bus, (known, known, _ended(bus, client.sha256)), field, note)


async def known_clients(bus: Bus) -> dict[str, str]:
    """Hash of the token of each system that was noted, by its name. StoreError."""
    found = await bus.call(bus.client.hgetall(bus.key(KNOWN_CLIENTS)))
    return {text(name): text(sha256) for name, sha256 in found.items()}


async def note_resting(bus: Bus, token: str, name: str, source: str) -> None:
    """A token was shown of a person for whom nobody vouches at the moment. StoreError."""
    note = AccessNote(
        act="refused",
        name=name,
        token=digest(token)[:8],
        why="rests",
        source=source,
        at=clock.now(),
    )
    await write_note(bus, note)


async def ended_before(bus: Bus, token: str) -> AccessNote | None:
    """How a token ended that opens nothing any more; None for one that nobody knows. StoreError."""
    if len(token) > MAX_TOKEN:
        return None
    key = _ended(bus, digest(token))
    return readable(AccessNote, await bus.call(bus.client.get(key)), "an ended token")


async def note_unknown(bus: Bus, ended: AccessNote | None, source: str, times: int = 1) -> None:
    """Tokens were shown that open nothing: one that has ended, or some nobody knows. StoreError."""
    change: dict[str, Any] = {"act": "refused", "source": source, "at": clock.now()}
    if ended is None:
        note = AccessNote(name="?", why="unknown", times=times, **change)
    else:
        note = ended.model_copy(update={**change, "why": "over", "by": ""})
    await write_note(bus, note)


def _people(bus: Bus) -> tuple[str, str]:
    return bus.key(ACCESS_TOKENS), bus.key(LAST_USES)


def _ended(bus: Bus, token_id: str) -> str:
    return bus.key(f"access-tokens:ended:{token_id}")


async def write_note(bus: Bus, note: AccessNote) -> None:
    """Note something that is no change of the store itself. StoreError."""
    fields: Any = encode(note)
    key = bus.key(ACCESS_NOTES)
    await bus.call(bus.client.xadd(key, fields, maxlen=MAX_WAITING_NOTES, approximate=True))


async def _written(
    bus: Bus, where: tuple[str, str, str], field: tuple[str, str], *notes: AccessNote
) -> bool:
    keys, told = [*where, bus.key(ACCESS_NOTES)], [note.model_dump_json() for note in notes]
    args = [*field, str(MAX_WAITING_NOTES), str(int(REMEMBERED_S)), *told]
    return bool(await bus.script(_TOKEN, keys, args))
