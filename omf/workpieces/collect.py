"""All lives of a range of messages, also those that left the state while it was folded."""

from collections.abc import Iterable

from omf.messages.message import Message
from omf.state.factory_state import FactoryState
from omf.workpieces.life import WorkpieceLife


class FoldedLives:
    """Folds messages into a state and tells which lives are over. For one thread."""

    def __init__(self, state: FactoryState | None = None) -> None:
        """`state` is the fold up to the first message."""
        self.state = state or FactoryState()
        self._seen = self.state.workpieces.ended_total

    def take(self, message: Message) -> list[WorkpieceLife]:
        """Apply the next message; the lives that ended with it.

        Another session is another factory: what was in this house is followed no further.
        """
        left: list[WorkpieceLife] = []
        if message.session != self.state.session:
            pieces = self.state.workpieces
            left, self._seen = [*pieces.ended, *pieces.open.values()], 0
        self.state.apply(message, message.received_at)
        pieces = self.state.workpieces
        if pieces.ended_total != self._seen:
            left += pieces.ended[self._seen - pieces.ended_total :]
            self._seen = pieces.ended_total
        return left


class LifeCollector:
    """Folds messages into a state and keeps every life that ends on the way. For one thread."""

    def __init__(self, state: FactoryState | None = None) -> None:
        """`state` is the fold up to the first message; the ended lives it still holds count."""
        self._folded = FoldedLives(state)
        self._left = {life.id: life for life in self.state.workpieces.ended}

    @property
    def state(self) -> FactoryState:
        """The fold of everything so far."""
        return self._folded.state

    def take(self, message: Message) -> None:
        """Apply the next message."""
        if left := self._folded.take(message):
            self._left |= {life.id: life for life in left}

    @property
    def lives(self) -> list[WorkpieceLife]:
        """Every life, oldest first, those still in the house too."""
        return sorted({**self._left, **self.state.workpieces.open}.values(), key=_begun)


def _begun(life: WorkpieceLife) -> float:
    return life.begun_at


def collect(messages: Iterable[Message]) -> LifeCollector:
    """Fold a whole range, beginning with nothing known."""
    collector = LifeCollector()
    for message in messages:
        collector.take(message)
    return collector


def matching(lives: Iterable[WorkpieceLife], wanted: str) -> list[WorkpieceLife]:
    """The lives of a tag, of an id of a life, or that an order of this id was about."""
    return [
        life
        for life in lives
        if wanted in (life.tag, life.id) or any(one.order_id == wanted for one in life.orders)
    ]
