"""The figures of a process as they stand at /metrics; what it did not tell is unknown."""

import pytest

from services.common.process.figures import read_figures

PAGE = """# HELP process_start_time_seconds Start time of the process since unix epoch in seconds.
# TYPE process_start_time_seconds gauge
process_start_time_seconds 1.7860000005e+09
# TYPE omf_log_lines_total counter
omf_log_lines_total{level="warning"} 3.0
omf_log_lines_total{level="error",text="a } \\" 9"} 2.0
# TYPE omf_build_info gauge
omf_build_info{version="1.2",python="3.11"} 1.0
"""


def test_figures_are_summed_over_their_labels() -> None:
    figures = read_figures(PAGE)
    assert figures.started_at == 1_786_000_000.5
    assert figures.sums["omf_log_lines_total"] == 5.0
    assert figures.version == "1.2"


@pytest.mark.parametrize("page", ["", "not found", '{"wrong": []}', "<html></html>", "# TYPE a"])
def test_of_a_page_that_is_no_prometheus_text_nothing_is_known(page: str) -> None:
    assert read_figures(page) == ({}, None, None)


def test_of_a_page_cut_short_counts_what_is_whole() -> None:
    assert read_figures(PAGE[: PAGE.index("omf_build_info{") + 20]).sums["omf_log_lines_total"] == 5
    assert read_figures(PAGE[:-40]).version is None
