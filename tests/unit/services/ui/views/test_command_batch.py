"""Several commands on one card: in order, each after the effect of the one before it."""

import asyncio
from itertools import count
from pathlib import Path

import pytest
from nicegui import ui

from services.common.store.keys import CommandEvent, Role, Stage
from services.ui.live.command_log import CommandLog
from services.ui.views import command_batch
from services.ui.views.command_batch import BatchEntry
from tests.support import ui_pages
from tests.support.command_examples import command_of
from tests.support.ui_pages import NOW, Pages
from tests.support.ui_story import floor, made

WISHES = [BatchEntry("park", {}), BatchEntry("park", {}), BatchEntry("park", {})]


def _items() -> tuple[command_batch.Item, ...]:
    numbers = count()
    return command_batch.items(WISHES, lambda: f"id-{next(numbers)}")


def _told(log: CommandLog, item: str, *stages: Stage) -> None:
    command = command_of("park", command_id=item, role=Role.SUPERVISOR, created_at=NOW)
    log.ask(command)
    for stage in stages:
        log.hear(_event(item, "park", stage))


def _event(item: str, kind: str, stage: Stage) -> CommandEvent:
    return CommandEvent(command_id=item, kind=kind, stage=stage, at=NOW, operator="anna")


def test_the_next_one_waits_for_the_effect_of_the_one_before() -> None:
    items, log = _items(), CommandLog()
    assert command_batch.turn(items, 0, log) == "next"
    _told(log, "id-0", Stage.REQUESTED, Stage.ACKNOWLEDGED)
    assert command_batch.turn(items, 1, log) == "wait"
    _told(log, "id-0", Stage.EFFECT)
    assert command_batch.turn(items, 1, log) == "next"


def test_the_last_effect_ends_the_batch() -> None:
    items, log = _items(), CommandLog()
    for item in items:
        _told(log, item.id, Stage.EFFECT)
    assert command_batch.turn(items, 3, log) == "done"


@pytest.mark.parametrize(
    "stage", [Stage.REFUSED, Stage.NO_EFFECT, Stage.FAILED, Stage.EXPIRED, Stage.UNKNOWN]
)
def test_any_other_end_stops_what_would_follow(stage: Stage) -> None:
    items, log = _items(), CommandLog()
    _told(log, "id-0", Stage.REQUESTED, stage)
    assert command_batch.turn(items, 1, log) == "stopped"


def test_an_optional_one_stops_nothing_whatever_comes_of_it() -> None:
    numbers, log = count(), CommandLog()
    wishes = [BatchEntry("park", {}, optional=True), BatchEntry("park", {})]
    items = command_batch.items(wishes, lambda: f"id-{next(numbers)}")
    _told(log, "id-0", Stage.REQUESTED, Stage.REFUSED)
    assert command_batch.turn(items, 1, log) == "next"


def test_a_skipped_one_is_over() -> None:
    items, log = _items(), CommandLog()
    assert command_batch.turn(items, 1, log, {"id-0"}) == "next"


def _ready(pages: Pages, colour: str = "WHITE") -> None:
    floor(pages)
    pages.factory.online(ui_pages.HBW).online(ui_pages.DRILL)
    pages.factory.say("ccu_state_stock", ui_pages.stock(colour, count=2))
    pages.factory.say("ccu_state_flows", ui_pages.FLOWS)


async def _settled(pages: Pages) -> None:
    await asyncio.sleep(0.05)
    pages.tick()


async def _stage(pages: Pages, number: int, stage: Stage) -> None:
    command = pages.inboxes["mock"].commands[number]
    event = _event(command.command_id, command.kind, stage)
    pages.models["mock"].commands.hear(event, command)
    pages.models["mock"].changed()
    pages.tick()
    await _settled(pages)


def _given(pages: Pages) -> list[tuple[str, object]]:
    commands = pages.inboxes["mock"].commands
    return [(c.kind, c.parameters.get("colour")) for c in commands]


async def _compose(pages: Pages, *colours: str) -> None:
    await pages.user.open("/mock/orders")
    for colour in colours:
        pages.user.find(marker=f"basket-more-{colour}").click()
    pages.user.find(marker="basket-compose").click()


