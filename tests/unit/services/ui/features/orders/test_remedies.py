"""An order that stands still shows what may free it, each tried in a simulation before."""

from typing import Any

from omf.recovery.remedies import Remedy
from omf.recovery.trial import Standstill, TriedRemedy
from omf.texts import verbatim
from services.common.foresight.reader import NoForesightError
from tests.support.factory import DRILL, FTS, LISTED, order, paired
from tests.support.ui_pages import TRIES, pages

ID = "stuck-order"
DRIVE = {"id": "1", "type": "NAVIGATION", "state": "ENQUEUED", "source": "START", "target": "DRILL"}
DONE = {"id": "0", "type": "MANUFACTURE", "state": "FINISHED"}


class Foreseeing:
    """Answers like the process that looks ahead."""

    def __init__(self, answer: list[Standstill] | None) -> None:
        self.answer = answer

    async def start(self) -> None:
        """Be ready."""

    async def standstills(self, _: str, __: str) -> list[Standstill]:
        """What stands still."""
        if self.answer is None:
            raise NoForesightError("it is away")
        return self.answer


def stands(told: Any) -> None:
    """A vehicle that does not know where it is, and an order that waits for it."""
    modules = [paired(DRILL, "DRILL")]
    told.factory.say("ccu_pairing_state", {"modules": modules, "transports": [LISTED]})
    told.factory.vehicle("UNKNOWN")
    told.factory.orders(order(ID, state="IN_PROGRESS", productionSteps=[DONE, DRIVE]))


def standstill(*tried: TriedRemedy) -> Standstill:
    return Standstill((ID,), verbatim("why"), verbatim("Put it before the DPS."), tried)


async def test_remedies_are_cards_in_their_order_with_what_came_of_them() -> None:
    dock = Remedy("fts-dock", {"serial": FTS})
    helps = TriedRemedy((dock,), "goes-on", verbatim("goes on after 22 s"))
    not_so = TriedRemedy((Remedy("factory-reset", {}), dock), "stands", verbatim("stands"))
    async with pages() as told:
        told.dashboard.impacts = Foreseeing([standstill(helps, not_so)])  # type: ignore[assignment]
        stands(told)
        await told.user.open(f"/mock/order/{ID}")
        told.tick()
        await told.user.should_see("tried: helps", retries=TRIES)
        await told.user.should_see("goes on after 22 s", retries=TRIES)
        await told.user.should_see("2. Dock vehicle: FTS 5iO4 …", retries=TRIES)
        told.user.find(marker="remedy-1-1").click()
        await told.user.should_see(marker="discard")


async def test_what_no_command_mends_is_said() -> None:
    not_so = TriedRemedy((Remedy("factory-reset", {}),), "stands", verbatim("stands"))
    async with pages() as told:
        told.dashboard.impacts = Foreseeing([standstill(not_so)])  # type: ignore[assignment]
        stands(told)
        await told.user.open(f"/mock/order/{ID}")
        told.tick()
        await told.user.should_see("No command helps in the simulation", retries=TRIES)


async def test_a_process_that_is_away_is_said_and_the_page_stays() -> None:
    async with pages() as told:
        told.dashboard.impacts = Foreseeing(None)  # type: ignore[assignment]
        stands(told)
        await told.user.open(f"/mock/order/{ID}")
        told.tick()
        await told.user.should_see("it is away", retries=TRIES)
