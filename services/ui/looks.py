"""A look at the messages as an address, so that it can be kept, shared and downloaded."""

from collections.abc import Mapping
from urllib.parse import urlencode

from omf.topics import TopicError
from services.ui.journal import EVERYTHING, WAYS, Selection

MAX_TEXT = 200
"""Characters of a search; more is no search but an attack on the processor."""


def read(query: Mapping[str, str]) -> Selection:
    """The look a query asks for; what is wrong in it is left out."""
    wanted = query.get("class", "")
    priority = int(wanted) if wanted in {str(n) for n in range(1, EVERYTHING)} else EVERYTHING
    way = next((way for way in WAYS if way == query.get("way")), WAYS[0])
    selection = Selection(priority, way, "", query.get("text", "")[:MAX_TEXT])
    try:
        return selection.with_topic(query.get("topic", ""))
    except TopicError:
        return selection


def query(selection: Selection) -> str:
    """The query that asks for a look, with its question mark; empty for the widest one."""
    parts = {
        "class": "" if selection.priority == EVERYTHING else str(selection.priority),
        "way": "" if selection.way == WAYS[0] else selection.way,
        "topic": selection.topic_filter,
        "text": selection.text,
    }
    kept = {name: value for name, value in parts.items() if value}
    return f"?{urlencode(kept)}" if kept else ""
