"""The catalogues: the same keys and gaps in every language, each text used, none in the code."""

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from string import Formatter

import pytest
from pydantic import BaseModel, ValidationError

from omf.texts import LANGUAGES, Language, Text, first, has, joined, text, verbatim
from omf.texts.catalogue import catalogue

OTHERS = [language for language in LANGUAGES if language != "en"]


def forms(language: Language, key: str) -> tuple[str, ...]:
    found = catalogue(language).texts[key]
    return (found,) if isinstance(found, str) else found


def gaps(words: str) -> set[str]:
    """Names of the gaps; what is in braces and no name is an example of JSON."""
    if words.lstrip().startswith(("JSON", "liste JSON")):
        return set()
    found = ((name, spec) for _, name, spec, _ in Formatter().parse(words) if name is not None)
    # How a date is put is the business of each language.
    return {name if spec and "%" in spec else f"{name}:{spec}" for name, spec in found}


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_has_the_same_keys_in_the_same_order(language: Language) -> None:
    assert list(catalogue(language).texts) == list(catalogue("en").texts)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_says_something(language: Language) -> None:
    silent = {"column.way"}  # the column of arrows has no heading
    empty = {key for key in catalogue(language).texts if not all(forms(language, key))}
    assert empty == silent


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_has_the_same_gaps_in_every_language(language: Language) -> None:
    for key in catalogue("en").texts:
        wanted = set().union(*(gaps(one) for one in forms("en", key)))
        assert set().union(*(gaps(one) for one in forms(language, key))) == wanted, key


CODE = re.compile(r"\b[A-Z][A-Z_]{3,}\b")
NO_CODES = frozenset(
    {
        *("DRILL", "MILL", "AIQS", "CHRG", "OVEN"),  # names of modules
        *("LIVE", "MOCK", "REPLAY"),  # names of the environments
        *(
            "MQTT",
            "JSON",
            "JSONL",
            "HTTP",
            "PUBACK",
            "WLAN",
            "UUID",
            "YAML",
            "HTTPS",
        ),  # terms of the trade
        *("OMF_UI_PARTS", "OMF_UI_SEQUENCES", "OMF_ENVIRONMENTS"),  # what a setting is called
        *(
            "NAME",
            "ROLE",
            "ROLLE",
            "FILE",
            "DATEI",
            "FICHIER",
            "RESET",
        ),  # typed, or a name in its place
    }
)
REWORDED = {
    "en": (
        *("up for", "changed", "what is missing", "Condition", "Situation", "Course"),
        *("Who tells what", "Take over for replay", "Name it", "Nothing to send here."),
        *("Passed last", "Connection so far", "Way", "Cl.", "Unreadable too", "Open brackets"),
        *("Cancel bracket", "vanished (reset)", "Read older ones from the buffer"),
        *("Commands and what stands against", "Lets the waiting step of a bracket go."),
        *("position unknown (UNKNOWN)", "Commands work here without it, too."),
    ),
    "de": (
        *("was fehlt", "läuft seit", "Reicht bis", "Generisch", "Verbindung seither", "Ladeplätze"),
        *("Klammer abbrechen", "Fahrzeug hat es ausgeführt", "verschwunden (Reset)"),
        *("Befehle und was dagegen steht", "Kein unreserviertes Stück {colour} im Lager"),
        "Nicht gewählt: es gilt, was ingest beim Start gesagt wurde.",
    ),
}
"""Texts that people did not understand, or took for something else."""


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_says_a_code_of_the_factory(language: Language) -> None:
    said = {key: set(CODE.findall(" ".join(forms(language, key)))) for key in catalogue("en").texts}
    typed = {key for key in said if key.startswith("word.")}
    assert {
        key: codes - NO_CODES
        for key, codes in said.items()
        if key not in typed and codes - NO_CODES
    } == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_column_is_headed_by_a_capital(language: Language) -> None:
    heads = [
        form
        for key in catalogue(language).texts
        if key.startswith("column.")
        for form in forms(language, key)
    ]
    assert [head for head in heads if head[:1].islower()] == []


@pytest.mark.parametrize("language", REWORDED)
def test_no_text_that_people_misread_came_back(language: Language) -> None:
    said = {form for key in catalogue(language).texts for form in forms(language, key)}
    assert said & set(REWORDED[language]) == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_plural_has_every_form_its_language_needs(language: Language) -> None:
    for key, found in catalogue(language).texts.items():
        if not isinstance(found, str):
            assert len(found) == 2, key
            assert "{count}" in found[-1], key


def test_a_text_is_said_in_each_language_and_so_are_the_texts_in_it() -> None:
    said = text("wait.vehicle-lost", device=text("module.FTS"))
    assert said.de == "wartet auf FTS: Verbindung verloren"
    assert said.en == "waits for Vehicle: connection lost"
    assert said.in_("fr") == "attend Véhicule\u00a0: connexion perdue"


def test_the_number_chooses_the_form_by_the_rules_of_the_language() -> None:
    assert [text("meaning.devices", count=count).en for count in (0, 1, 2)] == [
        "0 devices",
        "1 device",
        "2 devices",
    ]
    assert [text("meaning.devices", count=count).fr for count in (0, 1, 2)] == [
        "0 appareil",
        "1 appareil",
        "2 appareils",
    ]


