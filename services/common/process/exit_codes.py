"""What the number says with which one of our processes ended; docs/runbook.md names them."""

from enum import IntEnum


class ExitCode(IntEnum):
    """The same for every service."""

    STOPPED = 0
    """Somebody asked it to end."""
    BROKEN = 1
    """A part of it failed; whoever watches starts it again."""
    BAD_SETTINGS = 2
    """A setting, or a file one names, is wrong: the log says which."""
    SUPERSEDED = 75
    """Another process has taken over its work."""
    UNFIT_STORE = 78
    """The store could forget what it is given."""
