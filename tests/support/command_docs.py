"""Writes docs/commands.md to standard output, from the examples the tests use."""

import sys

from omf.commands import CONTROLS, KINDS
from tests.support.command_examples import plan_of
from tools.command_reference import render


def command_docs() -> str:
    """Return the command reference with the example of every kind."""
    return render({kind: plan_of(kind) for kind in (*KINDS, *CONTROLS)})


if __name__ == "__main__":
    sys.stdout.buffer.write(command_docs().encode())
