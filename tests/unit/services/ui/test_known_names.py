"""The names and words of the dashboard that was here before are where its users look for them."""

import json

import pytest

from omf.commands import KINDS, prepare
from services.common.store.keys import LinkHealth
from services.ui.auth.current_user import CHOICES
from services.ui.live.model import Links
from services.ui.translator import EMOJI, LANGUAGES, Translator
from tests.support.factory import known_factory
from tests.support.ui_pages import NOW, Pages

KNOWN = {
    "/mock/overview": ("📊 Übersicht", "🏭 Modul Status"),
    "/mock/messages": ("📨 Nachrichten-Zentrale",),
    "/mock/steering": ("🎮 Steering", "Factory Steering"),
}


@pytest.mark.parametrize("page", KNOWN)
async def test_pages_and_tabs_are_found_by_the_names_people_know(pages: Pages, page: str) -> None:
    pages.language("de")
    await pages.user.open(page)
    for name in KNOWN[page]:
        await pages.user.should_see(name)


@pytest.mark.parametrize(
    ("cookies", "seen"),
    [
        ({"omf_theme": "contrast"}, False),
        ({"omf_theme": "contrast", "omf_emoji": "on"}, True),
        ({"omf_theme": "dark"}, True),
        ({"omf_emoji": "off"}, False),
        ({"omf_emoji": "perhaps"}, True),
    ],
)
async def test_emoji_are_a_choice_and_off_where_contrast_counts(
    pages: Pages, cookies: dict[str, str], *, seen: bool
) -> None:
    for name, value in cookies.items():
        pages.user.http_client.cookies.set(name, value)
    await pages.user.open("/mock/overview")
    await pages.user.should_see("Module status")
    await (pages.user.should_see if seen else pages.user.should_not_see)("🏭")


def test_the_four_error_texts_begin_with_the_known_words_and_go_on_with_what_to_do() -> None:
    say = Translator("de", EMOJI)
    begins = {
        say("check.way_out.unmet"): "❌ MQTT nicht verbunden",
        say("empty.buffer", filter="#"): "⚠️ Keine Nachrichten im Buffer",
        say("empty.buffer_unreadable", error="timed out"): "❌ Buffer-Fehler: timed out",
        say("command.send_failed", detail="x"): "❌ Fehler beim Senden der Nachricht",
    }
    for said, begin in begins.items():
        assert said.startswith(begin)
        assert len(said) > len(begin) + 30


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_mark_stands_before_the_text_and_nowhere_else(language: str) -> None:
    plain, marked = Translator(language), Translator(language, EMOJI)
    assert marked("page.messages") == f"📨 {plain('page.messages')}"
    assert marked("page.orders") == plain("page.orders")
    assert CHOICES["emoji"] == ("off", "on")


async def test_the_band_says_broker_and_instance(pages: Pages) -> None:
    up = LinkHealth(
        connected=True, broker="10.0.0.7:1883", since=NOW, at=NOW, client_id="omf-ingest-mock-ab12"
    )
    pages.models["mock"].links = Links(up, up)
    await pages.user.open("/mock/overview")
    await pages.user.should_see("10.0.0.7:1883 · instance omf-ingest-mock-ab12")
    await pages.user.open("/live/overview")
    await pages.user.should_see("instance unknown")


async def test_the_first_visit_says_why_it_begins_at_class_six(pages: Pages) -> None:
    await pages.user.open("/mock/messages")
    await pages.user.should_see("Begins at 6")
    await pages.user.open("/mock/messages?class=1")
    await pages.user.should_not_see("Begins at 6")


@pytest.mark.parametrize("module", ["MILL", "DRILL", "AIQS"])
def test_each_step_of_a_sequence_carries_priority_and_timeout(module: str) -> None:
    given = {"module": module, "colour": "RED"}
    plan = prepare("module-sequence", given, known_factory(), now=NOW, new_id=lambda: "id")
    found = [json.loads(step.payload)["action"]["metadata"] for step in plan.steps]
    assert [(one["priority"], one["timeout"]) for one in found] == [("NORMAL", 300)] * 3
    assert KINDS["module-sequence"].reads
