"""The hand-over of the shift on the page: what is told, who may sign, and the last ones."""

import pytest

from omf.alarms.handover import (
    HandoverEntry,
    HandoverEvent,
    PendingHandover,
    answer,
    give,
    handover_report,
)
from omf.alarms.life import AlarmAct, AlarmEntry
from services.common.store import entries
from services.common.store.alarm_lives import AlarmsOwner
from services.common.store.bus import Bus
from services.common.store.keys import Role
from tests.support.ui_pages import NOW, Pages
from tests.unit.services.ui.features.alarms.test_history import seen

WAITING = PendingHandover(
    id="g-1", shift="late", since=NOW - 9000, until=NOW, who="otto", at=NOW - 60, note="look at HBW"
)


async def put(bus: Bus, *signed: HandoverEntry, waiting: PendingHandover | None) -> None:
    for entry in signed:
        await bus.client.xadd(bus.key("handovers"), entries.encode(entry))
    owner = AlarmsOwner(owner="o", at=NOW, handover=waiting)
    await bus.client.set(bus.key("alarms:owner"), owner.model_dump_json())


def offered(pages: Pages) -> set[str]:
    names = ("handover-give", "handover-take", "handover-withdraw")
    found = {name: next(iter(pages.user.find(name).elements)) for name in names}
    return {name for name, button in found.items() if "hidden" not in button.classes}


def given(pages: Pages, told: list[AlarmEntry]) -> HandoverEntry:
    lives = pages.models["mock"].factory.lives or {}
    report = handover_report(lives, told, since=WAITING.since, until=NOW)
    return give(None, WAITING, report, AlarmAct(NOW - 60, "otto", WAITING.note))[1]


async def test_while_nobody_gave_it_the_shift_is_told_as_it_stands(
    pages: Pages, told: list[AlarmEntry]
) -> None:
    assert told
    await put(pages.inboxes["mock"], waiting=None)
    await pages.sign_in(Role.OPERATOR)
    await pages.user.open("/mock/alarms/handover")
    for words in ("as it stands now", "Figures of the shift", "No shift has been handed over yet."):
        await seen(pages, words)
    assert offered(pages) == {"handover-give"}
    pages.user.find("handover-give").click()
    await seen(pages, "Note")


@pytest.mark.parametrize(
    ("role", "who", "buttons"),
    [
        (Role.OPERATOR, "otto", {"handover-take"}),
        (Role.OPERATOR, "anna", {"handover-withdraw"}),
        (Role.VIEWER, "otto", set()),
    ],
)
async def test_what_waits_is_told_as_it_was_given_and_another_person_takes_it(
    pages: Pages, told: list[AlarmEntry], role: Role, who: str, buttons: set[str]
) -> None:
    waiting = WAITING.model_copy(update={"who": who})
    await put(pages.inboxes["mock"], given(pages, told), waiting=waiting)
    pages.models["mock"].factory.handover = waiting
    await pages.sign_in(role)
    await pages.user.open("/mock/alarms/handover")
    await seen(pages, f"given by {who}")
    for words in ("late shift", "look at HBW", "Standing or waiting for somebody: 2", "Shelved: 1"):
        await seen(pages, words)
    await seen(pages, "shelved by otto until")
    assert offered(pages) == buttons


async def test_the_last_ones_say_who_signed(pages: Pages, told: list[AlarmEntry]) -> None:
    act = AlarmAct(NOW - 30, "carla", "seen")
    end = answer(WAITING, "g-1", HandoverEvent.TAKEN, act)[1]
    late = answer(None, "g-1", HandoverEvent.TAKEN, AlarmAct(NOW - 20, "dora"))[1]
    await put(pages.inboxes["mock"], given(pages, told), end, late, waiting=None)
    await pages.user.open("/mock/alarms/handover")
    await seen(pages, "given by otto")
    await seen(pages, "taken by carla")
    await seen(pages, "seen")
    await pages.user.should_not_see("dora")
