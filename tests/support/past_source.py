"""A past for the pages: the same small factory at every moment, without archive or store."""

from omf.analysis.moment_changes import MomentChanges, ShapeComparison, moment_changes
from omf.messages.message import Message
from omf.messages.stream_id import StreamId
from omf.texts import text
from services.common.store.keys import CommandRecord, Environment
from services.history.day_marks import DayMark
from services.history.past_views import PastStretch, PastView
from tests.support.factory import DRILL, HBW, Factory
from tests.support.ui_pages import NOW, pairing, stock

THEN = NOW - 196 * 86_400


def said(at: float) -> list[Message]:
    """A factory with two modules and a piece, as it told itself before a moment."""
    return _factory(at).heard


def _factory(at: float) -> Factory:
    told = Factory()
    told.now, told.step_s = at - 20, 0.01
    told.online(HBW).online(DRILL).say("ccu_pairing_state", pairing())
    return told.say("ccu_state_stock", stock("RED"))


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
        told = _factory(at)
        return PastView(at, told.heard[-1].id, told.state, told.heard, self.commands)

    async def following(
        self, environment: Environment, after: str, at: float, limit: int
    ) -> PastStretch:
        """Nothing comes."""
        assert environment == "mock"
        behind = StreamId.parse(after)
        later = [m for m in said(at) if StreamId.parse(m.id) > behind]
        return PastStretch(later[:limit], self.commands)

    async def changes(self, environment: Environment, since: float, until: float) -> MomentChanges:
        """A piece more in store, and a module that lost its connection."""
        assert environment == "mock"
        if self.error:
            raise self.error
        before, after = _factory(since), _factory(until)
        after.online(DRILL, "OFFLINE").say("ccu_state_stock", stock("WHITE"))
        return moment_changes(
            (before.state, since), (after.state, until), ShapeComparison((), 4, 1)
        )

    async def day(self, environment: Environment, begin: float, end: float) -> list[DayMark]:
        """An order before the moment; a command, an alarm and a silence behind it."""
        assert environment == "mock"
        assert begin <= THEN < end
        return [
            DayMark("order", THEN - 60),
            DayMark("command", THEN + 30, "factory-reset"),
            DayMark(
                "alarm", THEN + 60, "danger", text=text("alarm.danger", device="1", what="gas")
            ),
            DayMark("silence", THEN + 90, until=THEN + 400),
        ]

    async def message(self, environment: Environment, message_id: str) -> Message | None:
        """What is named by its id."""
        assert environment == "mock"
        found = Message("ccu/order/active", b"[]", message_id)
        return found if found.received_at < NOW else None
