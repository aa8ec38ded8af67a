"""Steering: every command through the card, edited, previewed, sent once, released step by step."""

import json
from pathlib import Path

import pytest
from nicegui import ui

from omf.commands import KINDS
from services.common.store.brackets import OpenBracket
from services.common.store.keys import LinkHealth, Role
from services.ui.auth.current_user import CurrentUser
from services.ui.features.steering import menu
from services.ui.features.steering.page import FILL
from services.ui.views import command_view
from tests.support import ui_pages
from tests.support.factory import connection, vehicle_state
from tests.support.ui_pages import DRILL, NOW, Pages


def _factory(pages: Pages) -> None:
    ui_pages.working_factory(pages.factory)
    pages.factory.orders().say("nodered_status", {"connectionState": "ONLINE", "timestamp": "x"})
    pages.factory.module(DRILL, orderId="0")


def _bracket(order_id: str = "order-1", *, waiting: bool = True) -> OpenBracket:
    return OpenBracket(
        command_id="command-1",
        kind="module-sequence",
        operator="anna",
        order_id=order_id,
        device=DRILL,
        steps=3,
        step=1,
        de="Bohren",
        en="Drill",
        since=NOW - 7,
        waiting=waiting,
    )


def test_every_kind_has_its_place_on_a_tab() -> None:
    assert set(menu.TABS) == set(FILL)
    assert {menu.tab_of(kind) for kind in KINDS} == set(FILL)
    shown = {e.kind for e in (*menu.FACTORY, *menu.PRESETS)}
    shown |= {e.kind for e in (*menu.INSTANT, *menu.REFILL)}
    shown |= {"module-sequence", "module-step"}
    shown |= {n for tab in FILL for names in menu.others(tab).values() for n in names}
    assert KINDS.keys() - shown <= {"production-order", "free-message"}


@pytest.mark.parametrize("tab", FILL)
async def test_every_tab_has_an_address_and_speaks_both_languages(pages: Pages, tab: str) -> None:
    for language, words in (("de", "FTS-Navigation"), ("en", "Vehicle navigation")):
        pages.language(language)
        await pages.user.open(f"/mock/steering/{tab}")
        await pages.user.should_see(words)


async def test_an_address_fills_the_card(pages: Pages) -> None:
    _factory(pages)
    await pages.user.open(
        "/mock/steering?kind=storage-order&colour=BLUE&workpiece_id=04798eca341290"
    )
    await pages.user.should_see('"type": "BLUE"')
    await pages.user.should_see("04798eca341290")


async def test_the_word_is_asked_for_and_the_command_goes_out_with_it(pages: Pages) -> None:
    _factory(pages)
    await pages.user.open("/mock/steering/factory")
    pages.user.find(marker="entry-reset_storage").click()
    await pages.user.should_see('"withStorage": true')
    for words in ("Will be lost", "Running orders: 0", "Stock: 1 piece (White 1)"):
        await pages.user.should_see(words)
    pages.user.find(marker="send").click()
    assert not pages.inboxes["mock"].commands
    _entry(pages, "Confirmation").set_value("RESET")
    pages.user.find(marker="preview").click()
    pages.user.find(marker="send").click()
    await pages.user.should_see("requested")
    (command,) = pages.inboxes["mock"].commands
    assert command.parameters["with_storage"] is True


def _entry(pages: Pages, label: str) -> ui.input:
    found = pages.user.find(ui.input).elements
    return next(field for field in found if field.props.get("aria-label") == label)


async def test_every_entry_says_what_blocks_it_and_none_shouts(pages: Pages) -> None:
    _factory(pages)
    pages.factory.orders({"orderId": "one", "state": "IN_PROGRESS"})
    for tab, marker, words in (
        ("factory", "entry-park", "The CCU works on orders"),
        ("navigation", "kind-stop-charging", "Vehicle 5iO4 is not charging"),
        ("navigation", "kind-clear-load-handler", "Vehicle 5iO4 waits for no load"),
    ):
        pages.factory.say("fts_connection", connection("5iO4"), serial="5iO4")
        pages.factory.say("fts_state", vehicle_state("1"), serial="5iO4")
        await pages.user.open(f"/mock/steering/{tab}")
        (button,) = pages.user.find(marker=marker).elements
        assert "off" in button.classes
        (why,) = [part for part in button.descendants() if "reason" in part.classes]
        assert words in why.text
        assert pages.user.client is not None
        assert not [
            e
            for e in pages.user.client.elements.values()
            if "wrong" in e.classes and "hidden" not in e.classes
        ]


async def test_a_word_still_to_be_typed_blocks_no_entry_but_a_closed_way_out_does(
    pages: Pages,
) -> None:
    _factory(pages)
    await pages.user.open("/mock/steering/factory")
    (entry,) = pages.user.find(marker="entry-reset").elements
    assert "off" not in entry.classes
    down = LinkHealth(connected=False, broker="mqtt://broker", since=NOW - 5, at=NOW)
    pages.models["mock"].links.gateway = down
    pages.tick(1)
    assert "off" in entry.classes


