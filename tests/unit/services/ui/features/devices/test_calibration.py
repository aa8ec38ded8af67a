"""Calibration on the page of a module: where it stands, what may be done, what would be lost."""

from collections.abc import Mapping
from typing import Any

from omf.topics.catalogue import address
from services.common.store.keys import CommandEvent, CommandRecord, Role, Stage
from services.ui.features.devices import calibration_progress
from tests.support.command_examples import command_of
from tests.support.factory import SERIALS
from tests.support.ui_pages import NOW, Pages, entry
from tests.support.ui_story import floor, iso

AIQS, DRILL = SERIALS["AIQS"], SERIALS["DRILL"]


def taught(pages: Pages, *, calibrating: bool = True, **values: float) -> None:
    """The CCU's words while a module is calibrated (PROTOCOL B.8)."""
    paired = {"serialNumber": AIQS, "type": "MODULE", "subType": "AIQS", "hasCalibration": True}
    modules = [{**paired, "calibrating": calibrating}]
    pages.factory.say("ccu_pairing_state", {"modules": modules, "transports": []})
    status = {"POSITIONS.AVAILABLE": "HOME,PARK", "POSITIONS.CURRENT": "HOME"}
    told = {
        "timestamp": iso(5),
        "serialNumber": AIQS,
        "calibrating": True,
        "references": _pairs(values),
        "status_references": _pairs(status),
    }
    pages.factory.say("ccu_state_calibration", told, serial=AIQS)


def _pairs(values: Mapping[str, object]) -> list[dict[str, object]]:
    return [{"referenceKey": key, "referenceValue": value} for key, value in values.items()]


def sent(number: int, command: str, stage: Stage = Stage.EFFECT, serial: str = AIQS) -> Any:
    """A calibration command and how far it came."""
    asked = command_of(
        "calibration",
        command_id=f"c{number}",
        parameters={"serial": serial, "command": command},
        role=Role.SUPERVISOR,
        created_at=NOW - 100 + number,
    )
    event = CommandEvent(command_id=asked.command_id, kind=asked.kind, stage=stage, at=NOW)
    return CommandRecord(command=asked, events=(event,))


def unsaved(*records: CommandRecord) -> str | None:
    found = calibration_progress.not_stored(reversed(records), AIQS)
    return found.command.command_id if found else None


def test_values_set_and_neither_stored_nor_dropped_are_not_stored() -> None:
    begun, changed = sent(1, calibration_progress.START), sent(2, calibration_progress.SET)
    assert unsaved(begun) is None
    assert unsaved(begun, changed, sent(3, calibration_progress.TEST)) == "c2"
    for ends in (calibration_progress.STORE, calibration_progress.RESET, calibration_progress.STOP):
        assert unsaved(begun, changed, sent(3, ends)) is None
        assert unsaved(begun, changed, sent(3, ends, Stage.NO_EFFECT)) == "c2"
        assert unsaved(begun, changed, sent(3, ends, serial=DRILL)) == "c2"
    assert unsaved(sent(1, calibration_progress.SET, Stage.REFUSED)) is None
    assert unsaved(sent(1, calibration_progress.SET, Stage.FAILED)) is None
    # Nobody can be sure that the module does not have them.
    assert unsaved(sent(1, calibration_progress.SET, Stage.UNKNOWN)) == "c1"
    assert unsaved(sent(1, calibration_progress.SET, Stage.NO_EFFECT)) == "c1"


async def test_a_module_at_work_can_only_begin(pages: Pages) -> None:
    floor(pages)
    await pages.user.open(f"/mock/module/{AIQS}")
    await pages.user.should_see("Calibrate: begin")
    await pages.user.should_see("The module tells its values once calibration is running.")
    for words in ("Calibrate: end", "Calibrate: store values", "not stored yet"):
        await pages.user.should_not_see(words)


async def test_a_module_without_calibration_shows_none(pages: Pages) -> None:
    floor(pages)
    await pages.user.open(f"/mock/module/{DRILL}")
    await pages.user.should_see("Usual times")
    await pages.user.should_not_see("Calibrate: begin")


async def test_while_it_runs_everybody_sees_values_positions_and_what_is_not_stored(
    pages: Pages,
) -> None:
    floor(pages)
    taught(pages, **{"PARK.X": 100, "HOME.Y": -7.5})
    pages.models["mock"].commands.load([sent(1, calibration_progress.SET)])
    await pages.user.open(f"/mock/module/{AIQS}")
    for words in ("Calibration is running", "HOME.Y", "-7.5", "Now in position: HOME"):
        await pages.user.should_see(words)
    for words in (
        "store values",
        "reset values",
        "end, lose the changed values",
        "drive to position",
        "test position",
    ):
        await pages.user.should_see(f"Calibrate: {words}")
    await pages.user.should_see("values changed, not stored yet")
    pages.models["mock"].commands.load([sent(2, calibration_progress.STORE)])
    pages.tick()
    (note,) = pages.user.find(marker="unsaved").elements
    assert "hidden" in note.classes
    pages.language("de")
    await pages.user.open(f"/mock/module/{AIQS}")
    await pages.user.should_see("Kalibrieren: Position anfahren")


async def test_a_value_is_typed_and_previewed_before_it_is_set(pages: Pages) -> None:
    floor(pages)
    taught(pages, **{"PARK.X": 100})
    await pages.user.open(f"/mock/module/{AIQS}")
    pages.user.find(marker="reference").click()
    field = entry(pages, "New value for PARK.X")
    assert field.value == "100"
    field.value = "123.5"
    pages.user.find(marker="preview-value").click()
    await pages.user.should_see(address("ccu_set_calibration"))
    await pages.user.should_see('"referenceValue": 123.5')


def test_what_is_typed_is_a_number_where_it_looks_like_one() -> None:
    typed = [calibration_progress.typed(text) for text in ("12", "-7.5", "HOME", "", "[1]", "null")]
    assert typed == [12, -7.5, "HOME", "", "[1]", "null"]
