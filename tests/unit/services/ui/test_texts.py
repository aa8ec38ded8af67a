"""Every word of the pages exists in both languages, and no page says one of its own."""

import ast
import re
from pathlib import Path
from string import Formatter

import pytest

from omf.terms import terms
from services.ui.translator import Translator, texts

UI = Path(__file__).parents[4] / "services" / "ui"
SOURCES = sorted(UI.rglob("*.py"))
SAYING = {"text": 0, "panel": 0, "linked_panel": 0, "words": 2, "column": 1}
"""Functions of ours, and which of their arguments people read."""
LOOKUPS = {"say", "known"}


def _calls(path: Path) -> list[ast.Call]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call)]


def _name(call: ast.Call) -> str:
    target = call.func
    return target.attr if isinstance(target, ast.Attribute) else getattr(target, "id", "")


def _keys() -> tuple[set[str], set[str]]:
    """Keys named in the code: in full, and by the beginning that a word is put behind."""
    full: set[str] = set()
    beginnings: set[str] = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                full.add(node.value)
            if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                beginnings.add(str(node.values[0].value))
        for call in _calls(path):
            if _name(call) == "known" and isinstance(call.args[0], ast.Constant):
                beginnings.add(f"{call.args[0].value}.")
    return full, {b for b in beginnings if re.fullmatch(r"[a-z_.]+\.", b)}


def _gaps(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_every_key_the_pages_ask_for_exists() -> None:
    asked = {
        call.args[0].value
        for path in SOURCES
        for call in _calls(path)
        if _name(call) in {"say", "_entry"} and call.args
        if isinstance(call.args[0], ast.Constant) and "." in str(call.args[0].value)
    }
    assert asked
    assert not {key for key in asked if key not in texts()}


def test_no_text_is_left_over() -> None:
    full, beginnings = _keys()
    unused = {
        key
        for key in texts().keys() - terms().keys()
        if key not in full and not any(key.startswith(beginning) for beginning in beginnings)
    }
    assert not unused


def test_both_languages_have_the_same_gaps_and_say_something() -> None:
    for key, pair in texts().items():
        german, english = (_gaps(text) for text in pair.values())
        assert german == english, key
        assert all(pair.values()) or key == "column.way", key


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
        and re.search(r"[A-Za-zÄÖÜäöü]{2}", str(argument.value))
    ]
    assert set(literal) <= {"OMF"}


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
    assert not used


def test_the_only_markup_we_add_to_the_head_is_fixed() -> None:
    found = [call for path in SOURCES for call in _calls(path) if _name(call) == "add_head_html"]
    assert len(found) == 1
