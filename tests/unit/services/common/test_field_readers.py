"""Who reads a field is found in the sources: pages by what they draw, commands by their checks."""

import pytest

from services.common.field_readers import readers_of


@pytest.mark.parametrize(
    ("entry", "path", "page", "command"),
    [
        ("fts_state", "batteryState.percentage", "devices", None),
        ("fts_state", "lastNodeId", "floor", "fts-navigate"),
        ("fts_state", "driving", "devices", "fts-dock"),
        ("ccu_pairing_state", "modules[].available", "overview", "module-sequence"),
        ("ccu_state_config", "ftsSettings.chargeThresholdPercent", "devices", None),
        ("ccu_state_flows", "RED.steps", "orders", None),
    ],
)
def test_a_field_names_its_pages_and_commands(
    entry: str, path: str, page: str, command: str | None
) -> None:
    found = readers_of(entry, path)
    assert page in found.pages
    assert command is None or command in found.commands


@pytest.mark.parametrize(
    ("entry", "path"),
    [("fts_state", "nobodyKnowsThis"), ("", "speed"), ("fts_state", "manufacturer")],
)
def test_what_nobody_describes_or_reads_has_no_readers(entry: str, path: str) -> None:
    found = readers_of(entry, path)
    assert (found.pages, found.commands) == ((), ())
