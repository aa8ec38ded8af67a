"""Open brackets as orders keeps them: the only code that reads the key `brackets` for people."""

from collections.abc import Iterable

from omf.commands import CommandError, Plan, release_of
from omf.state import FactoryState
from services.common.store.bus import Bus
from services.common.store.entries import all_readable
from services.common.store.keys import StreamModel

BRACKETS_KEY = "brackets"


class OpenBracket(StreamModel):
    """A command of several steps that is under way: listed, its steps released, or cancelled."""

    command_id: str
    kind: str
    operator: str
    order_id: str
    device: str
    steps: int
    step: int
    """The present step, from 0."""
    de: str
    en: str
    """What the present step does."""
    since: float
    """When the present step began to wait, or was let go; store clock."""
    waiting: bool = False
    """The step waits for its release."""
    cancelled_by: str = ""
    fr: str = ""
    """Empty in what was written before there was French."""
    plan: Plan | None = None
    """The command with the bytes of all its steps."""

    def release(self, state: FactoryState) -> Plan | None:
        """What letting the waiting step go means now; None while none waits."""
        if self.plan is None or not self.waiting:
            return None
        try:
            return release_of(self.plan, self.plan.steps[self.step], state)
        except (CommandError, IndexError):
            # Begun by another release, whose kinds or parameters were others.
            return None


def of_order(found: Iterable[OpenBracket], order_id: object) -> OpenBracket | None:
    """The bracket whose steps go out under this order id."""
    return next((one for one in found if one.order_id == order_id), None)


async def every(bus: Bus) -> list[OpenBracket]:
    """Every command of several steps under way, the one that waits longest first."""
    found = await bus.call(bus.client.hvals(bus.key(BRACKETS_KEY)))
    return sorted(all_readable(OpenBracket, found), key=lambda bracket: bracket.since)
