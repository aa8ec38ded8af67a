"""What a look takes out of the journal; each message is asked once, however often it is shown."""

from collections import deque
from itertools import islice

from omf.message import Message
from services.ui.journal import Journal
from services.ui.selection import Selection


class Found:
    """The places of the wanted messages; those that left the journal leave here as well."""

    def __init__(self, journal: Journal, selection: Selection) -> None:
        self._journal = journal
        self._selection = selection
        self._seen = journal.first
        self._places: deque[int] = deque()
        self.take()

    def __len__(self) -> int:
        return len(self._places)

    def take(self) -> list[Message]:
        """What came since the last call and is wanted, newest first."""
        journal = self._journal
        fresh, self._seen = journal.total - self._seen, journal.total
        places = enumerate(journal.newest(fresh), 1)
        found = [(journal.total - n, m) for n, m in places if self._selection.takes(m)]
        self._places.extend(place for place, _ in reversed(found))
        while self._places and self._places[0] < journal.first:
            self._places.popleft()
        return [message for _, message in found]

    def newest(self, count: int) -> list[Message]:
        """The newest wanted messages of those taken so far, newest first."""
        journal = self._journal
        wanted = set(islice(reversed(self._places), count))
        places = enumerate(journal.newest(journal.total - min(wanted, default=journal.total)), 1)
        return [message for n, message in places if journal.total - n in wanted]
