"""A layout with something wrong in it: that is named in every language, the rest is drawn."""

from typing import Any

import pytest

from omf.layout.layout import Layout, LayoutError
from omf.state.to_json.state import view
from services.ui.views import floor_plan
from tests.support.factory import Factory, layout_message


def message(**changes: Any) -> dict[str, Any]:
    return layout_message() | changes


def roads(**wrong: Any) -> list[dict[str, Any]]:
    """The roads with the first one changed."""
    first, *others = layout_message()["roads"]
    return [{**first, **wrong}, *others]


@pytest.mark.parametrize(
    ("wrong", "de", "en"),
    [
        ({"direction": "UP"}, "hat die Richtung UP", "has the direction UP"),
        ({"direction": None}, "hat keine Richtung", "has no direction"),
        ({"direction": 7}, "hat die Richtung 7", "has the direction 7"),
        ({"direction": {}}, "hat keine Richtung", "has no direction"),
        ({"length": "far"}, "hat keine Länge", "has no length"),
        ({"length": None}, "hat keine Länge", "has no length"),
        ({"length": -5}, "hat keine Länge", "has no length"),
        ({"to": "99"}, "führt zu 99", "leads to 99"),
        ({"to": None}, "nennt nicht beide Enden", "does not name both"),
        ({"to": layout_message()["roads"][0]["from"]}, "endet, wo sie beginnt", "ends where it"),
        ({k: layout_message()["roads"][1][k] for k in ("from", "to")}, "zweimal", "twice"),
    ],
)
def test_a_wrong_road_is_named_and_every_other_is_drawn(
    wrong: dict[str, Any], de: str, en: str
) -> None:
    told = Factory().say("ccu_state_layout", message(roads=roads(**wrong)))
    assert told.state.layout is not None
    assert len(told.state.layout.roads) == len(layout_message()["roads"]) - 1
    alarm = next(one for one in told.state.alarms(told.now) if one.rule == "layout-unusable")
    assert de in alarm.de
    assert en in alarm.en
    for words in (alarm.de, alarm.en):
        assert "pydantic" not in words
        assert "Input" not in words
    shown = view(told.state, told.now)["layout_faults"]
    assert de in shown[0]["de"]


def test_a_road_is_called_by_what_it_joins() -> None:
    _, (fault,) = Layout.read(message(roads=roads(direction="UP")))
    first = layout_message()["roads"][0]
    kinds = {one["serialNumber"]: one["type"] for one in layout_message()["modules"]}
    assert fault.text.de.startswith(f"Straße {kinds.get(first['from'], first['from'])} → ")


def test_a_length_as_text_is_a_length_for_the_ccu_and_for_us() -> None:
    layout, faults = Layout.read(message(roads=roads(length="380")))
    assert not faults
    assert layout.roads[0].length == 380


@pytest.mark.parametrize("key", ["serialNumber", "type"])
def test_a_module_that_says_less_is_named(key: str) -> None:
    modules = layout_message()["modules"]
    modules[0] = {k: v for k, v in modules[0].items() if k != key}
    told = Factory().say("ccu_state_layout", message(modules=modules))
    assert told.state.layout is not None
    left = len(modules) - (key == "serialNumber")
    assert len(told.state.layout.modules) == left
    assert told.state.plant.layout_faults


@pytest.mark.parametrize("part", ["modules", "intersections", "roads"])
def test_a_part_that_is_no_list_costs_the_others_nothing(part: str) -> None:
    for value in (None, "text", 5, {"id": "1"}):
        told = Factory().say("ccu_state_layout", message(**{part: value}))
        layout = told.state.layout
        assert layout is not None
        assert told.state.plant.layout_faults
        assert bool(layout.modules) is (part != "modules")
        assert bool(layout.intersections) is (part != "intersections")


def test_a_node_listed_twice_counts_once() -> None:
    crossings = [*layout_message()["intersections"], {"id": "1"}]
    layout, (fault,) = Layout.read(message(intersections=crossings))
    assert len(layout.intersections) == len(crossings) - 1
    assert "1" in fault.text.en
    with pytest.raises(LayoutError, match="listed twice"):
        Layout.from_message(message(intersections=crossings))


def test_an_untouched_layout_has_no_fault() -> None:
    assert Layout.read(layout_message())[1] == ()


def test_what_a_missing_road_cuts_off_is_drawn_beside_the_rest() -> None:
    whole = Layout.from_message(layout_message())
    cut = [one for one in layout_message()["roads"] if {one["from"], one["to"]} != {"1", "2"}]
    parts, faults = Layout.read(message(roads=cut))
    assert not faults
    before, after = floor_plan.plan(whole), floor_plan.plan(parts)
    assert set(after.places) == set(before.places)
    assert len(set(after.places.values())) == len(after.places)
