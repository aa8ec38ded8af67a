"""The panel of plans: next time, why one was skipped, and the cards that steer it."""

import asyncio
from datetime import time

from omf.analysis.shifts import WEEKDAYS
from omf.plans.future import DueOrders, ForeseenOrders
from omf.plans.plan import OrderPlan, PlanNote
from omf.texts import verbatim
from tests.support.ui_pages import NOW, Pages
from tests.support.ui_story import floor

EARLY = OrderPlan(
    name="early",
    id="c-1",
    colours=("RED", "BLUE"),
    times=(time(6, 0),),
    days=WEEKDAYS,
    operator="anna",
    role="operator",
    looked_until=NOW,
    why=verbatim("An urgent alarm stands"),
    history=(
        PlanNote(at=NOW - 99, event="set", by="anna"),
        PlanNote(at=NOW, event="skipped", due=NOW, said=verbatim("An urgent alarm stands")),
    ),
)


async def _open(pages: Pages, *plans: OrderPlan) -> None:
    floor(pages)
    pages.models["mock"].plans = list(plans)
    await pages.user.open("/mock/orders")


async def test_a_plan_says_when_it_is_due_and_why_it_was_skipped(pages: Pages) -> None:
    await _open(pages, EARLY)
    await pages.user.should_see("06:00 · 1 × Red, Blue · anna")
    await pages.user.should_see("next at")
    await pages.user.should_see("An urgent alarm stands")
    pages.models["mock"].plans = [EARLY.but(paused_by="bert")]
    pages.models["mock"].changed()
    pages.tick()
    await pages.user.should_see("paused")
    pages.user.find(marker="plan-resume").click()
    await pages.user.should_see("Resume the plan of orders")


async def test_a_new_plan_is_set_from_its_card(pages: Pages) -> None:
    await _open(pages)
    await pages.user.should_see("No plan: orders are given by hand only.")
    pages.user.find(marker="plan-new").click()
    await pages.user.should_see("Set a plan of orders")


async def test_a_plan_is_removed_from_its_line(pages: Pages) -> None:
    await _open(pages, EARLY)
    pages.user.find(marker="plan-remove").click()
    await pages.user.should_see("Remove the plan of orders")
    pages.user.find(marker="send").click()
    await asyncio.sleep(0.05)
    (command,) = pages.inboxes["mock"].commands
    assert (command.kind, command.parameters) == ("plan-remove", {"name": "early"})


class Foreseeing:
    """Answers like the process that looks ahead."""

    async def start(self) -> None:
        """Be ready."""

    async def orders_by_plan(self, _: str, __: str, due: list[DueOrders]) -> list[ForeseenOrders]:
        """Each is done after 200 s."""
        return [ForeseenOrders(one.plan, one.at, one.colours, [one.at + 200]) for one in due]


async def test_a_plan_says_what_it_would_order_and_when_that_is_done(pages: Pages) -> None:
    pages.dashboard.impacts = Foreseeing()  # type: ignore[assignment]
    due = [time(hour, minute) for hour in range(24) for minute in (0, 30)]
    await _open(pages, EARLY.but(times=tuple(due)))
    await asyncio.sleep(0.1)
    pages.tick(1)
    await pages.user.should_see("What it would order in the next 8 hours (simulated)")
    await pages.user.should_see("done about")
