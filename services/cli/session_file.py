"""The messages of a session file, for a command that looks at all of them."""

from pathlib import Path

from omf.messages.message import Message
from services.cli.output import fail, say, told
from services.common.sessions.files import Damaged, SessionError, read, stamped


def session_messages(path: Path) -> list[Message]:
    """Every message; says how many lines were damaged, and ends the command if it is no session."""
    with told():
        try:
            items = list(read(path))
            messages = list(stamped(items))
        except SessionError as error:
            fail(str(error))
    damaged = sum(isinstance(item, Damaged) for item in items)
    if damaged:
        say(f"{path}: {damaged} damaged lines were left out")
    return messages
