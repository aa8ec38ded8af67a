"""What a factory reset left behind stays in sight until it is put away."""

from typing import Any

from omf.state import FactoryState
from omf.topics.catalogue import address
from tests.support.floor import SERIALS
from tests.support.known_factory import VEHICLE, known_factory, module_state, tell, vehicle_state
from tests.support.ui_pages import NOW, Pages

DRILL = SERIALS["DRILL"]
RESET = {"timestamp": "2026-08-07T09:20:00.000Z", "withStorage": False}
WHITE = {"loadType": "WHITE", "loadId": "04798eca341290", "loadPosition": "1"}


def _drill(state: FactoryState, *loads: dict[str, Any]) -> None:
    tell(state, address("module_state", serial=DRILL), module_state(DRILL, loads=list(loads)), NOW)


def _reset(state: FactoryState, at: float = NOW) -> None:
    tell(state, address("ccu_set_reset"), RESET, at)


def test_the_reset_remembers_the_pieces_that_lie_outside_the_store() -> None:
    state = known_factory(at=NOW)
    _drill(state, WHITE)
    _reset(state)
    assert state.requests.reset_left == [("DRILL", "WHITE")]
    _drill(state)
    _reset(state, NOW + 5)
    assert state.requests.reset_left == [("DRILL", "WHITE")], "nobody has taken it away"


def _shown(pages: Pages) -> bool:
    assert pages.user.client is not None
    found = [e for e in pages.user.client.elements.values() if "after-reset" in e.classes]
    return any("hidden" not in e.classes for e in found)


async def test_what_is_left_is_told_with_prepared_commands_until_it_is_put_away(
    pages: Pages,
) -> None:
    model = pages.models["mock"]
    model.factory = known_factory(at=NOW)
    await pages.user.open("/mock/steering")
    assert not _shown(pages)
    _drill(model.factory, WHITE)
    _reset(model.factory)
    lost = vehicle_state(VEHICLE, "UNKNOWN")
    tell(model.factory, address("fts_state", serial=VEHICLE), lost, NOW)
    model.changed()
    pages.tick()
    assert _shown(pages)
    await pages.user.should_see("Take the pieces away by hand: DRILL White")
    pages.user.find(marker=f"after-reset-dock-{VEHICLE}").click()
    await pages.user.should_see("findInitialDockPosition")
    pages.user.find(marker="after-reset-done").click()
    pages.tick()
    assert not _shown(pages)
