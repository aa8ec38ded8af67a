"""A stop that is asked for twice at once is one stop, and nothing interrupts it."""

import os
import signal

from services.supervisor.instance_lock import STOP_SIGNALS, stoppable


def test_two_signals_at_once_are_one_stop() -> None:
    put_away, before = list[int](), signal.getsignal(signal.SIGINT)
    with stoppable():
        try:
            signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
            for name in STOP_SIGNALS:
                os.kill(os.getpid(), name)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
        finally:
            for count in range(1000):
                put_away.append(count)
    assert len(put_away) == 1000
    assert signal.getsignal(signal.SIGINT) is before
