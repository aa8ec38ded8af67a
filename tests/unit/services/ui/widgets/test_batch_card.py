"""Several commands on one card: previewed together, handed to orders as one sequence."""

import asyncio
from pathlib import Path
from typing import Any

from nicegui import ui

from omf.sequences import course
from omf.sequences.course import CommandEnd, Facts
from omf.sequences.program import compiled
from omf.sequences.reading import steps_of
from omf.sequences.run import RunState, SequenceRun
from omf.texts import verbatim
from services.common.store.keys import Command, CommandEvent, Reason, Role, Stage
from tests.support import ui_pages
from tests.support.ui_pages import NOW, Pages
from tests.support.ui_story import floor, made


def _ready(pages: Pages, colour: str = "WHITE") -> None:
    floor(pages)
    pages.factory.online(ui_pages.HBW).online(ui_pages.DRILL)
    pages.factory.say("ccu_state_stock", ui_pages.stock(colour, count=2))
    pages.factory.say("ccu_state_flows", ui_pages.FLOWS)


async def _settled(pages: Pages) -> None:
    await asyncio.sleep(0.05)
    pages.tick()


def _given(pages: Pages) -> list[tuple[str, dict[str, Any]]]:
    """Kind and parameters of each step that was handed over, start by start."""
    return [
        (step["kind"], step.get("parameters", {}))
        for command in pages.inboxes["mock"].commands
        for step in command.parameters["steps"]
    ]


def _run(command: Command) -> SequenceRun:
    """The run as orders would begin it."""
    given = command.parameters
    written = steps_of(given["title"], given["steps"])
    run = SequenceRun(
        id=command.command_id,
        name=given["name"],
        title=written.title,
        program=compiled(written.steps),
        started_by="anna",
        operator="anna",
        role="operator",
        started_at=NOW,
        since=NOW,
    )
    return course.started(run)


def _on(run: SequenceRun, end: CommandEnd | None = None) -> SequenceRun:
    """The run one step further."""
    facts = Facts(NOW, lambda _: None, lambda _: None, lambda *_: None, end)  # type: ignore[arg-type,return-value]
    move = course.advance(run, facts)
    assert move
    return move.run


async def _show(pages: Pages, run: SequenceRun) -> None:
    pages.models["mock"].runs = [run]
    pages.models["mock"].changed()
    await _settled(pages)


async def _compose(pages: Pages, *colours: str) -> None:
    await pages.user.open("/mock/orders")
    for colour in colours:
        pages.user.find(marker=f"basket-more-{colour}").click()
    pages.user.find(marker="basket-compose").click()


async def test_two_pieces_are_handed_over_together_and_followed(pages: Pages) -> None:
    _ready(pages)
    await _compose(pages, "WHITE", "WHITE")
    await pages.user.should_see("2. Order production of White")
    await pages.user.should_see("ccu/order/request")
    assert _given(pages) == []
    pages.user.find(marker="send-batch").click()
    await _settled(pages)
    (command,) = pages.inboxes["mock"].commands
    assert command.kind == "sequence-start"
    assert _given(pages) == [("production-order", {"colour": "WHITE"})] * 2
    await pages.user.should_see("Handed over; the server carries them on")
    run = _on(_run(command))
    await _show(pages, run)
    await pages.user.should_see("Step 1 of 2: Production order: White")
    effect = CommandEnd(effect=True, refused=False, said=verbatim("seen"))
    run = _on(_on(run, effect), effect)
    assert run.state is RunState.DONE
    await _show(pages, run)
    await pages.user.should_see("done")


async def test_the_run_is_listed_and_held_from_another_page(pages: Pages) -> None:
    _ready(pages)
    await _compose(pages, "WHITE", "WHITE")
    pages.user.find(marker="send-batch").click()
    await _settled(pages)
    run = _on(_run(pages.inboxes["mock"].commands[0]))
    await pages.user.open("/mock/steering")
    await _show(pages, run)
    await pages.user.should_see("Command sequences")
    pages.user.find(marker="sequence-hold").click()
    await pages.user.should_see("Hold the command sequence")
    await _show(pages, course.hold(run, "bert", NOW))
    await pages.user.should_see("Held by bert.")
    pages.user.find(marker="sequence-continue").click()
    await pages.user.should_see("Continue the command sequence")


async def test_more_than_lies_in_the_store_are_not_ordered_together(pages: Pages) -> None:
    _ready(pages)
    await _compose(pages, "WHITE", "WHITE", "WHITE")
    await pages.user.should_see("White: 3 wanted, 2 free in stock")
    pages.user.find(marker="send-batch").click()
    await _settled(pages)
    assert _given(pages) == []


