"""The rules in force as a table, with what the site changed and why a newer file was refused."""

from omf.alarms.rule_data import BUILT_IN, with_site
from omf.texts import verbatim
from tests.support.ui_pages import Pages, listed


async def test_each_rule_is_a_row_with_why_and_what_to_do(pages: Pages) -> None:
    await pages.user.open("/mock/alarms/rules")
    rows = {row["id"]: row for row in listed(pages)}
    assert rows.keys() == BUILT_IN.rules.keys()
    row = rows["collision"]
    assert (row["level"], row["site"]) == ("2 · Warning", "")
    assert row["cause"] == "Something stands in the way of the vehicle."
    assert row["action"] == "Clear the way; the vehicle goes on by itself."
    assert not [cell for one in rows.values() for cell in one.values() if "{" in str(cell)]
    await pages.user.should_see(f"Version of the rules: {BUILT_IN.version}")
    await pages.user.should_see("Suppressed by design (the factory is off): collision, ")


async def test_what_the_site_changed_is_marked_and_a_fault_is_told(pages: Pages) -> None:
    factory = pages.models["mock"].factory
    factory.alarm_rules = with_site(
        "version: 4\nrules:\n"
        "  collision: {priority: 1, on_delay_s: 5}\n"
        "  camera-silent: {enabled: false}\n"
    )
    factory.rules_fault = verbatim("line 7: wrong")
    await pages.user.open("/mock/alarms/rules")
    rows = {row["id"]: row for row in listed(pages)}
    changed = rows["collision"]
    assert (changed["level"], changed["site"]) == ("1 · Critical", "altered by the site")
    assert changed["numbers"] == "only after 5 s"
    assert rows["camera-silent"]["level"] == "switched off"
    await pages.user.should_see("line 7: wrong")
    await pages.user.should_see(" + 4 (")
