"""Runs a command that dies with its parent: `pdeathsig_exec.py PARENT_PID COMMAND...`.

A supervisor that is SIGKILLed cannot stop its children. Linux does it instead: the death signal
asked for here survives exec, so it reaches the server itself, which knows nothing of us.
Elsewhere the command runs without it. Only the standard library: it runs under `python -I -S`.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
"""From <sys/prctl.h>."""


def main() -> None:
    """Become the command; exits 1 at once when the parent is already gone."""
    parent, command = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL))
    # 1. we are forked, 2. the parent is killed, 3. we ask for the signal: it never comes.
    if os.getppid() != parent:
        sys.exit(1)
    os.execvp(command[0], command)  # noqa: S606 - the command is the supervisor's own, no shell


if __name__ == "__main__":
    main()
