"""A past for the pages: the same small factory at every moment, without archive or store."""

import json

from omf.messages.message import Message
from omf.messages.stream_id import StreamId
from omf.state import FactoryState
from services.common.store.keys import CommandRecord, Environment
from services.history.day_marks import DayMark
from services.history.past_views import PastStretch, PastView
from tests.support.ui_pages import DRILL, HBW, NOW, connection, pairing, stock

THEN = NOW - 196 * 86_400


def said(at: float) -> list[Message]:
    """A factory with two modules and a piece, as it told itself before a moment."""
    told = (connection(HBW), connection(DRILL), pairing(), stock("RED"))
    return [
        Message(topic, json.dumps(body).encode(), f"{int(at * 1000) - 20_000 + n}-0")
        for n, (topic, body) in enumerate(told)
    ]


class Past:
    """Stands for archive and store."""

    def __init__(self) -> None:
        self.asked: list[float] = []
        self.commands: list[CommandRecord] = []
        self.error: Exception | None = None

    async def view(self, environment: Environment, at: float) -> PastView:
        """The same factory at every moment."""
        assert environment == "mock"
        self.asked.append(at)
        if self.error:
            raise self.error
        state, messages = FactoryState(), said(at)
        for message in messages:
            state.apply(message, message.received_at)
        return PastView(at, messages[-1].id, state, messages, self.commands)

    async def following(
        self, environment: Environment, after: str, at: float, limit: int
    ) -> PastStretch:
        """Nothing comes."""
        assert environment == "mock"
        behind = StreamId.parse(after)
        later = [m for m in said(at) if StreamId.parse(m.id) > behind]
        return PastStretch(later[:limit], self.commands)

    async def day(self, environment: Environment, begin: float, end: float) -> list[DayMark]:
        """An order before the moment, a command and a silence behind it."""
        assert environment == "mock"
        assert begin <= THEN < end
        return [
            DayMark("order", THEN - 60),
            DayMark("command", THEN + 30, "factory-reset"),
            DayMark("silence", THEN + 90, until=THEN + 400),
        ]

    async def message(self, environment: Environment, message_id: str) -> Message | None:
        """What is named by its id."""
        assert environment == "mock"
        found = Message("ccu/order/active", b"[]", message_id)
        return found if found.received_at < NOW else None
