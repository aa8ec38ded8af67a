"""The refusal that says when to ask again: its id, which names the seconds, and how to read it."""

from collections.abc import Iterable

from services.common.store.keys import Reason

TOO_BUSY = "too-busy"
"""Id of the reason, before the seconds."""


def busy_id(retry_s: int) -> str:
    """The id of a refusal for want of time: nothing was sent, ask again in so many seconds."""
    return f"{TOO_BUSY}:{retry_s}"


def retry_after_s(why: Iterable[Reason]) -> int | None:
    """When to ask again, in seconds, if one of the reasons is that too much was asked for."""
    for one in why:
        name, _, seconds = one.id.partition(":")
        if name == TOO_BUSY:
            return int(seconds) if seconds.isdecimal() else 1
    return None
