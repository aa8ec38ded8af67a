"""The tab Drift: what is not as learned, who reads it, and the way to take it as normal."""

from urllib.parse import quote

from omf.alarms.changes import observe
from omf.payload_shapes.shape import DriftKind, ShapeDrift
from tests.support.ui_pages import NOW, Pages, listed

FILTER = "fts/v1/ff/+/state"
DRIFT = ShapeDrift(
    FILTER,
    "fts_state",
    DriftKind.TYPE,
    "batteryState.percentage",
    "number",
    "text",
    "fts/v1/ff/5iO4/state",
    "1790000000000-0",
    NOW - 60,
)


async def test_nothing_drifted(pages: Pages) -> None:
    await pages.user.open("/mock/system/drift")
    await pages.user.should_see("Every field is as it was learned.")


async def test_a_drift_says_what_was_what_is_and_who_reads_it(pages: Pages) -> None:
    pages.models["mock"].factory.payload_drifts = (DRIFT,)
    await pages.user.open("/mock/system/drift")
    [row] = listed(pages)
    assert row["what"] == "batteryState.percentage: another type"
    assert (row["before"], row["after"]) == ("number", "text")
    way = "Take as normal: fts/v1/ff/+/state"
    await pages.user.should_see(way)
    [link] = [one for one in pages.user.find(way).elements if one.props.get("href")]
    assert "alarm=payload-drift%3Afts" in str(link.props["href"])


async def test_its_alarm_names_the_topic_and_leads_here(pages: Pages) -> None:
    state = pages.models["mock"].factory
    state.payload_drifts = (DRIFT,)
    state.lives, _ = observe({}, state.found_alarms(NOW), NOW)
    await pages.user.open(f"/mock/alarms?alarm=payload-drift:{quote(FILTER, safe='')}")
    await pages.user.should_see("not as learned: batteryState.percentage: another type")
    assert pages.user.client is not None
    targets = {str(e.props.get("href", "")) for e in pages.user.client.elements.values()}
    assert "/mock/system/drift" in targets
