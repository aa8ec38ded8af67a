"""Banner and sound: off unless chosen, one at a time, and only of what nobody has seen."""

import pytest

from omf.alarms.changes import carry_out, observe
from omf.alarms.life import AlarmAct
from omf.alarms.lifecycle import AlarmEvent
from tests.support.ui_pages import DRILL, HBW, NOW, Pages


def choose(pages: Pages, **choices: str) -> None:
    for name, value in choices.items():
        pages.user.http_client.cookies.set(f"omf_{name}", value)


def banner(pages: Pages) -> str | None:
    """What it says; None while it is hidden."""
    (found,) = pages.user.find("alarm-banner").elements
    words = [one.text for one in found.descendants() if hasattr(one, "text")]
    return None if "hidden" in found.classes else " | ".join(filter(None, words))


def ring(pages: Pages) -> str:
    (bell,) = pages.user.find("alarm-sound").elements
    return str(bell.props.get("data-ring", ""))


def judged(pages: Pages, now: float) -> None:
    """What the owner of the alarms says of them."""
    state = pages.models["mock"].factory
    state.lives, _ = observe(state.lives or {}, state.found_alarms(now), now)


async def test_neither_is_there_unless_it_is_chosen(pages: Pages) -> None:
    pages.factory.online(HBW, "CONNECTIONBROKEN")
    await pages.user.open("/mock/stock")
    for name in ("alarm-banner", "alarm-sound"):
        with pytest.raises(AssertionError):
            pages.user.find(name)
    await pages.user.should_see("Sound of a new alarm")


async def test_one_banner_tells_the_gravest_and_how_many_more(pages: Pages) -> None:
    choose(pages, banner="on", sound="off")
    await pages.user.open("/mock/stock")
    assert banner(pages) is None
    pages.factory.online(HBW, "CONNECTIONBROKEN").online(DRILL, "CONNECTIONBROKEN")
    pages.tick(10)
    said = banner(pages)
    assert said is not None
    assert said.startswith("Communication: ")
    assert "more" in said


@pytest.mark.parametrize(
    "event", [AlarmEvent.ACKNOWLEDGED, AlarmEvent.SHELVED, AlarmEvent.TAKEN_OUT]
)
async def test_what_somebody_has_seen_or_hidden_is_neither_shown_nor_heard(
    pages: Pages, event: AlarmEvent
) -> None:
    choose(pages, banner="on", sound="on")
    await pages.user.open("/mock/stock")
    pages.factory.online(DRILL, "CONNECTIONBROKEN")
    judged(pages, NOW + 10)
    state = pages.models["mock"].factory
    for name in list(state.lives or {}):
        act = AlarmAct(NOW + 11, "otto", "known", NOW + 900)
        state.lives, _ = carry_out(state.lives or {}, name, event, act)
    pages.tick(12)
    assert banner(pages) is None
    assert ring(pages) == ""


async def test_what_stood_before_does_not_ring_and_several_at_once_ring_once(
    pages: Pages,
) -> None:
    choose(pages, sound="on")
    pages.factory.online(HBW, "CONNECTIONBROKEN")
    await pages.user.open("/mock/stock")
    pages.tick(10)
    before = ring(pages)
    pages.tick(11)
    assert ring(pages) == before
    pages.factory.online(DRILL, "CONNECTIONBROKEN").online("SVR4H73275", "CONNECTIONBROKEN")
    pages.tick(20)
    first = ring(pages)
    assert first != before
    pages.tick(21)
    assert ring(pages) == first
