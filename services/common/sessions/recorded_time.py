"""Recorded time: which moment of which session a message of the replay environment belongs to.

Ids of messages are of the moment they arrived; a session was recorded on another day. Whoever plays
one writes anchors, each of which says what recorded moment it is and how fast time passes from
there. Readers date each message by them, so every age and every rule is of the recorded day.
"""

from bisect import bisect_right
from collections.abc import Iterable

from omf.messages.message import Message
from services.common.store.keys import LinkHealth, StreamModel


class Anchor(StreamModel):
    """From `at` on it is the moment `recorded` of a replayed session (recorded_time.py)."""

    at: float
    """On the clock that the ids of messages are from, Unix seconds, as all that follows."""
    begins: float
    """Messages from then on are meant."""
    recorded: float
    pace: float
    """Recorded seconds that pass in one; 0: it stands still."""
    session: str
    """A new one at each beginning: a session played, a seek, a loop. What was before is over."""

    def moment(self, at: float) -> float:
        """The recorded moment at `at`."""
        return self.recorded + max(0.0, at - self.at) * self.pace

    def arrival(self, recorded: float) -> float:
        """When a recorded moment from here on comes; now if time stands still."""
        passed = max(0.0, recorded - self.recorded)
        return self.at + (passed / self.pace if self.pace else 0.0)


class ReplayedLink(LinkHealth):
    """The link of the reading side of a replay, for whoever asks what time it is there."""

    replayed: Anchor

    def message_now(self, now: float) -> float:
        """The store's time `now` on the clock by which messages are dated: the recorded one."""
        return self.replayed.moment(super().message_now(now))


class RecordedTimes:
    """The anchors of one environment, oldest first."""

    def __init__(self) -> None:
        self.last = "0-0"
        """Id of the newest anchor taken over."""
        self._anchors: list[Anchor] = []
        self._begins: list[float] = []

    def take(self, found: Iterable[tuple[str, Anchor]]) -> None:
        """Take over anchors behind `last`."""
        for entry_id, anchor in found:
            self.last = entry_id
            self._anchors.append(anchor)
            self._begins.append(max(anchor.begins, self._begins[-1] if self._begins else 0.0))

    @property
    def newest(self) -> Anchor | None:
        """The anchor that holds now; None before anything was played."""
        return self._anchors[-1] if self._anchors else None

    def dated(self, message: Message) -> Message:
        """The message with its recorded time and session; as it is if nothing was played then."""
        place = bisect_right(self._begins, message.arrived_at)
        if not place:
            return message
        anchor = self._anchors[place - 1]
        at = anchor.moment(message.arrived_at)
        return message._replace(recorded_at=at, session=anchor.session)

    def over(self, message: Message) -> bool:
        """It belongs to a session that is over; never so for one that was not replayed."""
        return self.newest is not None and message.session != self.newest.session

    def moment(self, at: float) -> float:
        """The recorded moment at `at`; itself before anything was played."""
        place = bisect_right(self._begins, at)
        return self._anchors[place - 1].moment(at) if place else at

    def arrival(self, recorded: float) -> float:
        """When the messages of that recorded moment arrived in the session of now.

        Before its first anchor that is its beginning; where nothing was played, the moment itself.
        """
        newest = self.newest
        if newest is None:
            return recorded
        own = [one for one in self._anchors if one.session == newest.session]
        behind = [one for one in own if one.recorded <= recorded]
        if not behind or recorded <= own[0].recorded:
            return own[0].begins
        return max(behind, key=lambda one: one.recorded).arrival(recorded)
