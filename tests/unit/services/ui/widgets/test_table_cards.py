"""A row on a phone is a card with room for all its cells, each short one named."""

from services.ui.widgets.table import OPTIONS, WRAPPED, column
from services.ui.widgets.table_cards import NOT_ON_CARDS, card_options

SHORT = column("time", "Time", 90)
TEXT = column("what", "Alarm", **WRAPPED)
ORDER = column("at", "", 1, hide=True)


def height(*columns: dict[str, object]) -> int:
    told: str = card_options(columns)[":rowHeight"]
    return int(told.partition("? ")[2].partition(" :")[0])


def test_a_card_has_a_line_for_short_cells_and_lines_of_its_own_for_each_text() -> None:
    assert height(SHORT) == height(SHORT, SHORT) < height(SHORT, SHORT, SHORT)
    assert height(SHORT, TEXT) - height(SHORT) == 44
    assert height(SHORT, column("topic", "Topic")) - height(SHORT) == 22
    assert height(SHORT, ORDER) == height(SHORT), "what only orders the rows takes no room"
    aside = column("part", "Entry", 110, cellClass=NOT_ON_CARDS)
    assert height(SHORT, SHORT, aside) == height(SHORT, SHORT)


def test_each_cell_brings_the_name_of_its_column_and_keeps_its_class() -> None:
    made = card_options([column("size", 'Size "B"', 60, cellClass="cell-mono"), TEXT])
    size, what = made["columnDefs"]
    assert size["cellStyle"] == {"--name": "\"Size 'B' \""}
    assert size["cellClass"] == ["cell-mono", "card-short"]
    assert what["cellClass"] == ["cell-wrap", "card-text"]


def test_a_number_stands_on_the_right_whatever_class_its_cell_has() -> None:
    """The class of a column takes the place of the one its type brings."""
    made = card_options([column("size", "Size", 60, type="rightAligned"), TEXT])
    size, what = made["columnDefs"]
    assert size["cellClass"] == ["ag-right-aligned-cell", "card-short"]
    assert "ag-right-aligned-cell" not in what["cellClass"]


def test_a_text_takes_as_many_lines_as_it_needs_only_where_rows_are_rows() -> None:
    (what,) = card_options([TEXT])["columnDefs"]
    assert what["wrapText"]
    assert "autoHeight" not in what
    assert what[":autoHeight"] == '!matchMedia("(max-width: 700px)").matches'
    assert not OPTIONS.keys() & card_options([TEXT]).keys()
