"""Who wants to hear which topic: a lookup, however many commands are awaited."""

from collections.abc import Iterator

from omf.topics.filters import matches
from services.orders.watched import Watched

WILD = frozenset("+#")


class Interest:
    """Awaited commands by id, and by the topics that may prove them."""

    def __init__(self) -> None:
        self._by_id: dict[str, Watched] = {}
        self._by_topic: dict[str, dict[str, Watched]] = {}

    def __len__(self) -> int:
        return len(self._by_id)

    def __iter__(self) -> Iterator[Watched]:
        """All of them, oldest first; the set may change meanwhile."""
        return iter(tuple(self._by_id.values()))

    def get(self, command_id: str) -> Watched | None:
        """The command of that id."""
        return self._by_id.get(command_id)

    def add(self, command_id: str, watched: Watched) -> None:
        """From now on this command hears its topics."""
        self._by_id[command_id] = watched
        for topic in watched.topics:
            self._by_topic.setdefault(topic, {})[command_id] = watched

    def remove(self, command_id: str) -> None:
        """This command is not awaited any more."""
        self.deafen(command_id)
        self._by_id.pop(command_id, None)

    def deafen(self, command_id: str) -> None:
        """This command hears nothing any more; it is still awaited."""
        watched = self._by_id.get(command_id)
        for topic in watched.topics if watched else ():
            hearers = self._by_topic.get(topic, {})
            hearers.pop(command_id, None)
            if not hearers:
                self._by_topic.pop(topic, None)

    def in_topic(self, topic: str) -> tuple[Watched, ...]:
        """Everyone who wants to hear a message on this topic, each once."""
        found = dict(self._by_topic.get(topic, {}))
        for wanted, hearers in self._by_topic.items():
            if not WILD.isdisjoint(wanted) and matches(wanted, topic):
                found |= hearers
        return tuple(found.values())
