"""The rules in force as a table, with what the site changed and why a newer file was refused."""

import re

import pytest

from omf.alarms.alarm_texts import rule_title
from omf.alarms.rule_data import BUILT_IN, with_site
from omf.texts import Language, verbatim
from tests.support.factory import MILL, paired
from tests.support.ui_pages import Pages, classed, listed


async def test_each_rule_is_a_row_with_why_and_what_to_do(pages: Pages) -> None:
    await pages.user.open("/mock/alarms/rules")
    rows = {row["id"]: row for row in listed(pages)}
    assert rows.keys() == BUILT_IN.rules.keys()
    row = rows["collision"]
    assert (row["level"], row["site"]) == ("2 · Warning", "")
    assert row["cause"] == "Something stands in the way of the vehicle."
    assert row["action"] == "Clear the way; the vehicle goes on by itself."
    assert row["what"] == "Vehicle stopped by an obstacle"
    cells = [str(cell) for one in rows.values() for cell in one.values()]
    assert not [cell for cell in cells if "{" in cell or "…" in cell]
    assert (
        rows["vehicle-unlisted"]["action"]
        == "Switch the device off and on or reset it, then let it dock."
    )
    await pages.user.should_see(f"Version of the rules: {BUILT_IN.version}")
    await pages.user.should_see("Suppressed by design (the factory is off): Vehicle stopped by an")


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


@pytest.mark.parametrize("language", ["de", "en", "fr"])
async def test_no_rule_is_shown_by_its_id_and_no_device_by_its_serial(
    pages: Pages, language: Language
) -> None:
    pages.language(language)
    factory = pages.models["mock"].factory
    factory.alarm_rules = with_site(
        "version: 1\n"
        "limits:\n"
        "  hot: {topic: x/+/y, path: a.b, above: 1, title: {en: Oven hot, de: Ofen zu warm}}\n"
        "  cold: {topic: x/+/y, path: a.b, below: 1}\n"
        "suppressions:\n"
        f"  mill: {{when: calibrating, rules: [device-blocked, limit-hot], devices: [{MILL}]}}\n"
    )
    await pages.user.open("/mock/alarms/rules")
    pages.factory.say("ccu_pairing_state", {"modules": [paired(MILL, "MILL")]})
    pages.tick(1)
    rows = {row["id"]: row for row in listed(pages)}
    rules = factory.alarm_rules
    for name, row in rows.items():
        assert row["what"] == rule_title(rules, name).in_(language)
        assert not re.search(r"[{}…]|^[a-z]", f"{row['what']} {row['action']}"), name
        assert row["what"][0].isupper()
        assert row["action"][0].isupper()
    assert "a.b" in rows["limit-cold"]["what"]
    said = [one.text for one in classed(pages, "hint") if "MILL" in getattr(one, "text", "")]
    (line,) = said
    assert rule_title(rules, "limit-hot").in_(language) in line
    assert MILL not in line
    assert not [name for name in rules.rules if "-" in name and name in line]
