"""What is sent is what was read: a preview that changes is marked, told and locked for a while."""

import asyncio
from pathlib import Path
from typing import Any

from nicegui import ui

from omf.commands import RELEASE, Plan, fingerprint, fingerprint_of, prepare
from omf.state import FactoryState
from services.common.store.brackets import OpenBracket
from services.common.store.keys import Command, CommandEvent, CommandRecord, Reason, Role, Stage
from services.ui.translator import Translator
from services.ui.views import command_progress
from services.ui.views.preview_watch import SECOND_LOOK_S, PreviewWatch
from tests.support.command_examples import command_of
from tests.support.factory import SERIALS, Factory, known_factory
from tests.support.ui_pages import NOW, Pages

DRILL, HBW, DPS = SERIALS["DRILL"], SERIALS["HBW"], SERIALS["DPS"]
DRIVE = "kind=fts-navigate&preset=DPS-HBW"


def _plan(state: FactoryState, kind: str = "fts-navigate", **given: Any) -> Plan:
    wanted = given or {"preset": "DPS-HBW"}
    return prepare(kind, wanted, state, now=NOW, new_id=lambda: "id")


def test_a_change_locks_until_there_was_time_to_look_and_the_last_one_counts() -> None:
    one, two = _plan(known_factory(DPS)), _plan(known_factory(HBW))
    watch = PreviewWatch()
    watch.show(one, 0.0)
    assert not watch.locked(0.0)
    watch.show(two, 10.0)
    assert watch.locked(10.0 + SECOND_LOOK_S - 0.1)
    assert "messages" in watch.parts
    watch.show(one, 11.0)
    assert not watch.locked(11.0), "it is again what was read"
    watch.show(two, 12.0)
    assert not watch.locked(12.0 + SECOND_LOOK_S)
    watch.show(one, 20.0)
    assert watch.before == two, "after the time to look the changed one counts as read"


def test_what_the_reader_changes_locks_nothing() -> None:
    watch = PreviewWatch()
    watch.show(_plan(known_factory(DPS)), 0.0)
    watch.show(_plan(known_factory(DPS), target="HBW"), 1.0, own=True)
    assert not watch.locked(1.0)
    assert watch.parts == ()


def test_a_check_that_was_waited_for_locks_nothing_and_one_that_fails_does() -> None:
    factory = Factory.known()
    free = _plan(factory.state, "production-order", colour="RED")
    factory.stock(B1="WHITE")
    gone = _plan(factory.state, "production-order", colour="RED")
    watch = PreviewWatch()
    watch.show(gone, 0.0)
    watch.show(free, 1.0)
    assert not watch.locked(1.0)
    watch.show(gone, 2.0)
    assert (watch.locked(2.0), watch.parts) == (True, ("checks",))


async def _open(pages: Pages, query: str = DRIVE, node: str = DPS) -> None:
    pages.models["mock"].factory = known_factory(node, NOW)
    await pages.user.open(f"/mock/steering?{query}")


def _turn(pages: Pages, factory: FactoryState, later_s: float = 0.0) -> None:
    pages.models["mock"].factory = factory
    pages.models["mock"].changed()
    pages.tick(later_s)


def _send(pages: Pages) -> list[Command]:
    pages.user.find(marker="send").click()
    return pages.inboxes["mock"].commands


def _off(pages: Pages, marker: str) -> bool:
    (button,) = pages.user.find(marker=marker).elements
    return "off" in button.classes


async def test_a_drive_that_became_two_is_shown_marked_and_locked(pages: Pages) -> None:
    await _open(pages)
    assert not _off(pages, "send")
    _turn(pages, known_factory(HBW, NOW))
    await pages.user.should_see("Changed while you were reading: what happens")
    await pages.user.should_see("Read it again")
    assert _off(pages, "send")
    assert _send(pages) == []
    pages.tick(SECOND_LOOK_S + 0.1)
    assert not _off(pages, "send")
    await pages.user.should_see("Changed while you were reading")
    pages.user.find(marker="send").click()
    await pages.user.should_see("requested")
    (command,) = pages.inboxes["mock"].commands
    assert command.plan == fingerprint("fts-navigate", command.parameters, known_factory(HBW, NOW))


async def test_the_change_is_seen_even_if_it_came_with_the_click(pages: Pages) -> None:
    await _open(pages)
    pages.models["mock"].factory = known_factory(HBW, NOW)
    assert _send(pages) == []
    await pages.user.should_see("Changed while you were reading")


async def test_the_losses_of_a_reset_are_part_of_what_was_read(pages: Pages) -> None:
    await _open(pages, "kind=factory-reset&confirm=RESET")
    factory = Factory.known(DPS, NOW)
    order = {"orderId": "one", "orderType": "PRODUCTION", "type": "RED", "state": "ENQUEUED"}
    factory.orders(order)
    _turn(pages, factory.state)
    await pages.user.should_see("Changed while you were reading: what is lost")
    assert _send(pages) == []


async def test_what_orders_saw_first_is_said_and_goes_out_as_another_command(pages: Pages) -> None:
    await _open(pages)
    pages.user.find(marker="send").click()
    await pages.user.should_see("requested")
    (first,) = pages.inboxes["mock"].commands
    why = Reason(id="plan-changed", de="Der Plan …", en="The plan changed since it was read")
    refused = CommandEvent(
        command_id=first.command_id, kind=first.kind, stage=Stage.REFUSED, at=NOW, reasons=(why,)
    )
    pages.models["mock"].hear(refused)
    pages.tick()
    await pages.user.should_see("The plan changed since it was read")
    assert _off(pages, "send")
    pages.tick(SECOND_LOOK_S + 0.1)
    pages.user.find(marker="send").click()
    await pages.user.should_see("requested")
    first, second = pages.inboxes["mock"].commands
    assert first.command_id != second.command_id


