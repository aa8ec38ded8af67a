"""What belongs together: messages that name the same order, action or workpiece."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from omf.message import Message
from services.ui import differences
from services.ui.model import ViewModel

MAX_SHOWN = 8
_KINDS = {
    "order": ("orderId",),
    "action": ("action.id", "actionState.id", "actionStates.id", "actions.actionId", "actionId"),
    "workpiece": ("workpieceId", "loadId", "workpiece.id", "nfc", "tag"),
}
"""The ends of the paths under which each of them is named (PROTOCOL A.3, B)."""
_NOTHING = {"", "0"}


class Name(NamedTuple):
    """Something a message is about: `order`, `action` or `workpiece`, and its id."""

    kind: str
    id: str


def names(message: Message) -> list[Name]:
    """What a message is about, each once, in the order of the message."""
    found = differences.leaves(differences.parsed(message.payload))
    return list(dict.fromkeys(_named(found)))


def _named(found: dict[str, Any]) -> Iterator[Name]:
    for path, leaf in found.items():
        if not isinstance(leaf, str) or leaf in _NOTHING:
            continue
        plain = re.sub(r"\[\d+\]| \(\d+\)", "", path)
        for kind, ends in _KINDS.items():
            if any(plain == end or plain.endswith(f".{end}") for end in ends):
                yield Name(kind, leaf)


def messages(model: ViewModel, name: Name, but: str) -> list[Message]:
    """The newest other messages that name it."""
    wanted = name.id.encode()
    found = (m for m in model.journal.newest() if wanted in m.payload and m.id != but)
    return [message for _, message in zip(range(MAX_SHOWN), found, strict=False)]
