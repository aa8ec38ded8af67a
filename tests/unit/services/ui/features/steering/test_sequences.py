"""Sequences people wrote down: what is right runs, what is wrong says where and how to mend it."""

import asyncio
from pathlib import Path

import pytest

from services.ui.features.steering import sequences
from tests.support.ui_pages import Pages
from tests.support.ui_story import floor

GOOD = """
title: {de: Leuchten, en: Lamps}
steps:
  - {kind: status-led, parameters: {light: red}}
  - {kind: park, patient: true}
"""


def _only(folder: Path, text: str) -> sequences.CommandSequence:
    (folder / "one.yaml").write_text(text, encoding="utf-8")
    [found] = sequences.library(folder)
    return found


def test_a_file_becomes_its_commands_in_order(tmp_path: Path) -> None:
    found = _only(tmp_path, GOOD)
    assert (found.complaint, found.written is None) == (None, False)
    steps = found.written.steps if found.written else ()
    assert [(step.kind, step.patient) for step in steps] == [("status-led", False), ("park", True)]
    assert steps[0].parameters == {"light": "red"}


def test_a_changed_file_is_another_version(tmp_path: Path) -> None:
    before = _only(tmp_path, GOOD).version
    assert _only(tmp_path, GOOD).version == before
    assert _only(tmp_path, GOOD.replace("red", "green")).version != before


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("kind: park", "kind: fly", "line 5, steps.1.kind: there is no kind of command fly"),
        ("kind: park", "kind: factory-reset", "wants a typed word"),
        ("light: red", "light: pink", "line 4, steps.0.parameters.light"),
        ("light: red", "colour: red", "line 4, steps.0.parameters.colour"),
        ("title: {de: Leuchten, en: Lamps}", "", "title: is missing"),
        ("patient: true", "pateint: true", "line 5, steps.1.pateint"),
        ("steps:", "steps: [", "line 4: this is no YAML"),
        ("steps:", "only: [prod]\nsteps:", "line 3, only.0"),
        ("steps:", "only: []\nsteps:", "line 3, only"),
        ("steps:", "only:\nsteps:", "line 3, only"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(
    tmp_path: Path, old: str, new: str, named: str
) -> None:
    found = _only(tmp_path, GOOD.replace(old, new))
    assert found.complaint
    assert named in found.complaint.en
    assert found.written is None


BROKEN = ["", "[]", "title: x", "!!python/object/apply:os.system [ls]"]
STUMBLED = ["[" * 20_000, "!!timestamp 'x'", "!!bool 'x'"]
"""The reader of YAML raises something of its own for each of these."""


@pytest.mark.parametrize("text", [*BROKEN, *STUMBLED])
def test_any_other_file_is_refused_and_nothing_in_it_is_run(tmp_path: Path, text: str) -> None:
    assert _only(tmp_path, text).complaint


def test_a_file_too_large_or_unreadable_spoils_no_other(tmp_path: Path) -> None:
    (tmp_path / "large.yaml").write_text("#" * (sequences.MAX_SEQUENCE_BYTES + 1))
    (tmp_path / "folder.yaml").mkdir()
    (tmp_path / "good.yml").write_text(GOOD, encoding="utf-8")
    found = {one.name: bool(one.complaint) for one in sequences.library(tmp_path)}
    assert found == {"folder": True, "good": False, "large": True}


def test_no_folder_holds_no_sequence(tmp_path: Path) -> None:
    assert sequences.library(None) == sequences.library(tmp_path / "nowhere") == []


async def test_a_sequence_is_run_from_its_card_and_names_its_version(
    pages: Pages, tmp_path: Path
) -> None:
    (tmp_path / "lamps.yaml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "wrong.yaml").write_text("title: 1", encoding="utf-8")
    settings = pages.people.settings.model_copy(update={"ui_sequences": tmp_path})
    pages.people.settings = settings
    floor(pages)
    await pages.user.open("/mock/steering/free")
    await pages.user.should_see("Unusable: line 1, title")
    pages.user.find(marker="sequence-lamps").click()
    pages.user.find(marker="send-batch").click()
    await asyncio.sleep(0.05)
    [command] = pages.inboxes["mock"].commands
    [lamps] = [one for one in sequences.library(tmp_path) if one.name == "lamps"]
    given = command.parameters
    assert command.kind == "sequence-start"
    assert (given["name"], given["version"]) == ("lamps", lamps.version)
    assert [step["kind"] for step in given["steps"]] == ["status-led", "park"]
    assert given["steps"][0]["read"]


@pytest.mark.parametrize(("only", "sent"), [("[mock]", True), ("live", False)])
async def test_a_file_runs_only_on_the_kinds_of_factories_it_names(
    pages: Pages, tmp_path: Path, only: str, *, sent: bool
) -> None:
    (tmp_path / "lamps.yaml").write_text(f"only: {only}{GOOD}", encoding="utf-8")
    settings = pages.people.settings.model_copy(update={"ui_sequences": tmp_path})
    pages.people.settings = settings
    floor(pages)
    await pages.user.open("/mock/steering/free")
    pages.user.find(marker="sequence-lamps").click()
    said = "is meant for: simulated" if sent else "here only: real factory. This factory is: simul"
    await pages.user.should_see(said)
    pages.user.find(marker="send-batch").click()
    await asyncio.sleep(0.05)
    given = [one.parameters["only"] for one in pages.inboxes["mock"].commands]
    assert given == ([["mock"]] if sent else [])


async def test_without_a_folder_the_page_says_what_would_fill_it(pages: Pages) -> None:
    await pages.user.open("/mock/steering/free")
    await pages.user.should_see("none is named (OMF_UI_SEQUENCES)")
