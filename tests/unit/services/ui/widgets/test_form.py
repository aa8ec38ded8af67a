"""The fields of a command: chosen by name from what exists, faults at the field and all at once."""

from typing import Any

import pytest
from nicegui import ui

from omf.commands import KINDS
from services.common.store.brackets import OpenBracket
from services.ui.live.model import ViewModel
from services.ui.translator import Translator
from services.ui.views.field_choices import choices, word
from services.ui.views.field_errors import field_faults, told
from tests.support.factory import FTS, SERIALS, TAG, Factory, known_factory
from tests.support.ui_pages import NOW, Pages

DE, EN = Translator("de"), Translator("en")


def _model() -> ViewModel:
    model = ViewModel("mock", factory=known_factory(at=NOW))
    queued = {"orderId": "order-12345", "orderType": "PRODUCTION", "type": "RED"}
    Factory(model.factory).orders({**queued, "state": "ENQUEUED"})
    return model


def _offered(kind: str, field: str, say: Translator = EN) -> dict[str, str]:
    found = choices(kind, field, _model(), say)
    assert found is not None
    return found.options


@pytest.mark.parametrize(
    ("kind", "field", "value", "label"),
    [
        ("fts-dock", "serial", FTS, f"FTS {FTS}"),
        ("charge", "serial", FTS, f"FTS {FTS}"),
        ("fts-navigate", "target", SERIALS["MILL"], "MILL · Milling station"),
        ("fts-navigate", "stops", SERIALS["HBW"], "HBW · High-bay store"),
        ("module-reset", "serial", SERIALS["AIQS"], "AIQS · Quality check"),
        ("storage-pick", "serial", SERIALS["HBW"], "HBW · High-bay store"),
        ("storage-order", "workpiece_id", TAG, f"Red · HBW A1 · {TAG}"),
        ("cancel-order", "order_ids", "order-12345", "Production Red · order-12"),
        ("flows", "red", "MILL", "MILL · Milling station"),
    ],
)
def test_what_exists_is_offered_by_name(kind: str, field: str, value: str, label: str) -> None:
    assert _offered(kind, field)[value] == label


@pytest.mark.parametrize(
    ("kind", "never"),
    [
        ("module-reset", SERIALS["DRILL"]),
        ("storage-drop", SERIALS["DPS"]),
        ("module-step", SERIALS["CHRG"]),
        ("fts-reset", SERIALS["HBW"]),
        ("module-duration", FTS),
    ],
)
def test_what_a_kind_cannot_speak_to_is_not_offered(kind: str, never: str) -> None:
    assert never not in _offered(kind, "serial")


def test_sequences_under_way_are_offered_to_what_steers_them() -> None:
    model = _model()
    model.brackets = [
        OpenBracket(
            command_id="c",
            kind="module-sequence",
            operator="anna",
            order_id="order-9",
            device=SERIALS["DRILL"],
            steps=3,
            step=1,
            de="Bohren",
            en="Drill",
            since=NOW,
        )
    ]
    found = choices("bracket-next", "order_id", model, DE)
    assert found
    assert found.options == {"order-9": "DRILL · Bohren"}


@pytest.mark.parametrize(
    ("kind", "field", "value", "words"),
    [
        ("production-order", "colour", "RED", ("Rot", "Red")),
        ("module-sequence", "mode", "stepwise", ("Schritt für Schritt", "Step by step")),
        ("module-sequence", "module", "DRILL", ("DRILL · Bohrstation", "DRILL · Drilling station")),
        ("module-step", "command", "CHECK_QUALITY", ("prüft", "checks")),
        ("status-led", "light", "yellow", ("gelb", "yellow")),
        ("fts-navigate", "preset", "DPS-HBW", ("DPS-HBW", "DPS-HBW")),
    ],
)
def test_fixed_values_are_words(kind: str, field: str, value: str, words: tuple[str, str]) -> None:
    assert (word(kind, field, value, DE), word(kind, field, value, EN)) == words


@pytest.mark.parametrize("kind", KINDS)
def test_no_fixed_value_shouts_in_codes(kind: str) -> None:
    for name, field in KINDS[kind].parameters.model_json_schema().get("properties", {}).items():
        for value in field.get("enum", ()):
            if isinstance(value, str):
                assert "_" not in word(kind, name, value, EN), (name, value)


def test_every_fault_is_told_at_once_with_its_field_in_the_readers_words() -> None:
    given: dict[str, Any] = {"colour": "PINK", "workpiece_id": "x"}
    german = {one.label: one.words for one in field_faults(KINDS["storage-order"], given, DE)}
    assert german.keys() == {"Farbe", "Werkstück-ID"}
    assert german["Werkstück-ID"] == "braucht 14 Hexziffern"
    english = field_faults(KINDS["storage-order"], given, EN)
    assert "Workpiece id needs 14 hex digits" in told(english, EN)
    missing = field_faults(KINDS["storage-order"], {}, DE)
    assert [(one.label, one.words, one.missing) for one in missing] == [
        ("Farbe", "fehlt", True),
        ("Werkstück-ID", "fehlt", True),
    ]


def _wrong(pages: Pages) -> list[str]:
    assert pages.user.client is not None
    found = [e for e in pages.user.client.elements.values() if "field-wrong" in e.classes]
    return [e.text for e in found if isinstance(e, ui.label) and "hidden" not in e.classes]


def _field(pages: Pages, name: str) -> Any:
    return next(iter(pages.user.find(marker=f"field-{name}").elements))


async def test_nothing_is_wrong_before_something_was_entered(pages: Pages) -> None:
    pages.models["mock"].factory = known_factory(at=NOW)
    await pages.user.open("/mock/steering?kind=storage-order")
    assert _wrong(pages) == []
    await pages.user.should_see("Still to enter: Colour, Workpiece id")
    _field(pages, "workpiece_id").set_value("123")
    assert _wrong(pages) == ["needs 14 hex digits"]
    _field(pages, "colour").set_value("RED")
    _field(pages, "workpiece_id").set_value(TAG)
    assert _wrong(pages) == []
    pages.user.find(marker="send").click()
    await pages.user.should_see("requested")
    (command,) = pages.inboxes["mock"].commands
    assert command.parameters == {"colour": "RED", "workpiece_id": TAG}


async def test_stops_are_chosen_in_their_order(pages: Pages) -> None:
    pages.models["mock"].factory = known_factory(at=NOW)
    await pages.user.open("/mock/steering?kind=fts-navigate")
    await pages.user.should_see("Still to enter: preset, target or stops")
    assert _wrong(pages) == []
    _field(pages, "stops").set_value([SERIALS["MILL"], SERIALS["HBW"]])
    pages.user.find(marker="send").click()
    await pages.user.should_see("requested")
    (command,) = pages.inboxes["mock"].commands
    assert command.parameters["stops"] == [SERIALS["MILL"], SERIALS["HBW"]]


@pytest.mark.parametrize("kind", KINDS)
async def test_every_form_can_be_opened_and_names_its_fields_once(pages: Pages, kind: str) -> None:
    pages.models["mock"].factory = known_factory(at=NOW)
    await pages.user.open(f"/mock/steering?kind={kind}")
    fields = KINDS[kind].parameters.model_fields
    names = [_field(pages, name).props["aria-label"] for name in fields]
    assert len(set(names)) == len(names)
