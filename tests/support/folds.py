"""Each recording folded once, for all tests that compare it with its ground truth."""

from datetime import datetime
from functools import cache

import pytest

from omf.state import FactoryState
from tests.support.shared import RECORDINGS, recording

every_recording = pytest.mark.parametrize("name", RECORDINGS)


@cache
def folded(name: str) -> FactoryState:
    """The factory at the end of a recording."""
    state = FactoryState()
    for message in recording(name):
        state.apply(message, message.received_at)
    return state


def seconds(stamp: str) -> float:
    """A time stamp of the factory in Unix seconds."""
    return datetime.fromisoformat(stamp).timestamp()
