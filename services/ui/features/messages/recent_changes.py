"""What changed lately: of each topic the leaves that are not what they were before.

Whoever comes to a factory that just did something odd asks this first, of all topics at once.
"""

from collections.abc import Iterable
from typing import NamedTuple

from omf.messages import json_diff
from omf.messages.json_diff import Difference
from omf.messages.message import Message
from services.ui import formats
from services.ui.live.model import ViewModel
from services.ui.translator import Translator
from services.ui.types import Row
from services.ui.views.message_rows import excerpt

WINDOWS_S = (10, 60, 600)
MAX_TOPICS, LISTED_CHANGES = 200, 300
"""The newest ones: what a flood turns over in a second nobody reads."""
VALUE_CHARS = 80
TEXT = "payload"
"""In place of a path, where a payload is no JSON."""


class Changed(NamedTuple):
    """One leaf of a topic, with the message that told its present value."""

    message: Message
    leaf: Difference


def lately(newest_first: Iterable[Message], since: float) -> list[Changed]:
    """Leaves whose value differs from that before `since`, newest topic first.

    Where nothing from before is at hand, the first message after it counts in its place.
    """
    now: dict[str, Message] = {}
    before: dict[str, Message] = {}
    for message in newest_first:
        if message.received_at >= since and len(now) < MAX_TOPICS:
            now.setdefault(message.topic, message)
        if message.topic in now and _older(before.get(message.topic), since):
            before[message.topic] = message
    return [
        Changed(message, leaf)
        for topic, message in now.items()
        for leaf in _between(before[topic], message)
    ]


def _older(found: Message | None, since: float) -> bool:
    """True while a message from further back says better what was before."""
    return found is None or found.received_at >= since


def _between(before: Message, after: Message) -> list[Difference]:
    if before.payload == after.payload:
        return []
    old, new = json_diff.parsed(before.payload), json_diff.parsed(after.payload)
    if old is None and new is None:
        return [Difference(TEXT, excerpt(before.payload), excerpt(after.payload))]
    return [leaf for leaf in json_diff.between(old, new) if not json_diff.tells_time(leaf)]


def rows(model: ViewModel, say: Translator, window_s: int) -> list[Row]:
    """One row a leaf; shared by all who look back as far."""
    key = ("changes", say.language, window_s)
    return model.shared(key, lambda: _rows(model, say, window_s))


def _rows(model: ViewModel, say: Translator, window_s: int) -> list[Row]:
    found = lately(model.journal.newest(), model.now - window_s)[:LISTED_CHANGES]
    return [
        {
            "id": f"{changed.message.id} {changed.leaf.path}",
            "name": changed.message.topic,
            "what": _what(changed.leaf, say),
            "age": formats.age(model.now - changed.message.received_at, say.language),
            "place": place,
        }
        for place, changed in enumerate(found)
    ]


def _what(leaf: Difference, say: Translator) -> str:
    before, after = (_short(value) or say("difference.absent") for value in leaf[1:])
    return f"{leaf.path}: {before} → {after}"


def _short(value: str) -> str:
    return value if len(value) <= VALUE_CHARS else f"{value[:VALUE_CHARS]}…"
