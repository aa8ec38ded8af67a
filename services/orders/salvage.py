"""What can be told of an entry that is no command: enough to refuse and audit it by name. Pure."""

import json
import re
from typing import Any

from pydantic import ValidationError

from omf import faults
from services.common.store import entries
from services.common.store.consumer import StreamEntry
from services.common.store.keys import Command, Environment, Reason, Role
from services.orders import reasons

_ID = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
MAX_TEXT = 64


def read(entry: StreamEntry, environment: Environment) -> tuple[Command, Reason | None]:
    """The command of an entry; of one that is none, what is left of it and what is wrong."""
    try:
        return entries.decode(Command, entry.fields), None
    except KeyError:
        return _rest(entry, environment), reasons.unreadable("__data__", "fehlt", "is missing")
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "__data__"
        said = (faults.german(first), faults.english(first))
        return _rest(entry, environment), reasons.unreadable(where, *said)


def _rest(entry: StreamEntry, environment: Environment) -> Command:
    given = _fields(entry)
    asked = _text(given, "command_id")
    return Command(
        command_id=asked if _ID.fullmatch(asked) else f"entry-{entry.id}",
        kind=_text(given, "kind") or "?",
        environment=environment,
        operator=_text(given, "operator") or "?",
        role=Role.VIEWER,
        created_at=entry.at,
        source=_text(given, "source"),
    )


def _fields(entry: StreamEntry) -> dict[str, Any]:
    try:
        found = json.loads(entry.fields.get(entries.DATA, b""))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _text(given: dict[str, Any], name: str) -> str:
    found = given.get(name)
    return found[:MAX_TEXT] if isinstance(found, str) else ""
