"""`python -m services.replay.report SESSION OUT LANGUAGE`: the report, by a process of its own.

Exit 1 with the reason on stderr when the session cannot be read to its end or holds nothing.
"""

import sys
from pathlib import Path

from omf.analysis import EmptySessionError, analyse
from services.common.session_files import SessionError, read, stamped
from services.replay.report.page import write


def main(session: str, out: str, language: str) -> int:
    """Write the report; the exit code."""
    path = Path(session)
    try:
        result = analyse(list(stamped(read(path))))
    except (SessionError, EmptySessionError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    write(Path(out), path.name, result, language=language)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
