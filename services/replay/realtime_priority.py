"""Real-time priority for the playing thread: it is woken first while a message has a due time."""

import os
from contextlib import suppress

LOWEST_REALTIME = 1
"""The lowest real-time priority: before everything ordinary, behind everything that is not.

With four times more to do than cores, the 99th percentile of the timing error is 0.6 ms with it
and 8 to 24 ms without.
"""


def set_realtime_priority(*, paced: bool) -> None:
    """Ask for the calling thread, or give it back at maximum speed, which would hog a core.

    Who may not (no CAP_SYS_NICE, or another system than Linux) goes on as before.
    """
    with suppress(OSError, AttributeError):
        policy = os.SCHED_RR if paced else os.SCHED_OTHER
        os.sched_setscheduler(0, policy, os.sched_param(LOWEST_REALTIME if paced else 0))