async def test_a_word_that_nobody_types_stands_in_the_way_of_a_batch(pages: Pages) -> None:
    _factory(pages)
    pages.tick()
    visitor = CurrentUser("anna", Role.ADMIN, "ui", "en")
    given = {"with_storage": False}
    reason = command_view.obstacle("factory-reset", given, pages.models["mock"], visitor)
    assert reason == "Type RESET to confirm"


async def test_parameters_can_be_edited_as_json_and_are_checked_while_typing(pages: Pages) -> None:
    _factory(pages)
    await pages.user.open("/mock/steering?kind=production-order&colour=RED")
    pages.user.find(marker="edit").click()
    pages.user.find("JSON").click()
    area = next(iter(pages.user.find(ui.textarea).elements))
    area.set_value('{"colour": "WHI')
    await pages.user.should_see("Not a JSON object: line 1")
    area.set_value('{"colour": "GREEN"}')
    await pages.user.should_see("Entries: Colour is none of the allowed values")
    pages.user.find(marker="send").click()
    assert not pages.inboxes["mock"].commands
    area.set_value('{"colour": "WHITE"}')
    pages.user.find("Diff").click()
    await pages.user.should_see('"RED"')
    pages.user.find(marker="send").click()
    await pages.user.should_see("requested")
    assert pages.inboxes["mock"].commands[0].parameters == {"colour": "WHITE"}


async def test_the_preview_names_the_fields_nobody_may_type(pages: Pages) -> None:
    _factory(pages)
    await pages.user.open("/mock/steering?kind=production-order&colour=WHITE")
    await pages.user.should_see("Filled in at sending: timestamp, requestId")


async def test_the_reason_goes_with_the_command(pages: Pages) -> None:
    _factory(pages)
    await pages.user.open("/mock/steering?kind=production-order&colour=WHITE")
    _entry(pages, "Reason, for the audit").set_value("  trade fair ")
    pages.user.find(marker="send").click()
    await pages.user.should_see("requested")
    assert pages.inboxes["mock"].commands[0].note == "trade fair"


async def test_a_sequence_names_its_three_steps_and_how_they_follow(pages: Pages) -> None:
    _factory(pages)
    await pages.user.open("/mock/steering/modules")
    pages.user.find(marker="DRILL-stepwise-WHITE").click()
    await pages.user.should_see("3. DRILL: Give the piece back")
    await pages.user.should_see("Each further step waits for its release.")


async def test_open_brackets_are_listed_released_and_cancelled(pages: Pages) -> None:
    _factory(pages)
    pages.models["mock"].brackets = [_bracket()]
    await pages.user.open("/mock/steering")
    await pages.user.should_see("waits for release")
    await pages.user.should_see("Step 2 of 3: Drill")
    pages.user.find(marker="release").click()
    pages.user.find(marker="send").click()
    await pages.user.should_see("requested")
    pages.user.find(marker="cancel").click()
    pages.user.find(marker="send").click()
    await pages.user.should_see("requested")
    sent = pages.inboxes["mock"].commands
    assert [c.kind for c in sent] == ["bracket-next", "bracket-cancel"]
    assert all(c.parameters == {"order_id": "order-1"} for c in sent)


async def test_a_free_message_is_held_to_its_topic_and_to_the_administrator(tmp_path: Path) -> None:
    payload = json.dumps({"timestamp": [1]})
    query = f"kind=free-message&topic=ccu/set/park&payload={payload}"
    async with ui_pages.pages(users=tmp_path / "users.jsonl") as pages:
        pages.language("en")
        await pages.sign_in(Role.SUPERVISOR)
        await pages.user.open(f"/mock/steering?{query}")
        await pages.user.should_see("does not fit the protocol of this topic")
        await pages.user.should_see("Needs Administrator")
        pages.user.find(marker="send").click()
        assert not pages.inboxes["mock"].commands


async def test_a_supervisor_overrides_prudence_on_the_card_with_a_reason(pages: Pages) -> None:
    _factory(pages)
    pages.factory.orders({"orderId": "one", "state": "IN_PROGRESS"})
    step = f"module-step&serial={DRILL}&command=PICK&colour=WHITE"
    await pages.user.open(f"/mock/steering?kind={step}")
    await pages.user.should_see("prudence only")
    pages.user.find(marker="send").click()
    assert not pages.inboxes["mock"].commands
    reason = next(iter(pages.user.find(marker="override").elements))
    assert "hidden" not in reason.classes
    reason.set_value(" the order waits for this piece ")
    pages.user.find(marker="send").click()
    await pages.user.should_see("requested")
    (sent,) = pages.inboxes["mock"].commands
    assert sent.override == "the order waits for this piece"


async def test_what_the_factory_would_not_do_offers_no_reason_to_override(pages: Pages) -> None:
    _factory(pages)
    await pages.user.open("/mock/steering?kind=production-order&colour=BLUE")
    await pages.user.should_see("No free piece in store: Blue")
    reason = next(iter(pages.user.find(marker="override").elements))
    assert "hidden" in reason.classes
