"""Every word of the pages is in the catalogues, and no page says one of its own."""

import ast
import re
from pathlib import Path

import pytest

from omf.texts import has
from services.ui.translator import Translator

UI = Path(__file__).parents[4] / "services" / "ui"
SOURCES = sorted(UI.rglob("*.py"))
SAYING = {"text": 0, "panel": 0, "linked_panel": 0, "words": 2, "column": 1}
"""Functions of ours, and which of their arguments people read."""


def _calls(path: Path) -> list[ast.Call]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call)]


def _takes_keys(path: Path) -> bool:
    """Its `text` is that of the catalogues, which takes a key; not the element of the widgets."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    names = [name for node in imports if node.module == "omf.texts" for name in node.names]
    return any(name.name == "text" and name.asname is None for name in names)


def _name(call: ast.Call) -> str:
    target = call.func
    return target.attr if isinstance(target, ast.Attribute) else getattr(target, "id", "")


def test_every_key_the_pages_ask_for_exists() -> None:
    asked = {
        call.args[0].value
        for path in SOURCES
        for call in _calls(path)
        if _name(call) in {"say", "_entry"} and call.args
        if isinstance(call.args[0], ast.Constant) and "." in str(call.args[0].value)
    }
    assert asked
    assert not {key for key in asked if not has(key)}


def test_a_missing_key_is_an_error_not_a_blank() -> None:
    with pytest.raises(KeyError):
        Translator("de")("there.is.no.such.text")


def test_an_unknown_word_of_the_factory_is_shown_as_it_came() -> None:
    assert Translator("de").known("available", "READY") == "bereit"
    assert Translator("de").known("available", "SLEEPY") == "SLEEPY"
    assert Translator("en").known("available", None) == "unknown"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(UI)))
def test_no_page_says_a_word_that_is_not_in_the_file_of_texts(path: Path) -> None:
    literal = [
        argument.value
        for call in _calls(path)
        if (place := SAYING.get(_name(call))) is not None
        for argument in call.args[place : place + 1]
        if isinstance(argument, ast.Constant)
        and not (_takes_keys(path) and _name(call) == "text" and has(str(argument.value)))
        and re.search(r"[A-Za-zÄÖÜäöü]{2}", str(argument.value))
    ]
    assert set(literal) <= {"OMF"}


FROM_OUR_FILES = {"features/help/page.py": {"markdown"}}
"""Help shows guides that come with the program, and nothing anybody sends."""


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(UI)))
def test_no_page_can_turn_a_message_into_markup_or_code(path: Path) -> None:
    dangerous = {
        "html",
        "markdown",
        "run_javascript",
        "add_body_html",
        "restructured_text",
        "mermaid",
    }
    used = {_name(call) for call in _calls(path)} & dangerous
    assert used == FROM_OUR_FILES.get(str(path.relative_to(UI)), set())


def test_the_only_markup_we_add_to_the_head_is_fixed() -> None:
    found = [call for path in SOURCES for call in _calls(path) if _name(call) == "add_head_html"]
    assert len(found) == 1
