"""What the commands print: data on stdout, everything else on stderr, a failure as one sentence.

Every text passes here, and much of it holds words of the factory: whatever could steer a terminal
or forge a line is shown as an escape.
"""

import asyncio
import os
import sys
from collections.abc import Coroutine, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn

import typer
from pydantic import ValidationError

from omf.messages.printable import escaped, json_text
from services.common.store.environments import FactoriesError
from services.common.store.errors import StoreError
from services.supervisor.engines import ServerMissingError
from services.supervisor.runfile import NotRunningError
from services.supervisor.up_options import UnfitError

MAX_DAMAGED_LINES = 20
"""Damaged lines of a file named one by one; the rest is counted."""
EXIT_FAILED, EXIT_USAGE, EXIT_DIFFERENT, EXIT_INTERRUPTED = 1, 2, 3, 130
"""Ends of a command that is not simply done; different: what was compared is not the same."""
USAGE = (UnfitError, ServerMissingError, FactoriesError)


def finish(work: Coroutine[Any, Any, None]) -> None:
    """Run one command to its end; what is known to go wrong ends in a sentence and a code."""
    with told():
        asyncio.run(work)


@contextmanager
def told() -> Iterator[None]:
    """Known failures inside the block become one line on stderr and an exit code."""
    try:
        yield
    except KeyboardInterrupt:
        raise typer.Exit(EXIT_INTERRUPTED) from None
    except BrokenPipeError:
        # `omf tail | head`: the reader had enough; nothing may be flushed into its pipe later.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(0) from None
    except USAGE as error:
        usage(str(error))
    except ValidationError as error:
        first, *more = str(error).split("\n")
        fail(first, more=more)
    except (StoreError, NotRunningError, OSError) as error:
        fail(str(error))


def say(*lines: str) -> None:
    """Progress and remarks: stderr."""
    typer.echo("\n".join(map(escaped, lines)), err=True)


def show(*lines: str) -> None:
    """Data for people: stdout, at once; each text is one line, whatever it holds."""
    print("\n".join(map(escaped, lines)), flush=True)  # noqa: T201 - this is what a command line is for


def data(row: Any) -> None:
    """One JSON value on one line of stdout, at once."""
    show(json_text(row, separators=(",", ":")))


def fail(text: str, code: int = EXIT_FAILED, *, more: Sequence[str] = ()) -> NoReturn:
    """Say why on stderr, in `more` lines if it takes them, and end with `code`."""
    say(f"omf: {text}", *more)
    raise typer.Exit(code)


def usage(text: str) -> NoReturn:
    """End as wrong usage does: exit code 2."""
    fail(text, EXIT_USAGE)


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Columns as wide as their widest cell; on a terminal no wider than that, cells are folded."""
    cells = [tuple("" if c is None else escaped(str(c)) for c in row) for row in rows]
    if sys.stdout.isatty():
        _fitted(head, cells)
        return
    widths = [max(map(len, column)) for column in zip(head, *cells, strict=True)]
    for row in (head, *cells):
        pairs = zip(row, widths, strict=True)
        show("  ".join(cell.ljust(width) for cell, width in pairs).rstrip())


def _fitted(head: Sequence[str], cells: Sequence[Sequence[str]]) -> None:
    from rich.console import Console  # noqa: PLC0415 - a pipe needs none of it
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    grid = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in head:
        grid.add_column(name, overflow="fold")
    for row in cells:
        grid.add_row(*map(Text, row))  # as text: what the factory says is never markup
    Console(highlight=False).print(grid)
