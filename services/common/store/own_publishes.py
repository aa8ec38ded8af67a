"""Which messages are ours: what the gateway published comes back as any other.

A broker does not say who sent a message. Ours is one with the topic and the bytes of a step that
orders handed to the gateway, and that came within seconds of it; each publish stands for one only.
"""

from collections import OrderedDict
from collections.abc import Iterable

from omf.messages.message import Message
from services.common.process.clock import CLOCK_SLACK_S
from services.common.store.keys import CommandEvent, Stage

MAX_OWN_PUBLISHES = 5_000
ARRIVES_S = 10.0
"""A publish is back within milliseconds; the same bytes much later are somebody else's."""
NEVER_SENT = frozenset({Stage.REFUSED, Stage.EXPIRED})

NOT_YET = (True, float("inf"))

Key = tuple[str, bytes]


class _Publish:
    """One step as it went out, and the message it came back as."""

    __slots__ = ("at", "command_id", "message_id", "rank", "step")

    def __init__(self, event: CommandEvent) -> None:
        self.command_id, self.step, self.at = event.command_id, event.step, event.at
        self.message_id = ""
        self.rank = NOT_YET

    def fits(self, late: float) -> tuple[bool, float] | None:
        """How well a message so many seconds after it may be it, least is best; None: it is not.

        The first one behind it, else the nearest before it: clocks of two processes differ.
        """
        rank = (late < 0, abs(late))
        return rank if -CLOCK_SLACK_S <= late <= ARRIVES_S and rank < self.rank else None


class OwnPublishes:
    """The newest publishes of this dashboard, whoever asked for them; bounded."""

    def __init__(self) -> None:
        self._by_key: OrderedDict[Key, list[_Publish]] = OrderedDict()
        self._key_of: OrderedDict[tuple[str, int], Key] = OrderedDict()

    def load(self, events: Iterable[CommandEvent]) -> None:
        """Take over what was heard elsewhere, oldest first."""
        for event in events:
            self.hear(event)

    def hear(self, event: CommandEvent) -> None:
        """A stage of a command: some tell the bytes, a refusal tells that none went out."""
        place = (event.command_id, event.step)
        if event.topic and event.stage in {Stage.QUEUED, Stage.PUBLISHED}:
            self._keep(place, (event.topic, event.payload.encode()), event)
        elif event.stage in NEVER_SENT and (key := self._key_of.pop(place, None)):
            self._drop(place, key)

    def of(self, message: Message) -> str:
        """The id of the command a message was sent by; "" if it is not ours."""
        if not self._by_key:
            return ""
        found = self._by_key.get((message.topic, message.payload), ())
        for publish in found:
            if publish.message_id == message.id:
                return publish.command_id
        for publish in () if message.retain else found:
            if rank := publish.fits(message.arrived_at - publish.at):
                publish.message_id, publish.rank = message.id, rank
                return publish.command_id
        return ""

    def _keep(self, place: tuple[str, int], key: Key, event: CommandEvent) -> None:
        publishes = self._by_key.setdefault(key, [])
        known = next((p for p in publishes if (p.command_id, p.step) == place), None)
        if known is not None:
            known.at = event.at
            return
        publishes.append(_Publish(event))
        self._key_of[place] = key
        while len(self._key_of) > MAX_OWN_PUBLISHES:
            self._drop(*self._key_of.popitem(last=False))

    def _drop(self, place: tuple[str, int], key: Key) -> None:
        left = [p for p in self._by_key.get(key, ()) if (p.command_id, p.step) != place]
        if left:
            self._by_key[key] = left
        else:
            self._by_key.pop(key, None)
