"""The files are read when they change; a fault is named, the old stays, no secret is said."""

import logging
from pathlib import Path

import pytest

from services.notifications.receivers_file import ReceiversFileError, ReceiversLoader, load

RECEIVERS = """\
receivers:
  - {name: anna, addresses: [{name: hook, url: anna-hook}]}
"""
URLS = "# who: what\nanna-hook  json://user:geheim@localhost:1/path\n"


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    path, urls = tmp_path / "receivers.yaml", tmp_path / "urls"
    path.write_text(RECEIVERS, "utf-8")
    urls.write_text(URLS, "utf-8")
    return path, urls


def test_what_is_right_is_read_and_read_again_once_it_changed(files: tuple[Path, Path]) -> None:
    path, urls = files
    loader = ReceiversLoader(path, urls)
    loader.step()
    assert loader.current
    assert loader.fault is None
    first = loader.current
    loader.step()
    assert loader.current is first
    path.write_text(RECEIVERS.replace("name: anna,", "name: bert,"), "utf-8")
    loader.step()
    assert [one.name for one in loader.current.file.receivers] == ["bert"]


def test_a_fault_is_named_and_the_old_stays(
    files: tuple[Path, Path], caplog: pytest.LogCaptureFixture
) -> None:
    path, urls = files
    loader = ReceiversLoader(path, urls)
    loader.step()
    first = loader.current
    path.write_text(RECEIVERS.replace("addresses", "address"), "utf-8")
    with caplog.at_level(logging.INFO):
        loader.step()
        loader.step()
    assert loader.current is first
    assert loader.fault
    assert "line 2" in loader.fault.en
    assert "receivers.0.address" in loader.fault.de
    assert len([one for one in caplog.records if one.levelname == "ERROR"]) == 1
    path.write_text(RECEIVERS, "utf-8")
    loader.step()
    assert loader.fault is None


def test_a_calendar_that_changes_is_read_again(files: tuple[Path, Path]) -> None:
    path, urls = files
    calendar = path.with_name("shift.ics")
    path.write_text(f"calendars: {{shift: shift.ics}}\n{RECEIVERS}", "utf-8")
    loader = ReceiversLoader(path, urls)
    loader.step()
    assert loader.fault
    assert "shift.ics" in loader.fault.en
    calendar.write_text("BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\nEND:VCALENDAR\n", "utf-8")
    path.touch()
    loader.step()
    assert loader.fault is None
    calendar.write_text("BEGIN:VCALENDAR\nVERSION:2.0\n", "utf-8")
    loader.step()
    assert loader.fault
    assert "shift" in loader.fault.en


@pytest.mark.parametrize(
    ("urls", "said"),
    [
        ("anna-hook\n", "line 1"),
        ("\nanna-hook json:/geheim\n", "line 2"),
        ("anna-hook geheim://geheim\n", "line 1"),
        ("anna-hook mailto://localhost?to=a@geheim.org,b@geheim.org\n", "line 1"),
        (URLS + "anna-hook json://geheim\n", "line 3"),
        ("bert json://geheim\n", "anna-hook"),
    ],
)
def test_no_word_of_a_secret_is_said(files: tuple[Path, Path], urls: str, said: str) -> None:
    files[1].write_text(urls, "utf-8")
    with pytest.raises(ReceiversFileError) as found:
        load(*files)
    assert said in str(found.value)
    for language in ("de", "en", "fr"):
        assert "geheim" not in found.value.text.in_(language)


def test_an_address_in_the_file_of_receivers_is_refused_without_being_said(
    files: tuple[Path, Path],
) -> None:
    address = "mailto://anna:pa55word@mail.example.org"
    files[0].write_text(RECEIVERS.replace("anna-hook", address), "utf-8")
    with pytest.raises(ReceiversFileError, match="line 2") as found:
        load(*files)
    for language in ("de", "en", "fr"):
        assert "pa55word" not in found.value.text.in_(language)


def test_an_address_without_a_file_of_addresses_says_which_setting_is_missing(
    files: tuple[Path, Path],
) -> None:
    with pytest.raises(ReceiversFileError, match="OMF_NOTIFICATIONS_URLS"):
        load(files[0], None)


def test_what_was_loaded_shows_no_address(files: tuple[Path, Path]) -> None:
    assert "geheim" not in repr(load(*files))


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(ReceiversFileError, match=r"receivers\.yaml"):
        load(tmp_path / "receivers.yaml", None)
