"""A production order from the tile to the proven effect, and what can stand in its way."""

from services.common.store.keys import CommandEvent, LinkHealth, Reason, Stage
from services.ui.live.model import Links
from tests.support.ui_pages import NOW, Pages, working_factory


async def test_an_order_goes_from_preview_to_proven_effect(pages: Pages) -> None:
    working_factory(pages.factory)
    await pages.user.open("/mock/steering")
    pages.user.find(marker="order-WHITE").click()
    await pages.user.should_see("ccu/order/request")
    await pages.user.should_see("Gateway connected to the broker")
    pages.user.find(marker="send").click()
    await pages.user.should_see("requested")
    (command,) = pages.inboxes["mock"].commands
    assert (command.kind, command.parameters) == ("production-order", {"colour": "WHITE"})
    assert (command.environment, command.role) == ("mock", "admin")
    event = CommandEvent(
        command_id=command.command_id,
        kind=command.kind,
        stage=Stage.EFFECT,
        at=NOW,
        evidence=("1790000000000-7",),
        reasons=(Reason(id="answered", de="Beantwortet", en="Answered"),),
    )
    pages.models["mock"].hear(event)
    pages.tick()
    await pages.user.should_see("effect seen")
    await pages.user.should_see("1790000000000-7")


async def test_a_double_click_is_one_command(pages: Pages) -> None:
    working_factory(pages.factory)
    await pages.user.open("/mock/steering?kind=production-order")
    pages.user.find(marker="order-WHITE").click()
    await pages.user.should_see("Send")
    send = pages.user.find(marker="send")
    send.click()
    send.click()
    await pages.user.should_see("requested")
    assert len(pages.inboxes["mock"].commands) == 1


async def test_a_blocked_order_says_why_and_cannot_be_sent(pages: Pages) -> None:
    working_factory(pages.factory, state="RESERVED")
    await pages.user.open("/mock/steering")
    await pages.user.should_see("No free piece in store: White")
    pages.user.find(marker="order-WHITE").click()
    pages.user.find(marker="send").click()
    await pages.user.should_see("not met")
    assert not pages.inboxes["mock"].commands


async def test_a_send_that_does_not_reach_the_bus_is_said_and_can_be_repeated(
    pages: Pages,
) -> None:
    working_factory(pages.factory)
    await pages.user.open("/mock/steering")
    pages.user.find(marker="order-WHITE").click()
    await pages.user.should_see("Send")
    pages.inboxes["mock"].away = True
    pages.user.find(marker="send").click()
    await pages.user.should_see("Error sending the message")
    pages.inboxes["mock"].away = False
    pages.user.find(marker="send").click()
    await pages.user.should_see("requested")
    assert len(pages.inboxes["mock"].commands) == 1


async def test_sending_is_locked_while_the_gateway_is_down(pages: Pages) -> None:
    working_factory(pages.factory)
    down = LinkHealth(connected=False, broker="mqtt://broker", since=NOW - 5, at=NOW)
    pages.models["mock"].links = Links(down, down)
    await pages.user.open("/mock/steering")
    pages.user.find(marker="order-WHITE").click()
    await pages.user.should_see("MQTT not connected: sending is locked")
    pages.user.find(marker="send").click()
    assert not pages.inboxes["mock"].commands
