"""The JSON of `omf state` keeps its keys: pages, scripts and acceptance checks read them."""

import re
from pathlib import Path
from typing import Any

import pytest

from omf.state import FactoryState
from tests.support.shared import recording
from tools.alarm_reference import render

BUSIEST = "production-wr-agv2-b-agv1-clean_20260513_135600"
REFERENCE = Path(__file__).parents[2] / "docs" / "state.md"


def promised() -> dict[str, set[str]]:
    """Return the keys of each section of the reference; a module or vehicle is a device too."""
    sections = REFERENCE.read_text(encoding="utf-8").split("\n## ")[1:]
    keys = {
        text.partition("\n")[0]: set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE))
        for text in sections
    }
    device = keys.pop("device")
    return keys | {name: keys[name] | device for name in ("module", "vehicle")}


@pytest.fixture(scope="module")
def view() -> dict[str, Any]:
    state = FactoryState()
    for message in recording(BUSIEST):
        state.apply(message, message.received_at)
    return state.view((state.last_received or 0.0) + 1_000)


def test_the_view_has_exactly_the_keys_promised(view: dict[str, Any]) -> None:
    aiqs = view["modules"]["SVR4H76530"]
    found = {
        "top": view,
        "module": aiqs,
        "vehicle": view["vehicles"]["5iO4"],
        "action": aiqs["action"],
        "order": view["orders"][0],
        "step": view["orders"][0]["steps"][0],
        "stock": view["stock"],
        "bay": view["stock"]["bays"]["A1"],
        "sensor": view["sensors"]["ldr"],
        "messages": view["messages"],
        "alarm": view["alarms"][0],
    }
    assert {name: set(part) for name, part in found.items()} == promised()


def test_an_empty_state_has_the_same_top_level_and_invents_nothing() -> None:
    view = FactoryState().view(1_000.0)
    assert set(view) == promised()["top"]
    told = {name: value for name, value in view.items() if value and name not in ("now", "stock")}
    assert set(told) == {"messages", "order_lists", "plant_age_s", "quality", "requests"}
    assert view["stock"]["known"] is False
    assert view["age_s"] is view["received_at"] is None


def test_the_alarm_reference_is_up_to_date() -> None:
    assert (REFERENCE.parent / "alarms.md").read_text(encoding="utf-8") == render(), (
        "run: python -m tools.alarm_reference > docs/alarms.md"
    )
