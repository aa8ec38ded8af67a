"""What a bench or a script needs is looked for before it begins: nobody waits for what cannot be.

`require` ends the program with exit code 2 and one line for each thing that is missing, with how to
get it.
"""

import sys
from collections.abc import Callable
from typing import NamedTuple, NoReturn

from services.supervisor import engines
from tests.support import shared

MISSING = 2


class Need(NamedTuple):
    """One thing; `missing` says in words that it is not there, "" that it is."""

    missing: Callable[[], str]
    mend: str


def recordings(*names: str) -> Need:
    """The recorded traffic of the factory: these recordings, or any."""

    def missing() -> str:
        absent = [name for name in names if name not in shared.RECORDINGS]
        if shared.RECORDINGS and not absent:
            return ""
        what = (
            f"the recordings {', '.join(absent)} are" if absent else "recordings (*.jsonl.gz) are"
        )
        return f"{what} not in {shared.FOLDER / 'recordings'}"

    return Need(missing, "set OMF_SHARED to the folder that holds recordings/ and protocol/")


def installed(name: str, package: str) -> Need:
    """A program of this machine."""
    found = engines.program(name)
    return Need(
        lambda: "" if found else f"the program {name} is not installed",
        f"install the package {package}, e.g. `apt-get install {package}`",
    )


def server(part: str) -> Need:
    """A store or a broker that can be started here."""
    found = engines.stores() if part == "store" else engines.brokers()
    text, mend = engines.mend(part)
    return Need(lambda: "" if found else text, mend)


def require(what: str, *needs: Need) -> None:
    """Return if all is there; else say what is not and how to get it, and end."""
    lacking = [(text, need.mend) for need in needs if (text := need.missing())]
    if lacking:
        _refuse(what, lacking)


def _refuse(what: str, lacking: list[tuple[str, str]]) -> NoReturn:
    for text, mend in lacking:
        sys.stderr.write(f"{what}: {text}; mend: {mend}\n")
    raise SystemExit(MISSING)
