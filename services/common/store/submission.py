"""How a command comes to orders, whoever asks: by one script, which turns away what is too much.

While orders is asked for more than it can do, it publishes how often a person may ask
(services/orders/throttle.py). What is beyond that ends here and costs orders nothing.
"""

from collections.abc import Callable, Sequence
from importlib.resources import files
from typing import Any

from omf.commands import CONTROLS, KINDS
from services.common.store.entries import DATA, encode, text
from services.common.store.errors import StoreError
from services.common.store.keys import Command

SUBMIT = files(__package__).joinpath("submit.lua").read_text("utf-8")
THROTTLE = "throttle"
"""Milliseconds between two commands of a person; gone while everything is taken on."""
THROTTLE_COUNTS = "throttle:counts"
"""Commands that passed, and that were refused, while there was a throttle."""
FULL_BUCKET = 3
"""What somebody presses in a row who did not ask for a while."""
MAX_RETRY_AFTER_S = 10


class TooBusyError(StoreError):
    """More is asked for than can be done in time; nothing was sent, and nothing is kept of it."""

    def __init__(self, retry_s: int) -> None:
        super().__init__(f"too busy, nothing was sent; ask again in {retry_s} s")
        self.retry_s = retry_s
        """When the same person may ask again."""


def submit_keys(key: Callable[[str], str], command_id: str) -> list[str]:
    """Keys of the script; `key` makes a full one of a name."""
    names = ("commands", f"command:{command_id}", "throttle", "throttle:people", "throttle:counts")
    return [key(name) for name in names]


def submit_args(command: Command) -> list[str]:
    """What the script is told of a command."""
    kind = KINDS.get(command.kind) or CONTROLS.get(command.kind)
    in_any_case = kind is not None and kind.taken_in_any_case
    limits = (str(FULL_BUCKET), str(MAX_RETRY_AFTER_S))
    return [encode(command)[DATA], command.operator, str(int(in_any_case)), *limits]


def entry_id(answer: Sequence[Any]) -> str:
    """The entry that the script wrote; TooBusyError if it wrote none."""
    said, found = answer
    if said == b"busy":
        raise TooBusyError(int(found))
    return text(found)
