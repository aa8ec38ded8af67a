"""A simulated factory and the state a reader of its traffic has, at the same moment."""

from collections.abc import Callable

from omf.state import Alarm, FactoryState, Order
from omf.state.waiting import Wait, root_cause, why_waits
from tests.support import mock_world


class WatchedMock:
    """Runs a simulated factory and folds all it says; `now` is the wall clock of both."""

    def __init__(
        self, vehicles: int = 1, stock: dict[str, int] | None = None, *, seed: int = 0
    ) -> None:
        self.world = mock_world.factory(vehicles, stock, seed=seed)
        self.state = FactoryState()
        self._read = 0
        self.raised: dict[str, float] = {}
        """Every alarm there was, with when it was first seen."""
        self.severities: dict[str, str] = {}
        """Of each, as it was last."""
        self.run(0)

    @property
    def now(self) -> float:
        """This moment, Unix s."""
        return self.world.now.wall

    def run(self, seconds: float, until: Callable[[], bool] = lambda: False) -> bool:
        """Let time pass second by second, as somebody who looks at the pages does."""
        for _ in range(max(1, int(seconds))):
            self.world.run(min(1.0, seconds))
            self._fold()
            if until():
                return True
        return until()

    def _fold(self) -> None:
        messages = self.world.messages()[self._read :]
        self._read += len(messages)
        for message in messages:
            self.state.apply(message, message.received_at)
        for alarm in self.alarms().values():
            self.raised.setdefault(alarm.id, self.now)
            self.severities[alarm.id] = alarm.severity

    def order(self, colour: str, kind: str = "PRODUCTION") -> Order:
        """Ask for an order and return it once the CCU lists it."""
        known = set(self.state.orders)
        mock_world.order(self.world, colour, kind, workpieceId="04798eca341290")
        self.run(2)
        (new,) = set(self.state.orders) - known
        return self.state.orders[new]

    def wait_of(self, order: Order) -> Wait | None:
        """What an order waits for now."""
        return why_waits(self.state, order, self.now)

    def root_of(self, order: Order) -> Wait | None:
        """What it waits for in the end."""
        return root_cause(self.state, order, self.now)

    def under(self, cause: str) -> dict[str, Alarm]:
        """What is shown under the alarm that explains it, by id."""
        return {alarm.id: alarm for alarm in self.state.symptoms(self.now).get(cause, ())}

    def alarms(self) -> dict[str, Alarm]:
        """The alarms of now by id."""
        return {alarm.id: alarm for alarm in self.state.alarms(self.now)}