def test_texts_that_read_the_same_are_equal() -> None:
    assert text("colour.RED") == text("offer.RED")
    assert text("colour.RED") != text("colour.BLUE")
    assert len({text("colour.RED"), text("offer.RED")}) == 1


def test_texts_stand_one_after_the_other() -> None:
    both = joined(", ", [text("colour.RED"), verbatim("X")])
    assert (both.de, both.en, both.fr) == ("Rot, X", "Red, X", "Rouge, X")


def test_a_code_without_words_is_said_as_it_stands() -> None:
    assert first("colour.PINK", otherwise="PINK") == verbatim("PINK")
    assert first("colour.PINK", "colour.RED", otherwise="PINK") == text("colour.RED")
    assert has("colour.RED")
    assert not has("colour.PINK")


def test_an_unknown_key_is_an_error_that_names_it() -> None:
    with pytest.raises(KeyError, match=r"no\.such"):
        _ = text("no.such").en


class _Written(BaseModel):
    words: Text


def test_a_text_is_written_in_every_language_and_read_again() -> None:
    written = _Written(words=text("colour.RED")).model_dump_json()
    words = json.loads(written)["words"]
    assert list(words) == list(LANGUAGES)
    assert (words["de"], words["en"], words["fr"]) == ("Rot", "Red", "Rouge")
    assert _Written.model_validate_json(written).words == text("colour.RED")


def test_what_was_stored_before_a_language_came_is_read_in_english() -> None:
    stored = _Written.model_validate_json('{"words":{"de":"Rot","en":"Red"}}')
    assert stored.words.each == ("Rot", *["Red"] * (len(LANGUAGES) - 1))


@pytest.mark.parametrize("written", ["{}", '{"de":"Rot"}', '{"fr":"Rouge","sv":"Röd"}'])
def test_what_cannot_be_said_in_every_language_is_no_text(written: str) -> None:
    # Else it is found out when a page is drawn, and the page breaks.
    with pytest.raises(ValidationError):
        _Written.model_validate_json(f'{{"words":{written}}}')
    assert _Written.model_validate_json('{"words":{"en":"Red"}}').words.fr == "Red"


ROOT = Path(__file__).parents[3]
CATALOGUES = {"omf/texts/catalogue.py", "omf/texts/text.py"}
GERMAN = re.compile(
    r"[äöüßÄÖÜ„]|\b(nicht|kein|keine|wird|wurde|und|oder|ist|sind|Modul|Auftrag|Befehl|Fahrzeug)\b"
)
NO_WORDS_OF_OURS = {
    "omf/simulation": "what the factory itself says",
    "services/supervisor": "configuration files of brokers",
    "services/common/mqtt": "names of characters",
}


@cache
def sources() -> dict[str, ast.Module]:
    found = [*(ROOT / "omf").rglob("*.py"), *(ROOT / "services").rglob("*.py")]
    found += (ROOT / "tools").rglob("*.py")
    return {str(path.relative_to(ROOT)): ast.parse(path.read_text("utf-8")) for path in found}


def strings(tree: ast.Module) -> Iterator[ast.Constant]:
    """Every string but the docstrings."""
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            yield node


def named() -> tuple[set[str], set[str]]:
    """Keys the code names in full, and the beginnings it puts a word behind."""
    full: set[str] = set()
    beginnings: set[str] = set()
    for tree in sources().values():
        full |= {str(node.value) for node in strings(tree)}
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                beginnings.add(str(node.values[0].value))
            elif (isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "known") or (
                isinstance(node, ast.Call) and getattr(node.func, "id", "") == "term"
            ):
                beginnings.add(f"{getattr(node.args[0], 'value', '')}.")
    return full, {one for one in beginnings if re.fullmatch(r"[a-z_]+\.([a-z_]+\.)*", one)}


def test_no_text_is_left_over() -> None:
    full, beginnings = named()
    unused = [
        key
        for key in catalogue("en").texts
        if key not in full and not any(key.startswith(beginning) for beginning in beginnings)
    ]
    assert not unused


def test_every_key_the_code_asks_for_exists() -> None:
    asked = {
        str(node.args[0].value)
        for tree in sources().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", "") == "text"
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and re.fullmatch(r"[a-z_]+(\.[\w-]+)+", str(node.args[0].value))
    }
    assert len(asked) > 300
    assert not {key for key in asked if not has(key)}


def test_no_german_stands_in_the_code() -> None:
    found = [
        f"{path}:{node.lineno}: {node.value}"
        for path, tree in sources().items()
        if path.split("/")[0] != "tools" and not path.startswith(tuple(NO_WORDS_OF_OURS))
        for node in strings(tree)
        if GERMAN.search(str(node.value))
    ]
    assert not found


def test_no_text_is_said_language_by_language_outside_the_catalogues() -> None:
    """Such as `Text(de=..., en=...)`, or a dictionary with one entry per language."""
    found = [
        f"{path}:{node.lineno}"
        for path, tree in sources().items()
        if path not in CATALOGUES
        for node in ast.walk(tree)
        if (isinstance(node, ast.Call) and _by_language(one.arg for one in node.keywords))
        or (
            isinstance(node, ast.Dict)
            and _by_language(getattr(one, "value", None) for one in node.keys)
        )
    ]
    assert found == []


def _by_language(names: Iterator[object]) -> bool:
    return {"de", "en"} <= set(names)
