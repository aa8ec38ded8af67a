"""The topics of a factory as a tree: each level with what was said on and below it."""

from collections.abc import Iterable
from dataclasses import dataclass

from omf.constants import MINUTE_S
from omf.topics import catalogue
from services.ui import formats
from services.ui.live.model import ViewModel
from services.ui.translator import Language
from services.ui.types import Row

INDENT = "\u2007\u2007"
OPEN, SHUT, LEAF = "▾ ", "▸ ", "\u2007\u2007"


@dataclass(slots=True)
class TopicNode:
    """One level: messages so far and in the last minute, arrival of the newest one."""

    count: int = 0
    recent: int = 0
    at: float = 0.0
    retained: bool = False
    topic: bool = False
    """Something was said on this very topic, not only below it."""
    inner: bool = False
    """There are levels below."""


def nodes(model: ViewModel) -> dict[str, TopicNode]:
    """Every level by its path, in the order of a tree; shared by all who look."""
    return model.shared("topic nodes", lambda: _nodes(model))


def _nodes(model: ViewModel) -> dict[str, TopicNode]:
    recent = model.journal.minute(model.now)
    found: dict[str, TopicNode] = {}
    for topic, counted in model.factory.traffic.topics.items():
        entry = catalogue.of(topic)
        kept = counted.retained > 0 or bool(entry and entry.retain)
        for path in _paths(topic):
            node = found.setdefault(path, TopicNode())
            node.count += counted.count
            node.recent += recent.get(topic, 0)
            node.at = max(node.at, counted.at)
            if path == topic:
                node.topic, node.retained = True, kept
            else:
                node.inner = True
    return dict(sorted(found.items(), key=lambda item: item[0].split("/")))


def _paths(topic: str) -> Iterable[str]:
    levels = topic.split("/")
    return ("/".join(levels[: depth + 1]) for depth in range(len(levels)))


def filter_of(path: str, node: TopicNode) -> str:
    """The topic filter that takes what a node stands for."""
    return f"{path}/#" if node.inner else path


def rows(model: ViewModel, opened: frozenset[str], language: Language) -> list[Row]:
    """The rows to see: the roots, and what is below an opened node."""
    return model.shared(("topic rows", opened, language), lambda: _rows(model, opened, language))


def _rows(model: ViewModel, opened: frozenset[str], language: Language) -> list[Row]:
    made: list[Row] = []
    for place, (path, node) in enumerate(nodes(model).items()):
        above = list(_paths(path))[:-1]
        if not all(one in opened for one in above):
            continue
        sign = (OPEN if path in opened else SHUT) if node.inner else LEAF
        rate = node.recent / MINUTE_S
        made.append(
            {
                "id": path,
                "name": f"{INDENT * len(above)}{sign}{path.rpartition('/')[2] or '/'}",
                "count": node.count,
                "rate": f"{rate:.1f}" if rate >= 0.05 else "",  # noqa: PLR2004 - shown as 0.1
                "age": formats.age(model.now - node.at, language),
                "kept": "R" if node.retained else "",
                "place": place,
            }
        )
    return made
