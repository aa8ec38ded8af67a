"""Facts of the sessions in the folder of the station: one small file beside each session."""

from functools import lru_cache
from pathlib import Path

from pydantic import ValidationError

from omf.analysis.session_facts import SessionFacts
from services.common.sessions.session_folder import SESSION_SUFFIX

FACTS_SUFFIX = ".facts.json"
CACHED_FACTS = 256


def facts_path(session: Path) -> Path:
    """Where the facts of a session file lie."""
    return session.with_name(session.name.removesuffix(SESSION_SUFFIX) + FACTS_SUFFIX)


def read_facts(session: Path) -> SessionFacts | None:
    """The facts of a session file; None while they are not known, or are of an older file."""
    path = facts_path(session)
    try:
        made, of = path.stat().st_mtime_ns, session.stat().st_mtime_ns
    except OSError:
        return None
    return _read(path, made) if made >= of else None


@lru_cache(maxsize=CACHED_FACTS)
def _read(path: Path, _made: int) -> SessionFacts | None:
    try:
        return SessionFacts.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None


def write_facts(session: Path, facts: SessionFacts) -> None:
    """Keep the facts of a session file; whole or not at all."""
    path = facts_path(session)
    part = path.with_name(f"{path.name}.part")
    part.write_text(facts.model_dump_json(), "utf-8")
    part.replace(path)
