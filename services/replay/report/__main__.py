"""`python -m services.replay.report OUT LANGUAGE SESSION [OTHER]`: the report, by a process apart.

Exit 1 with the reason on stderr when a session cannot be read to its end or holds nothing.
"""

import sys
from pathlib import Path
from typing import cast

from omf.analysis import Analysis, EmptySessionError, analyse, compare
from omf.messages.printable import escaped
from omf.texts import Language
from services.common.sessions.files import SessionError, read, stamped
from services.replay.report.page import write


def main(out: str, language: Language, session: str, other: str = "") -> int:
    """Write the report, held against the other session if there is one; the exit code."""
    paths = [Path(one) for one in (session, other) if one]
    try:
        result, *others = [_analysis(path) for path in paths]
    except (SessionError, EmptySessionError) as error:
        sys.stderr.write(f"{escaped(str(error))}\n")
        return 1
    held = (paths[1].name, compare(result, others[0])) if others else None
    write(Path(out), paths[0].name, result, language=language, comparison=held)
    return 0


def _analysis(path: Path) -> Analysis:
    return analyse(list(stamped(read(path))))


if __name__ == "__main__":
    _out, _language, *_sessions = sys.argv[1:5]
    sys.exit(main(_out, cast("Language", _language), *_sessions))
