"""What belongs together: messages that name the same order, action or workpiece."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

from omf.messages import json_diff
from omf.messages.message import Message
from services.ui.live.model import ViewModel

MAX_SHOWN = 8
MAX_NAMES = 12
"""A list of all orders names hundreds of things; nobody reads them under one message."""
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
    found = json_diff.leaves(json_diff.parsed(message.payload))
    return list(dict.fromkeys(_named(found)))


def _named(found: dict[str, Any]) -> Iterator[Name]:
    for path, leaf in found.items():
        if not isinstance(leaf, str) or leaf in _NOTHING:
            continue
        plain = re.sub(r"\[\d+\]| \(\d+\)", "", path)
        for kind, ends in _KINDS.items():
            if any(plain == end or plain.endswith(f".{end}") for end in ends):
                yield Name(kind, leaf)


class Other(NamedTuple):
    """The newest message of a topic that names the same thing, and how many more there are."""

    message: Message
    more: int


def of(model: ViewModel, message: Message) -> dict[Name, list[Other]]:
    """For each thing a message is about the topics that name it, newest first, each once.

    A list that the CCU sends every few seconds names them all: it stands under the first only.
    """
    found: dict[Name, list[Other]] = {}
    listed: set[str] = set()
    for name in names(message)[:MAX_NAMES]:
        others = [one for one in _by_topic(model, name, message.id) if one.message.id not in listed]
        found[name] = others[:MAX_SHOWN]
        listed |= {one.message.id for one in found[name]}
    return found


def _by_topic(model: ViewModel, name: Name, but: str) -> list[Other]:
    wanted = name.id.encode()
    newest: dict[str, Message] = {}
    counts: Counter[str] = Counter()
    for one in model.journal.newest():
        if wanted in one.payload and one.id != but:
            newest.setdefault(one.topic, one)
            counts[one.topic] += 1
    return [Other(one, counts[topic] - 1) for topic, one in newest.items()]
