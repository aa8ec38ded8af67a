"""The same command given to the mock and to a simulation that begins where the mock stands."""

import os

import pytest

from tests.support.same_future import compared

FUTURES = int(os.environ.get("OMF_SAME_FUTURES", "8"))
"""200 take ten minutes; all of them are to be equal."""


@pytest.mark.parametrize("seed", range(FUTURES))
def test_both_end_in_the_same_orders_stock_and_positions(seed: int) -> None:
    mock, simulation = compared(seed)
    assert simulation == mock
