"""Named places at which a test can kill a process, to prove that no such place is a bad one.

`OMF_FAILPOINT=<name>` kills at the first pass, `<name>:<n>` at the n-th. Without it: nothing.
"""

import os
import signal

_NAME, _, _PASS = os.environ.get("OMF_FAILPOINT", "").partition(":")
_left = int(_PASS or 1)


def failpoint(name: str) -> None:
    """Kill this process as `kill -9` would, if a test armed this place; else do nothing."""
    global _left  # noqa: PLW0603 - one armed place per process, counted where it is passed
    if name != _NAME:
        return
    _left -= 1
    if _left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
