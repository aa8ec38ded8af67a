"""Manual orders in brackets: one orderId, rising orderUpdateId, each step after the one before.

    WorkflowOrderManager()                       frozen; every decision gives a new one and events
    .open(id, plan, now)                         the first step is released (or waits for a person)
    .release(id, now)                            a person lets the waiting step go
    .acknowledged(id, step, now)                 the broker has the step: its window begins
    .not_sent(id, step, now, reason)             it never left: the bracket stops
    .observe(message, now)                       FINISHED, FAILED, a foreign order, a reset
    .tick(now)                                   silence beyond the window
    .cancel(id, now)                             no further step
    .resume(now)                                 after a restart
    interruption(bracket, message)               a foreign order or a reset, on its own

Pure; the state round-trips through JSON (PROTOCOL C.17 to C.21, F.8, F.9, F.12, F.24).
"""

from omf.workflow.bracket import Bracket, Event, EventType, Phase, Reason
from omf.workflow.disturbance import interruption
from omf.workflow.orders import BracketError, Decided, WorkflowOrderManager

__all__ = [
    "Bracket",
    "BracketError",
    "Decided",
    "Event",
    "EventType",
    "Phase",
    "Reason",
    "WorkflowOrderManager",
    "interruption",
]
