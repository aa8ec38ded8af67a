"""Topics as flat lists: who says most just now, and what the broker keeps."""

from omf.topics import catalogue
from services.ui import formats
from services.ui.live.model import ViewModel
from services.ui.translator import Language, Translator
from services.ui.types import Row


def busiest(model: ViewModel, language: Language) -> list[Row]:
    """Topics by messages of the last minute, the loudest first, with their bytes so far."""
    return model.shared(("busiest topics", language), lambda: _busiest(model, language))


def _busiest(model: ViewModel, language: Language) -> list[Row]:
    said, topics = model.journal.minute(model.now), model.factory.traffic.topics
    size = {topic: topics[topic].bytes if topic in topics else 0 for topic in said}
    ranked = sorted(said, key=lambda topic: (-said[topic], -size[topic], topic))
    return [
        {
            "id": topic,
            "name": topic,
            "count": said[topic],
            "bytes": formats.size(size[topic], language),
            "place": place,
        }
        for place, topic in enumerate(ranked)
    ]


def kept(model: ViewModel, language: Language) -> list[Row]:
    """Topics whose kept copy was seen, and those that are kept by the catalogue, with their age."""
    return model.shared(("kept topics", language), lambda: _kept(model, Translator(language)))


def _kept(model: ViewModel, say: Translator) -> list[Row]:
    topics = model.factory.traffic.topics
    return [
        {
            "id": topic,
            "name": topic,
            "told": say("topics.seen" if topics[topic].kept else "topics.by_catalogue"),
            "age": formats.age(model.now - topics[topic].at, say.language),
            "command": topic in model.factory.traffic.retained_commands,
            "place": place,
        }
        for place, topic in enumerate(sorted(topics))
        if topics[topic].kept or _always_kept(topic)
    ]


def _always_kept(topic: str) -> bool:
    entry = catalogue.of(topic)
    return bool(entry and entry.retain)
