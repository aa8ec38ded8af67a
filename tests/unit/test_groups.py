"""Tests of a group run on one worker: else each worker starts the whole system of the group."""

import os

import pytest


@pytest.mark.xdist_group("workers")
def test_the_group_of_a_test_is_known_to_the_workers(request: pytest.FixtureRequest) -> None:
    alone = "PYTEST_XDIST_WORKER" not in os.environ
    assert alone or request.node.nodeid.endswith("@workers")
