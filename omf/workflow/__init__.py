"""Manual orders in brackets: whose device it is, and what takes it away from us.

    Bracket(device, order_id, steps)             several steps on one device under one orderId
    interruption(bracket, message)               a foreign order or a reset, or None

The course of a bracket is the course of any command: `services/orders/progress.py`. Pure
(PROTOCOL C.17 to C.21, F.8, F.9, F.12, F.24).
"""

from omf.workflow.bracket import Bracket, Reason
from omf.workflow.disturbance import Interruption, interruption

__all__ = ["Bracket", "Interruption", "Reason", "interruption"]
