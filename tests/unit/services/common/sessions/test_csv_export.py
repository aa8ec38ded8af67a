"""Records for a spreadsheet: one record each, no formula, numbers as numbers, opened right."""

import csv
import io

import pytest

from services.common.sessions import csv_export


def _read(*cells: str | float) -> list[str]:
    text = csv_export.head(["a"]) + csv_export.record(cells)
    _, record = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    return record


@pytest.mark.parametrize("line_break", ["\n", "\r", "\r\n", "\n\n=1+1\n"])
def test_text_with_line_breaks_is_one_cell_of_one_record(line_break: str) -> None:
    assert _read(f"a{line_break}b", 1) == [f"a{line_break}b", "1"]


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+SUM(1)",
        "-2+3",
        "@cmd",
        "\t=1",
        "\r=1",
        "\n=1",
        "  =1",
        "\u00a0=1",
        "\u200b=1",
        "\ufeff=1",
        "＝1+1",
        "＋1+1",
        "－1+1",
        "＠cmd",
        " ＝1",
        "\x00=1",
        "-1e5x",
        "--1",
    ],
)
def test_no_cell_is_taken_for_a_formula(text: str) -> None:
    assert _read(text) == [f"'{text}"]


@pytest.mark.parametrize("text", ["-5", "+5", "-0.25", "1e400", "-1.5E-3", "9007199254740993"])
def test_numbers_stay_numbers(text: str) -> None:
    assert _read(text) == [text]


@pytest.mark.parametrize("text", ["", " ", "plain", "a=b", 'ü;"x",y', '{"a": "=1"}'])
def test_harmless_text_stays_as_it_is(text: str) -> None:
    assert _read(text) == [text]


def test_the_file_says_its_encoding_and_ends_its_lines_as_a_spreadsheet_expects() -> None:
    assert csv_export.head(["a", "b"]).encode() == b"\xef\xbb\xbfa,b\r\n"
