"""Many alarms at once: what one explains stands under it, a flood is said, noise is named."""

from omf.alarms.changes import observe
from omf.alarms.kpis import STALE_S
from omf.alarms.life import AlarmLoad
from tests.support.ui_pages import DRILL, NOW, Pages, listed
from tests.unit.omf.alarms.test_lifecycle import alarm

LOST, GAS = f"connection-lost:{DRILL}", "danger:gas"


async def test_what_a_cause_explains_is_counted_and_opened_there_and_listed_as_suppressed(
    pages: Pages,
) -> None:
    cause, under = "bridge-down:nodered", f"device-silent:{DRILL}"
    pages.factory.online(DRILL)
    state = pages.models["mock"].factory
    state.link("nodered").connection = "CONNECTIONBROKEN"
    state.lives, _ = observe({}, state.found_alarms(NOW + 60), NOW)
    state.last_received = NOW + 60
    await pages.user.open("/mock/alarms")
    [row] = listed(pages)
    assert row["id"] == cause
    assert row["under"] == "explains 1 more"
    await pages.user.open(f"/mock/alarms/hidden?alarm={under}")
    [row] = listed(pages)
    assert (row["id"], row["reason"]) == (
        under,
        "explained by: Node-RED is away: no module can be reached",
    )
    await pages.user.should_see("explained by: Node-RED is away")
    for page in (f"/mock/alarms?alarm={cause}", "/mock/overview"):
        await pages.user.open(page)
        await pages.user.should_not_see(f"{DRILL} has been silent")
        pages.user.find("alarm-explains").click()
        await pages.user.should_see(f"{DRILL} has been silent")


async def test_in_a_flood_those_alike_stand_in_one_line_that_opens(pages: Pages) -> None:
    names = [f"S{number}" for number in range(4)]
    for name in names:
        pages.factory.online(name, "OFFLINE")
    state = pages.models["mock"].factory
    state.alarm_load = AlarmLoad(flood_since=NOW - 5, flood_count=14)
    state.lives, _ = observe({}, state.found_alarms(NOW), NOW)
    await pages.user.open("/mock/alarms")
    rows = {str(row["id"]): row for row in listed(pages)}
    assert set(rows) == {"alarm-flood:alarms", "connection-lost:S0"}
    assert rows["connection-lost:S0"]["under"] == "and 3 alike"
    await pages.user.open("/mock/overview")
    await pages.user.should_see("Alarm flood: 14 new alarms in ten minutes")
    await pages.user.should_not_see("S3 cannot be reached")
    pages.user.find("and 3 alike").click()
    await pages.user.should_see("S3 cannot be reached")
    state.alarm_load = AlarmLoad()
    pages.tick(1)
    await pages.user.open("/mock/alarms")
    assert {row["id"] for row in listed(pages)} >= {f"connection-lost:{name}" for name in names}


async def test_an_alarm_that_chatters_or_is_stale_is_named_in_the_list(pages: Pages) -> None:
    state = pages.models["mock"].factory
    state.lives, _ = observe({}, [alarm(LOST), alarm(GAS)], NOW - STALE_S - 1)
    state.alarm_load = AlarmLoad(chattering=(GAS,))
    await pages.user.open("/mock/alarms")
    states = {row["id"]: row["state"] for row in listed(pages)}
    assert states[LOST] == "not acknowledged · has stood for more than a day"
    assert states[GAS] == "not acknowledged · chatters · has stood for more than a day"
