"""What the guides say is on the pages, stands there; what they show and link, exists."""

import re
from pathlib import Path

import pytest

from omf.alarms.lifecycle import AlarmState
from omf.alarms.rule_data import BUILT_IN
from omf.commands import CONTROLS, KINDS
from omf.texts.catalogue import catalogue
from services.cli.app import COMMAND_HELP

DOCS = Path(__file__).parents[2] / "docs"
LANGUAGES = ("de", "en", "fr")


GUIDES = ("operator-guide", "alarm-philosophy")
WEIGHTY = {"operator-guide": 2, "alarm-philosophy": 1}
"""How many sentences are bold for their weight."""
SECONDS = {"min": 60, "h": 3600}


def guide(name: str, language: str) -> str:
    plain = DOCS / f"{name}.md"
    path = plain if language == "en" and plain.exists() else DOCS / f"{name}.{language}.md"
    return path.read_text("utf-8")


def headings(text: str) -> list[int]:
    return [len(marks) for marks in re.findall(r"^(#+) ", text, re.MULTILINE)]


@pytest.mark.parametrize("name", GUIDES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_words_in_bold_stand_on_the_pages(name: str, language: str) -> None:
    # Whoever writes a guide types no no-break space before a French colon.
    said = {str(text).replace("\u00a0", " ") for text in catalogue(language).texts.values()}
    said |= {getattr(kind.title, language) for kind in (*KINDS.values(), *CONTROLS.values())}
    # What is bold for its weight is a sentence that people must not overlook.
    bold = {
        " ".join(words.split())
        for words in re.findall(r"\*\*(.+?)\*\*", guide(name, language), re.DOTALL)
    }
    weighty = {words for words in bold if re.search("mas?chine", words, re.IGNORECASE)}
    assert bold - weighty <= said
    assert len(weighty) == WEIGHTY[name]


@pytest.mark.parametrize("name", GUIDES)
@pytest.mark.parametrize("language", ["de", "fr"])
def test_a_translated_guide_has_the_build_of_the_english_one(name: str, language: str) -> None:
    translated, english = guide(name, language), guide(name, "en")
    assert headings(translated) == headings(english)
    for pattern in (r"^\| ", r"^- ", r"^\d\. ", r"!\[", r"`omf [a-z ]+`"):
        found = [len(re.findall(pattern, text, re.MULTILINE)) for text in (translated, english)]
        assert found[0] == found[1], pattern


@pytest.mark.parametrize("name", GUIDES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_pictures_links_and_commands_exist(name: str, language: str) -> None:
    text = guide(name, language)
    for link in re.findall(r"\]\(([^)#]+)", text):
        assert (DOCS / link).is_file(), link
    assert set(re.findall(r"`omf ([a-z]+)", text)) <= set(COMMAND_HELP)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_philosophy_tells_the_times_of_the_rules(language: str) -> None:
    rows = re.findall(
        r"^\| ([1-4]) \| .*\| (\d+) (min|h) \w+ (\d+) (min|h) \|",
        guide("alarm-philosophy", language),
        re.MULTILINE,
    )
    told = {
        int(priority): (int(low) * SECONDS[one], int(high) * SECONDS[other])
        for priority, low, one, high, other in rows
    }
    times: dict[int, list[float]] = {}
    for rule in BUILT_IN.rules.values():
        times.setdefault(rule.priority, []).append(rule.respond_s)
    assert told == {priority: (min(found), max(found)) for priority, found in times.items()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_philosophy_names_every_state_of_an_alarm(language: str) -> None:
    text = guide("alarm-philosophy", language)
    for state in AlarmState:
        words = catalogue(language).texts[f"alarm_state.{state}"]
        assert f"**{words}**" in text or state is AlarmState.NORMAL, state
