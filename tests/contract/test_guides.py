"""What the guides say is on the pages, stands there; what they show and link, exists."""

import re
from pathlib import Path

import pytest

from omf.commands import CONTROLS, KINDS
from omf.texts.catalogue import catalogue
from services.cli.app import COMMAND_HELP

DOCS = Path(__file__).parents[2] / "docs"
LANGUAGES = ("de", "en", "fr")


def guide(language: str) -> str:
    return (DOCS / f"operator-guide.{language}.md").read_text("utf-8")


def headings(text: str) -> list[int]:
    return [len(marks) for marks in re.findall(r"^(#+) ", text, re.MULTILINE)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_in_bold_stand_on_the_pages(language: str) -> None:
    # Whoever writes a guide types no no-break space before a French colon.
    said = {str(text).replace("\u00a0", " ") for text in catalogue(language).texts.values()}
    said |= {getattr(kind.title, language) for kind in (*KINDS.values(), *CONTROLS.values())}
    # What is bold for its weight is a sentence that people must not overlook.
    bold = {
        " ".join(words.split())
        for words in re.findall(r"\*\*(.+?)\*\*", guide(language), re.DOTALL)
    }
    weighty = {words for words in bold if re.search("mas?chine", words, re.IGNORECASE)}
    assert bold - weighty <= said
    assert len(weighty) == 2


@pytest.mark.parametrize("language", ["de", "fr"])
def test_a_translated_guide_has_the_build_of_the_english_one(language: str) -> None:
    translated, english = guide(language), guide("en")
    assert headings(translated) == headings(english)
    for pattern in (r"^\| ", r"^- ", r"^\d\. ", r"!\[", r"`omf [a-z ]+`"):
        found = [len(re.findall(pattern, text, re.MULTILINE)) for text in (translated, english)]
        assert found[0] == found[1], pattern


@pytest.mark.parametrize("language", LANGUAGES)
def test_pictures_links_and_commands_exist(language: str) -> None:
    text = guide(language)
    for link in re.findall(r"\]\(([^)#]+)", text):
        assert (DOCS / link).is_file(), link
    assert set(re.findall(r"`omf ([a-z]+)", text)) <= set(COMMAND_HELP)
