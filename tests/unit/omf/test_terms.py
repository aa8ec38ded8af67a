"""Codes of the factory are said in the words of the people at it, in every language."""

import pytest

from omf import terms
from omf.commands.facts.module import COMMANDS_BY_TYPE
from omf.constants import COLOURS
from omf.state import FactoryState
from omf.state.device_names import device_name, place_name
from omf.texts import has, verbatim
from omf.texts.catalogue import catalogue


def test_an_act_has_words_in_every_tense() -> None:
    keys = catalogue("en").texts
    spoken = {key.rpartition(".")[0] for key in keys if key.startswith("act.")}
    for beginning in spoken:
        for tense in ("does", "todo", "done", "failed"):
            assert has(f"{beginning}.{tense}")


@pytest.mark.parametrize("kind", COMMANDS_BY_TYPE)
def test_every_command_of_a_module_has_words(kind: str) -> None:
    for command in COMMANDS_BY_TYPE[kind]:
        for state in ("WAITING", "RUNNING", "FINISHED", "FAILED"):
            assert command not in terms.act(command, state, kind).en
            assert command not in terms.act(command, state, kind).de


def test_every_colour_and_state_has_words() -> None:
    codes = [("colour", one) for one in COLOURS]
    codes += [("order.type", one) for one in ("PRODUCTION", "STORAGE")]
    states = ("ENQUEUED", "IN_PROGRESS", "FINISHED", "CANCELLED", "ERROR")
    codes += [(group, one) for group in ("order.state", "step") for one in states]
    for group, code in codes:
        assert code not in terms.term(group, code).each


@pytest.mark.parametrize(
    ("kind", "command", "state", "said"),
    [
        ("HBW", "DROP", "RUNNING", ("lagert aus", "gives out")),
        ("HBW", "DROP", "FINISHED", ("hat ausgelagert", "gave the piece out")),
        ("DPS", "PICK", "FINISHED", ("ausgeliefert", "delivered")),
        (
            "DRILL",
            "PICK",
            "FAILED",
            ("konnte das Werkstück nicht nehmen", "could not take the piece"),
        ),
        (None, "PICK", "RUNNING", ("nimmt das Werkstück", "takes the piece")),
        ("MILL", "POLISH", "RUNNING", ("POLISH", "POLISH")),
        ("MILL", None, "RUNNING", ("unbekannt", "unknown")),
    ],
)
def test_an_act_is_said_as_operators_say_it(
    kind: str | None, command: str | None, state: str, said: tuple[str, str]
) -> None:
    act = terms.act(command, state, kind)
    assert (act.de, act.en) == said


def test_what_a_check_resulted_in() -> None:
    judged = terms.judged("CHECK_QUALITY", "FAILED", "AIQS")
    assert judged is not None
    assert judged.each[:2] == ("geprüft, Qualität nicht in Ordnung", "checked, quality not OK")
    assert terms.judged("DROP", "04798eca341290", "HBW") is None
    assert terms.judged("DRILL", "PASSED", "DRILL") is None


@pytest.mark.parametrize(
    ("source", "target", "said"),
    [
        ("HBW", "MILL", "vehicle drives HBW → MILL"),
        ("START", "HBW", "vehicle drives to HBW"),
        (None, "HBW", "vehicle drives to HBW"),
        ("MILL", "MILL", "vehicle docks at MILL again"),
        ("MILL", None, "vehicle drives"),
    ],
)
def test_a_way_is_said_without_codes(source: str | None, target: str | None, said: str) -> None:
    assert terms.way(source, target).en == said


def test_a_device_is_called_by_its_type_and_two_of_a_type_are_told_apart() -> None:
    state = FactoryState()
    state.module("SVR4H76449").type = "DRILL"
    state.vehicle("5iO4")
    assert device_name(state, "SVR4H76449").en == "DRILL"
    assert device_name(state, "SVR4H76449/txt").en == "DRILL TXT"
    assert device_name(state, "5iO4").en == "FTS 5iO4"
    assert device_name(state, "never-heard").en == "never-heard"
    assert place_name(state, "SVR4H76449") == verbatim("DRILL")
    assert place_name(state, "2") == verbatim("2")
    assert place_name(state, None) is None
    state.module("SVR4H00001").type = "DRILL"
    assert device_name(state, "SVR4H76449").en == "DRILL SVR4H76449"
