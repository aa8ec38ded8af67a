"""What the guides say is on the pages, stands there; what they show and link, exists."""

import re
from pathlib import Path

import pytest

from omf.commands import CONTROLS, KINDS
from omf.texts.catalogue import catalogue
from services.cli.app import COMMAND_HELP

DOCS = Path(__file__).parents[2] / "docs"
LANGUAGES = ("de", "en")


def guide(language: str) -> str:
    return (DOCS / f"operator-guide.{language}.md").read_text("utf-8")


def headings(text: str) -> list[int]:
    return [len(marks) for marks in re.findall(r"^(#+) ", text, re.MULTILINE)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_in_bold_stand_on_the_pages(language: str) -> None:
    said = set(catalogue(language).texts.values())
    said |= {getattr(kind.title, language) for kind in (*KINDS.values(), *CONTROLS.values())}
    # What is bold for its weight is a sentence that people must not overlook.
    bold = {
        " ".join(words.split())
        for words in re.findall(r"\*\*(.+?)\*\*", guide(language), re.DOTALL)
    }
    weighty = {words for words in bold if re.search("mas?chine", words, re.IGNORECASE)}
    assert bold - weighty <= said
    assert len(weighty) == 2


def test_both_languages_have_the_same_build() -> None:
    german, english = guide("de"), guide("en")
    assert headings(german) == headings(english)
    for pattern in (r"^\| ", r"^- ", r"^\d\. ", r"!\[", r"`omf [a-z ]+`"):
        found = [len(re.findall(pattern, text, re.MULTILINE)) for text in (german, english)]
        assert found[0] == found[1], pattern


@pytest.mark.parametrize("language", LANGUAGES)
def test_pictures_links_and_commands_exist(language: str) -> None:
    text = guide(language)
    for link in re.findall(r"\]\(([^)#]+)", text):
        assert (DOCS / link).is_file(), link
    assert set(re.findall(r"`omf ([a-z]+)", text)) <= set(COMMAND_HELP)
