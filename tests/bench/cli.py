"""How long a person waits for `omf`: `python -m tests.bench.cli`, result in build/bench/cli.json.

Each command is a process of its own, the imports and all, against a running mock system; `python
-c pass` stands beside it, for no command can be faster than that.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench.needs import require, server
from tests.bench.report import Row, row, seconds, write
from tests.support.processes import ROOT
from tests.support.system import System, environment

RUNS = 11
LIMITS_S = {
    ("--help",): 0.3,
    ("status",): 0.6,
    ("send", "--list"): 0.6,
    ("tail", "-n", "1", "--no-follow"): 0.6,
}
"""The median wanted on a quiet machine."""


def measure(words: tuple[str, ...], *options: str) -> Row:
    """The whole time of a process, several times."""
    command = [sys.executable, *words, *options]

    def work() -> None:
        subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, check=False)

    name = " ".join(words).replace("-m services.cli", "omf")
    return row(name, "s", [seconds(work) for _ in range(RUNS)])


def main() -> None:
    """Time every command against one running system."""
    require("bench-cli", server("store"), server("broker"))
    with tempfile.TemporaryDirectory() as folder:
        system = System(Path(folder) / "data", "--environments", "mock")
        try:
            system.start()
            rows = [measure(("-c", "pass"))]
            for words in LIMITS_S:
                asks = words[0] in {"status", "tail"}
                told = ("--run", str(system.data)) if asks else ()
                rows.append(measure(("-m", "services.cli", *words), *told))
        finally:
            system.close()
    measured = dict(zip(LIMITS_S, (one["value"] for one in rows[1:]), strict=True))
    shares = {f"omf {' '.join(w)} of its limit": measured[w] / LIMITS_S[w] for w in LIMITS_S}
    write("cli", rows, shares)


if __name__ == "__main__":
    main()
