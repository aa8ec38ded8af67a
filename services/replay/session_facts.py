"""Has the facts of each session in the folder read from it, by a process apart.

`python -m services.replay.session_facts SESSION` reads one and writes its facts beside it.
"""

import asyncio
import logging
import os
import sys
from pathlib import Path

from omf.analysis.session_facts import session_facts
from services.common.sessions.facts_files import read_facts, write_facts
from services.common.sessions.files import SessionError, read, stamped
from services.common.sessions.session_folder import SessionFolder

LIBRARY_LOOK_S = 2.0
FACTS_LIMIT_S = 900.0
"""A day of a busy factory takes some minutes."""
FACTS_NICE = 10
"""Whoever plays a session is served first."""

_log = logging.getLogger(__name__)


class FactsKeeper:
    """Reads one session after the other that has no facts yet; each once."""

    def __init__(self, library: SessionFolder) -> None:
        self._library = library
        self._tried: set[tuple[Path, int]] = set()

    async def run(self) -> None:
        """Look for new sessions for ever."""
        while True:
            for session in self._due():
                await self._read(session)
            await asyncio.sleep(LIBRARY_LOOK_S)

    def _due(self) -> list[Path]:
        found = []
        for name in self._library.names():
            session = self._library.path(name)
            try:
                key = session, session.stat().st_mtime_ns
            except OSError:
                continue
            if key not in self._tried and read_facts(session) is None:
                self._tried.add(key)
                found.append(session)
        return found

    async def _read(self, session: Path) -> None:
        made = await asyncio.create_subprocess_exec(
            sys.executable, "-m", __name__, str(session), stderr=asyncio.subprocess.PIPE
        )
        try:
            _, said = await asyncio.wait_for(made.communicate(), FACTS_LIMIT_S)
        except (TimeoutError, asyncio.CancelledError) as stopped:
            made.kill()
            await made.wait()
            if isinstance(stopped, asyncio.CancelledError):
                raise
            _log.warning("reading a session took too long", extra={"session": session.name})
            return
        if made.returncode:
            why = said.decode(errors="replace").strip()[-300:]
            _log.warning("no facts of a session", extra={"session": session.name, "why": why})


def main(session: Path) -> int:
    """Write the facts of one session; the exit code, 1 where it cannot be read or written."""
    os.nice(FACTS_NICE)
    try:
        facts = session_facts(stamped(read(session)))
        if facts is not None:
            write_facts(session, facts)
    except (SessionError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