async def test_what_was_sent_is_no_longer_in_the_basket(pages: Pages) -> None:
    _ready(pages)
    await _compose(pages, "WHITE", "WHITE")
    await pages.user.should_see("White: 2 wanted, 2 free in stock")
    pages.user.find(marker="send-batch").click()
    await _settled(pages)
    (count,) = pages.user.find(marker="basket-WHITE").elements
    (button,) = pages.user.find(marker="basket-compose").elements
    assert isinstance(count, ui.label)
    assert (count.text, "off" in button.classes) == ("0", True)


async def test_a_start_that_is_refused_says_why_and_may_be_tried_again(pages: Pages) -> None:
    _ready(pages)
    await _compose(pages, "WHITE", "WHITE")
    pages.user.find(marker="send-batch").click()
    await _settled(pages)
    (command,) = pages.inboxes["mock"].commands
    why = Reason.of("runs-already", verbatim("runs already"))
    refused = CommandEvent(
        command_id=command.command_id,
        kind=command.kind,
        stage=Stage.REFUSED,
        at=NOW,
        reasons=(why,),
    )
    pages.models["mock"].commands.hear(refused, command)
    pages.models["mock"].changed()
    await _settled(pages)
    await pages.user.should_see("runs already")
    pages.user.find(marker="send-batch").click()
    await _settled(pages)
    first, second = pages.inboxes["mock"].commands
    assert first.command_id != second.command_id


async def test_a_store_that_is_away_is_said_and_the_same_command_goes_later(pages: Pages) -> None:
    _ready(pages)
    await _compose(pages, "WHITE")
    pages.inboxes["mock"].away = True
    pages.user.find(marker="send-batch").click()
    await _settled(pages)
    await pages.user.should_see("Error sending the message")
    assert _given(pages) == []
    pages.inboxes["mock"].away = False
    pages.user.find(marker="send-batch").click()
    await _settled(pages)
    assert len(pages.inboxes["mock"].commands) == 1


async def test_what_stands_against_the_first_one_locks_the_card(pages: Pages) -> None:
    _ready(pages, "RED")
    await _compose(pages, "WHITE")
    await pages.user.should_see("No free piece in store: White")
    pages.user.find(marker="send-batch").click()
    await _settled(pages)
    assert _given(pages) == []


async def test_the_basket_holds_no_more_than_the_warehouse(pages: Pages) -> None:
    pages.factory.say("ccu_state_stock", ui_pages.stock())
    await _compose(pages, *(["RED"] * 12))
    (shown,) = pages.user.find(marker="basket-RED").elements
    assert isinstance(shown, ui.label)
    assert shown.text == "9"


async def test_an_orderly_stop_cancels_and_parks_once_nothing_runs(pages: Pages) -> None:
    await _stop_at_work(pages, made("runs", "IN_PROGRESS"), made("waits", "ENQUEUED"))
    await pages.user.should_see("running orders (1)")
    pages.user.find(marker="send-batch").click()
    await _settled(pages)
    (command,) = pages.inboxes["mock"].commands
    cancel, park = command.parameters["steps"]
    assert (cancel["kind"], cancel["parameters"]) == ("cancel-order", {"order_ids": "waits"})
    assert (cancel["optional"], park["kind"], park["patient"]) == (True, "park", True)


async def test_orders_that_come_or_begin_while_the_card_is_read_are_seen(pages: Pages) -> None:
    await _stop_at_work(pages, made("begins", "ENQUEUED"))
    await pages.user.should_see("Cancel: begins")
    pages.factory.orders(made("begins", "IN_PROGRESS"), made("later", "ENQUEUED"))
    pages.tick()
    await pages.user.should_see("Cancel: later")
    await pages.user.should_not_see("Cancel: begins")


async def test_who_may_not_give_every_one_of_them_gives_none(tmp_path: Path) -> None:
    async with ui_pages.pages(users=tmp_path / "users.jsonl") as pages:
        pages.language("en")
        await pages.sign_in(Role.OPERATOR)
        await _stop_at_work(pages, made("waits", "ENQUEUED"))
        await pages.user.should_see("Needs Supervisor")
        pages.user.find(marker="send-batch").click()
        await _settled(pages)
        assert _given(pages) == []


async def _stop_at_work(pages: Pages, *orders: dict[str, object]) -> None:
    _ready(pages)
    pages.factory.say("ccu_order_active", list(orders))
    await pages.user.open("/mock/steering/factory")
    pages.user.find(marker="orderly-stop").click()