async def test_two_pieces_are_ordered_one_after_the_other(pages: Pages) -> None:
    _ready(pages)
    await _compose(pages, "WHITE", "WHITE")
    await pages.user.should_see("2. Order production of WHITE")
    await pages.user.should_see("ccu/order/request")
    assert _given(pages) == []
    pages.user.find(marker="send-batch").click()
    await _settled(pages)
    assert _given(pages) == [("production-order", "WHITE")]
    await pages.user.should_see("1 of 2 sent; waiting for the effect")
    await _stage(pages, 0, Stage.EFFECT)
    assert len(_given(pages)) == 2
    await _stage(pages, 1, Stage.EFFECT)
    await pages.user.should_see("All 2 sent, each with its effect")
    first, second = pages.inboxes["mock"].commands
    assert first.command_id != second.command_id
    assert (first.note, second.note) == ("batch: 1 of 2", "batch: 2 of 2")


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


async def test_a_piece_that_is_refused_leaves_the_rest_unsent(pages: Pages) -> None:
    _ready(pages)
    await _compose(pages, "WHITE", "WHITE")
    pages.user.find(marker="send-batch").click()
    await _settled(pages)
    await _stage(pages, 0, Stage.REFUSED)
    await pages.user.should_see("Stopped after 1 of 2")
    assert len(_given(pages)) == 1


async def test_a_closed_card_gives_nothing_more(pages: Pages) -> None:
    _ready(pages)
    await _compose(pages, "WHITE", "WHITE")
    pages.user.find(marker="send-batch").click()
    await _settled(pages)
    pages.user.find(marker="discard").click()
    await _stage(pages, 0, Stage.EFFECT)
    assert len(_given(pages)) == 1


async def test_a_store_that_is_away_is_said_and_the_same_command_goes_later(pages: Pages) -> None:
    _ready(pages)
    await _compose(pages, "WHITE")
    pages.inboxes["mock"].away = True
    pages.user.find(marker="send-batch").click()
    await _settled(pages)
    await pages.user.should_see("Sending failed")
    assert _given(pages) == []
    pages.inboxes["mock"].away = False
    pages.user.find(marker="send-batch").click()
    await _settled(pages)
    assert len(_given(pages)) == 1


async def test_the_word_not_to_send_the_rest_holds_even_while_one_is_on_its_way(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = asyncio.Event()

    async def time() -> float:
        await slow.wait()
        return NOW

    _ready(pages)
    await _compose(pages, "WHITE")
    monkeypatch.setattr(pages.inboxes["mock"], "time", time)
    pages.user.find(marker="send-batch").click()
    await asyncio.sleep(0.02)
    pages.user.find(marker="discard").click()
    slow.set()
    await _settled(pages)
    assert _given(pages) == []


async def test_another_card_stands_above_a_batch_that_goes_on(pages: Pages) -> None:
    _ready(pages)
    await _compose(pages, "WHITE", "WHITE")
    pages.user.find(marker="send-batch").click()
    await _settled(pages)
    pages.user.find(marker="order-WHITE").click()
    await _stage(pages, 0, Stage.EFFECT)
    assert len(_given(pages)) == 2
    await _stage(pages, 1, Stage.EFFECT)
    pages.user.find(marker="order-RED").click()
    await pages.user.should_not_see("All 2 sent")


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
    assert (command.kind, command.parameters) == ("cancel-order", {"order_ids": ["waits"]})
    await _stage(pages, 0, Stage.EFFECT)
    await pages.user.should_see("Waits until nothing stands against it")
    assert [kind for kind, _ in _given(pages)] == ["cancel-order"]
    pages.factory.orders()
    pages.tick()
    await _settled(pages)
    assert [kind for kind, _ in _given(pages)] == ["cancel-order", "park"]


async def test_orders_that_come_or_begin_while_the_card_is_read_are_seen(pages: Pages) -> None:
    await _stop_at_work(pages, made("begins", "ENQUEUED"))
    await pages.user.should_see("Cancel: begins")
    pages.factory.orders(made("begins", "IN_PROGRESS"), made("later", "ENQUEUED"))
    pages.tick()
    await pages.user.should_see("Cancel: later")
    await pages.user.should_not_see("Cancel: begins")


async def test_an_order_that_began_too_late_keeps_nobody_from_parking(pages: Pages) -> None:
    await _stop_at_work(pages, made("first", "ENQUEUED"), made("second", "ENQUEUED"))
    pages.user.find(marker="send-batch").click()
    await _settled(pages)
    pages.factory.orders(made("first", "IN_PROGRESS"), made("second", "IN_PROGRESS"))
    await _stage(pages, 0, Stage.NO_EFFECT)
    await _settled(pages)
    pages.factory.orders()
    pages.tick()
    await _settled(pages)
    assert [kind for kind, _ in _given(pages)] == ["cancel-order", "park"]


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