async def test_an_edit_of_ones_own_is_sent_at_once(pages: Pages) -> None:
    await _open(pages, "kind=production-order&colour=RED")
    pages.user.find(marker="edit").click()
    pages.user.find("JSON").click()
    area = next(iter(pages.user.find(ui.textarea).elements))
    area.set_value('{"colour": "WHITE"}')
    pages.user.find(marker="send").click()
    await pages.user.should_see("requested")
    assert pages.inboxes["mock"].commands[0].parameters == {"colour": "WHITE"}


def _bracket(pages: Pages, step: int, *, waiting: bool = True, command_id: str = "") -> OpenBracket:
    plan = prepare(
        "module-sequence",
        {"module": "DRILL", "colour": "WHITE", "mode": "stepwise"},
        pages.models["mock"].factory,
        now=NOW,
        new_id=lambda: "bracket",
    )
    planned = plan.steps[step]
    return OpenBracket(
        command_id=command_id,
        kind="module-sequence",
        operator="anna",
        order_id="bracket",
        device=DRILL,
        steps=3,
        step=step,
        de=planned.title.de,
        en=planned.title.en,
        since=NOW,
        waiting=waiting,
        plan=plan,
    )


def _event(command: Command, stage: Stage, step: int, at: float) -> CommandEvent:
    return CommandEvent(
        command_id=command.command_id, kind=command.kind, stage=stage, at=at, step=step
    )


async def test_a_sequence_is_released_step_by_step_inside_its_card(pages: Pages) -> None:
    await _open(pages, "kind=module-sequence&module=DRILL&colour=WHITE&mode=stepwise")
    pages.user.find(marker="send").click()
    await pages.user.should_see("requested")
    model, commands = pages.models["mock"], pages.inboxes["mock"].commands
    sequence = commands[0]
    for step in (1, 2):
        model.brackets = [_bracket(pages, step, command_id=sequence.command_id)]
        model.hear(_event(sequence, Stage.ACCEPTED, step, NOW + step))
        pages.tick()
        await pages.user.should_see(f"Release step {step + 1}")
        pages.user.find(marker="release-step").click()
        await asyncio.sleep(0.01)
        pages.user.find(marker="release-step").click()
        await asyncio.sleep(0.01)
        assert len(commands) == 1 + step, "a second press is the same step"
        release = commands[-1]
        plan = model.brackets[0].release(model.factory)
        assert plan
        assert (release.kind, release.parameters) == (RELEASE, {"order_id": "bracket"})
        assert release.plan == fingerprint_of(plan)


async def test_the_card_of_a_release_shows_the_step_and_sends_no_other(pages: Pages) -> None:
    pages.models["mock"].factory = known_factory(DPS, NOW)
    pages.models["mock"].brackets = [_bracket(pages, 1)]
    await pages.user.open("/mock/steering?kind=bracket-next&order_id=bracket")
    await pages.user.should_see('"command": "DRILL"')
    pages.models["mock"].brackets = [_bracket(pages, 2)]
    pages.models["mock"].changed()
    pages.tick()
    await pages.user.should_see("Changed while you were reading: what happens")
    assert _send(pages) == []


def test_each_step_has_its_stages_in_the_order_they_were_reached() -> None:
    command = command_of("module-sequence", role=Role.SUPERVISOR, created_at=NOW)
    first = (Stage.REQUESTED, Stage.ACCEPTED, Stage.QUEUED, Stage.PUBLISHED, Stage.ACKNOWLEDGED)
    events = [_event(command, stage, 0, NOW + n / 10) for n, stage in enumerate(first)]
    events.append(_event(command, Stage.ACCEPTED, 1, NOW + 9))
    record = CommandRecord(command=command, events=tuple(events))
    one, two = command_progress.courses(record)
    times = [station.at for station in one.stations]
    assert times == sorted(times, key=lambda at: at or 0)
    assert (one.done_at, two.done_at) == (NOW + 9, None)
    assert two.stations[0].word == "stage.waiting"
    for language, words in (("de", "wartet auf Freigabe"), ("en", "waits for release")):
        assert command_progress.stage_words(record, Translator(language)) == words


TWO_DRIVES = """
title: {de: Hin und her, en: There and back}
steps:
  - {kind: fts-navigate, parameters: {target: HBW}}
  - {kind: fts-navigate, parameters: {target: MILL}}
"""


async def test_each_command_of_a_sequence_goes_with_what_was_read_of_it(
    pages: Pages, tmp_path: Path
) -> None:
    (tmp_path / "drives.yaml").write_text(TWO_DRIVES, encoding="utf-8")
    settings = pages.people.settings.model_copy(update={"ui_sequences": tmp_path})
    pages.people.settings = settings
    model, commands = pages.models["mock"], pages.inboxes["mock"].commands
    model.factory = known_factory(DPS, NOW)
    await pages.user.open("/mock/steering/free")
    pages.user.find(marker="sequence-drives").click()
    _turn(pages, known_factory(HBW, NOW))
    pages.user.find(marker="send-batch").click()
    await asyncio.sleep(0.05)
    assert commands == [], "there was no time to look"
    pages.tick(SECOND_LOOK_S + 0.1)
    pages.user.find(marker="send-batch").click()
    await asyncio.sleep(0.05)
    (start,) = commands
    steps = start.parameters["steps"]
    read = [fingerprint("fts-navigate", one["parameters"], model.factory) for one in steps]
    assert [one["read"] for one in steps] == read
