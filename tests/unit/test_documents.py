"""The files and names that the documents send a reader to are there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = ("README.md", "CONTRIBUTING.md", *(f"docs/{p.name}" for p in (ROOT / "docs").glob("*.md")))
DECISIONS = tuple(f"docs/adr/{p.name}" for p in (ROOT / "docs" / "adr").glob("*.md"))
PATH = re.compile(
    r"(?<![\w/.{-])(?!omf/mock/)(?:omf|services|deploy|docs|tests|tools)/[\w./<>@-]*[\w/>]"
)
"""Not the topics of the mock, which begin like a folder of ours."""
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
STOP = re.compile(r"^ *\d+\. `(\S+)` `([\w.]+)`", re.MULTILINE)
SOURCES = {
    p.name
    for top in ("omf", "services", "deploy", "tests", "tools")
    for p in (ROOT / top).rglob("*.*")
}
FILE = re.compile(r"`(?:[\w/]+/)?(\w+\.(?:py|lua))`")
OPEN = re.compile(r"<[^>]*>")


def _text(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def _there(name: str) -> bool:
    """Whether it is a file or folder; what stands in angle brackets may be anything."""
    return any(ROOT.glob(OPEN.sub("*", name).rstrip("/")))


@pytest.mark.parametrize("page", [*PAGES, *DECISIONS])
def test_every_path_a_document_names_is_there(page: str) -> None:
    assert sorted({name for name in PATH.findall(_text(page)) if not _there(name)}) == []


@pytest.mark.parametrize("page", [*PAGES, *DECISIONS])
def test_every_source_file_a_document_names_without_its_folder_is_there(page: str) -> None:
    assert sorted({name for name in FILE.findall(_text(page)) if name not in SOURCES}) == []


@pytest.mark.parametrize("page", [*PAGES, *DECISIONS])
def test_every_link_of_a_document_leads_to_a_file(page: str) -> None:
    folder = (ROOT / page).parent
    assert [name for name in LINK.findall(_text(page)) if not (folder / name).exists()] == []


def test_every_stop_on_the_way_of_a_message_and_a_command_is_defined_in_its_file() -> None:
    stops = STOP.findall(_text("docs/architecture.md"))
    assert len(stops) > 20
    missing = [
        (path, name)
        for path, name in stops
        for part in name.split(".")
        if not re.search(rf"\b(?:class|def) {part}\b", _text(path))
    ]
    assert missing == []


def test_a_path_that_is_not_there_is_found() -> None:
    assert PATH.findall("see `omf/nowhere.py` and services/ui/x/<noun>/page.py.") == [
        "omf/nowhere.py",
        "services/ui/x/<noun>/page.py",
    ]
    assert not _there("omf/nowhere.py")
    assert _there("services/ui/features/<noun>/page.py")


def test_each_decision_has_a_number_of_its_own() -> None:
    numbers = [Path(page).name.split("-")[0] for page in DECISIONS]
    assert len(numbers) == len(set(numbers))
    headings = [_text(page).split(".", 1)[0].removeprefix("# ") for page in DECISIONS]
    assert [int(one) for one in numbers] == [int(one) for one in headings]
